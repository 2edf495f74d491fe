/**
 * From a command as data to a running {@linkcode Child}: argv only and never a shell, three pipes, and an environment
 * that is built from nothing.
 *
 * Hold in mind: the child gets the variables named in `inheritEnv` and those in `env`, no others. The program is
 * looked up in the child's own PATH; without one, in the runtime's. Everything that {@linkcode spawn} needs is checked
 * by query beforehand, so Deno never stops to prompt.
 *
 * @module
 */
import { Child, type ChildOptions } from "./child.ts";
import {
  PermissionMissingError,
  ProgramNotExecutableError,
  ProgramNotFoundError,
  WorkingDirectoryError,
} from "./errors.ts";
import { ProcessGroup } from "./group.ts";
import { flagFor, isPath, missingPermissions, type Need, resolveProgram } from "./permit.ts";

/** A program to run, as plain data. */
export interface Command {
  /** A name to look up on PATH, or a path; a relative one is relative to `cwd`. */
  readonly program: string;
  /** Handed over as they are: nothing is split, expanded or quoted. */
  readonly args: readonly string[];
  /** The folder to run in; `undefined` for the runtime's own. */
  readonly cwd: string | undefined;
  /** Variables to set; they win over inherited ones. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables to pass on from the runtime's environment, where they are set. */
  readonly inheritEnv: readonly string[];
}

const WINDOWS = ["SYSTEMROOT", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA"];

/** What a child inherits unless told otherwise; on Windows also what a program needs to start at all. */
export const DEFAULT_INHERIT_ENV: readonly string[] = [
  ...["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER"],
  ...(Deno.build.os === "windows" ? WINDOWS : []),
];

/**
 * Each child leads a session and a process group of its own, so that a signal reaches all that it started, and the
 * Ctrl-C of a terminal reaches none of it: the order of stopping is the tree's. The price is the time of a start:
 * Deno has to copy itself for it, which takes 1 ms more in a small runtime, and 6 ms more for each 100 MB that it holds.
 */
const LEADS_GROUP = Deno.build.os !== "windows";

/**
 * A child with a variable that bends the dynamic linker could run anything: Deno then wants all of `--allow-run`, unless
 * the variable is set to nothing. `src/manifest/permissions.ts` has the same rule; a test holds both to what Deno does.
 */
const LINKER = /^\s*(LD|DYLD)_/i;

/** Every permission that {@linkcode spawn} will need for `command`, granted or not. */
export function needsOf(command: Command): Need[] {
  const inherited = command.inheritEnv.filter((name) => !Object.hasOwn(command.env, name));
  const set = Object.keys(command.env).filter((name) => command.env[name] !== "");
  const bendsLinker = [...inherited, ...set].some((name) => LINKER.test(name));
  const program = bendsLinker ? "" : resolveProgram(command.program, command.cwd);
  return [{ name: "run", value: program }, ...inherited.map((value) => ({ name: "env" as const, value }))];
}

/**
 * Starts `command`; the child is running when this returns. Call `readStdout` in the same turn.
 *
 * @throws {PermissionMissingError} naming every flag that is missing
 * @throws {ProgramNotFoundError} with the folders that were searched
 * @throws {ProgramNotExecutableError} if the system refuses to run the file
 * @throws {WorkingDirectoryError} if `cwd` is no folder
 */
export function spawn(command: Command, options: ChildOptions = {}): Child {
  const missing = missingPermissions(needsOf(command));
  if (missing.length > 0) {
    throw new PermissionMissingError(command.program, { missingFlag: missing.map(flagFor).join(" ") });
  }
  const env = environment(command);
  let process: Deno.ChildProcess;
  try {
    process = new Deno.Command(resolveProgram(command.program, command.cwd), {
      args: [...command.args],
      cwd: command.cwd,
      clearEnv: true,
      env,
      detached: LEADS_GROUP,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw explain(error, { command, env });
  }
  return new Child(process, LEADS_GROUP ? { group: new ProcessGroup(process.pid), ...options } : options);
}

function environment({ env, inheritEnv }: Command): Record<string, string> {
  const all: Record<string, string> = {};
  for (const name of inheritEnv) {
    const value = Object.hasOwn(env, name) ? undefined : Deno.env.get(name);
    if (value !== undefined) all[name] = value;
  }
  return Object.assign(all, env);
}

/** The typed error for what a start threw; what is not known here comes back as it is. */
function explain(error: unknown, started: { command: Command; env: Record<string, string> }): unknown {
  const { command, env } = started;
  const { program, cwd } = command;
  if (error instanceof Deno.errors.NotCapable) {
    const missingFlag = flagFor({ name: "run", value: resolveProgram(program, cwd) });
    return new PermissionMissingError(program, { missingFlag, cause: error });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new ProgramNotExecutableError(program, { cause: error });
  }
  if (!(error instanceof Deno.errors.NotFound)) return error;
  // The system answers alike for a missing program and a missing folder: look at the folder, if that is allowed.
  const folder = cwd === undefined ? "there" : look(cwd);
  if (cwd !== undefined && folder === "missing") {
    return new WorkingDirectoryError(program, { cwd, cause: error });
  }
  return new ProgramNotFoundError(program, {
    searched: isPath(program) ? [resolveProgram(program, cwd)] : searchPath(env),
    ...(folder === "unchecked" && cwd !== undefined ? { uncheckedCwd: cwd } : {}),
    cause: error,
  });
}

function look(folder: string): "there" | "missing" | "unchecked" {
  if (missingPermissions([{ name: "read", value: folder }]).length > 0) return "unchecked";
  try {
    return Deno.statSync(folder).isDirectory ? "there" : "missing";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return "missing";
    throw error;
  }
}

function searchPath(env: Record<string, string>): string[] {
  const readable = missingPermissions([{ name: "env", value: "PATH" }]).length === 0;
  const path = env.PATH ?? (readable ? Deno.env.get("PATH") : undefined);
  return path === undefined
    ? []
    : path.split(Deno.build.os === "windows" ? ";" : ":").filter((folder) => folder !== "");
}
