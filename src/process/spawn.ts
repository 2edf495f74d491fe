/**
 * Starts a command, given as data, as a {@linkcode SpawnedProcess}: argv only and never a shell, three pipes, and an
 * environment that is built from nothing.
 *
 * The child gets the variables named in `inheritEnv` and those in `env`, no others. The program is looked up in the
 * child's own PATH; without one, in the runtime's (`program_file.ts`). Every permission that {@linkcode spawn} needs is
 * queried beforehand, so Deno never prompts.
 */

import type { SpawnOptions } from "./child_process.ts";
import { SpawnedProcess } from "./child.ts";
import type { Command } from "./command.ts";
import { readEnvironment, variableFiles, variablesPassedOn } from "./environment.ts";
import { IdentityError, ProgramNotExecutableError, ProgramNotFoundError } from "./process_errors.ts";
import { ProcessGroup } from "./group.ts";
import { accountOf } from "./start/accounts.ts";
import { startLeader } from "./start/leader.ts";
import { findProgram, foldersOf, searchPath } from "../permissions/find_program.ts";
import { createRedactor } from "./secrets/mask.ts";
import { isPath, type RequiredPermission, resolveProgram } from "../permissions/permit.ts";
import { verifyChecksum } from "./checksum.ts";
import { programFiles } from "./start/program_file.ts";
import { requireStartPermissions } from "./start/start_permissions.ts";
import { explainEnd, explainStart } from "./start/failed/start_errors.ts";
import { runStartChecks } from "./start/start_check.ts";
import { inTerminal } from "./start/terminal.ts";
import { accountFiles, hasIdentity, launcherOf, launcherProgram } from "../options/launcher.ts";
import { startWarnings } from "./start/start_warnings.ts";

/**
 * Each child leads a session and a process group of its own, so that a signal reaches all that it started, and the
 * Ctrl-C of a terminal reaches none of it: the order of stopping is the tree's. Its cost: see `leader.ts`.
 */
const LEADS_GROUP = Deno.build.os !== "windows";

/**
 * A child with a variable that bends the dynamic linker could run anything: Deno then wants all of `--allow-run`, unless
 * the variable is set to nothing. `src/manifest/grants/permissions.ts` has the same rule; a test compares both with Deno.
 */
const LINKER = /^\s*(LD|DYLD)_/i;

/**
 * Lists every permission that {@linkcode spawn} needs for `command`, granted or not. The program of a command with a PATH
 * of its own is its file; where no folder of it may be read, and nothing is granted, every file that it may be.
 */
export function requiredForCommand(command: Command): RequiredPermission[] {
  const { env, inheritEnv, cwd } = command;
  const inherited = inheritEnv.filter((name) => !Object.hasOwn(env, name));
  const set = Object.keys(env).filter((name) => env[name] !== "");
  const isBent = [...inherited, ...set].some((name) => LINKER.test(name));
  const pin = command.sha256 === undefined ? [] : checksumCandidates(command);
  const [first = pin.length === 1 ? pin[0]! : command.program] = launcherProgram(command);
  const files = programFiles(first, command) ?? [];
  const run = isBent ? [""] : files.length > 0 ? files : [resolveProgram(first, cwd)];
  return [
    ...run.map((value) => ({ name: "run" as const, value })),
    ...[...variablesPassedOn(command), ...(searches(command) ? ["PATH"] : [])].map((value) => ({
      name: "env" as const,
      value,
    })),
    ...[...variableFiles(command), ...pin, ...accountFiles(command)].map((value) => ({
      name: "read" as const,
      value,
    })),
  ];
}

function bendsLinker(env: Readonly<Record<string, string>>): boolean {
  return Object.entries(env).some(([name, value]) => value !== "" && LINKER.test(name));
}

/** Whether the runtime's PATH is needed, to find the file of a program with a checksum. */
function searches({ program, sha256, env, inheritEnv }: Command): boolean {
  if (sha256 === undefined || isPath(resolveProgram(program)) || inheritEnv.includes("PATH")) return false;
  return typeof env.PATH !== "string";
}

/** Returns the file of a program with a checksum; every file that it might be, where none of them may be read. */
function checksumCandidates({ program, cwd, env }: Command): readonly string[] {
  const found = findProgram(program, { cwd, path: searchPath(env) });
  switch (found.state) {
    case "unknown":
      return found.unreadable;
    case "not_found":
      return [];
    default:
      return [found.path];
  }
}

/**
 * Starts `command`; the child is running when this returns. Call `readStdout` in the same turn.
 *
 * @throws {PermissionMissingError} naming every flag that is missing
 * @throws {SecretFileError} if a file of `env` can't be used
 * @throws {EnvFileError} if a file of `envFile` can't be used
 * @throws {VariableUnsetError} if a variable comes from one of the runtime that is not set
 * @throws {ProgramChangedError} if the program does not have its checksum
 * @throws {ProgramTooLargeError} if it has a checksum and is too large to be read before each start
 * @throws {ProgramUntrustedError} if another user could have exchanged the program, where that is checked
 * @throws {ProgramNotFoundError} with the folders that were searched
 * @throws {ProgramNotExecutableError} if the system refuses to run the file
 * @throws {WorkingDirectoryError} if `cwd` is not a folder
 * @throws {IdentityError} if it may not run as that user or group, or there is none of that name
 */
export function spawn(command: Command, options: SpawnOptions = {}): SpawnedProcess {
  if (Deno.build.os === "windows" && hasIdentity(command)) {
    throw new IdentityError(command.program, { ...command, why: "Windows has no such accounts" });
  }
  requireStartPermissions(command.program, requiredForCommand(command));
  const { uid, gid, variables } = accountOf(command.program, command);
  const { env, hidden, warnings } = readEnvironment({ ...command, instead: variables });
  const bends = bendsLinker(env);
  // A variable of a file was not known before it was read.
  if (bends) requireStartPermissions(command.program, [{ name: "run", value: "" }]);
  if (options.onWarning !== undefined) {
    for (const warning of [...startWarnings(command, env), ...warnings]) options.onWarning(warning);
  }
  const { files, args } = argvOf(withKnownPath(command, env));
  const stdin = command.stdin === "null" ? "null" : "piped";
  const others = { uid, gid, cwd: command.cwd, stdin, stdout: "piped", stderr: "piped" } as const;
  // Where there are several files, Deno finds out which one it is.
  const forks = files.length > 1 || (uid ?? gid) !== undefined || bends;
  const { process, hasGroup, refusal } = firstOf(files, (program) => {
    try {
      const inner = command.pty === true
        ? inTerminal(args, { script: program, command: { uid, gid }, env })
        : { args, env };
      return startLeader({ program, ...inner, forks, options: others });
    } catch (error) {
      throw explainStart(error, { command, env });
    }
  });
  return new SpawnedProcess(process, {
    ...(LEADS_GROUP && { group: new ProcessGroup(process.pid, undefined, { isThere: hasGroup }) }),
    ...options,
    hasStdin: stdin !== "null",
    refusal: (status, lastWords) =>
      explainEnd({ status, lastWords }, refusal?.(status, lastWords), { command, env }),
    redact: createRedactor(hidden),
  });
}

/** The command with the PATH that was read from a file, where it has one. */
function withKnownPath(command: Command, { PATH = "" }: Readonly<Record<string, string>>): Command {
  return typeof command.env.PATH === "object" ? { ...command, env: { ...command.env, PATH } } : command;
}

/**
 * Returns what is to be started, and with what: in a terminal, with the program and its arguments. Called right before the
 * start: it checks the file that is then run.
 */
function argvOf(command: Command): { files: readonly string[]; args: readonly string[] } {
  const { cwd, sha256 } = command;
  const around = { cwd, path: searchPath(command.env) };
  const program = sha256 === undefined
    ? resolveProgram(command.program, cwd)
    : verifyChecksum(command.program, { ...around, sha256 });
  const [first, ...before] = launcherOf(command) ?? [];
  runStartChecks(first === undefined ? [program] : [first, program]);
  if (first === undefined) return { files: started(program, command), args: command.args };
  // A launcher would notice a missing program only when it runs, and its exit would look like any other failure.
  const found = Deno.build.os === "windows" ? undefined : findProgram(program, around);
  if (found?.state === "not_found") {
    throw new ProgramNotFoundError(command.program, { searched: found.searched });
  }
  return { files: started(first, command), args: [...before, program, ...command.args] };
}

/** Returns the files that `program` may be, or the name that the system is to look up. */
function started(program: string, command: Command): readonly string[] {
  const files = programFiles(program, command) ?? [resolveProgram(program, command.cwd)];
  if (files.length === 0) {
    throw new ProgramNotFoundError(program, { searched: foldersOf(searchPath(command.env)) });
  }
  // A PATH that comes from a secret file was not known before it was read.
  requireStartPermissions(program, files.map((value) => ({ name: "run", value })));
  return files;
}

/** Tries each file as a PATH lookup does: one that is missing or not executable is skipped. */
function firstOf<Result>(files: readonly string[], start: (file: string) => Result): Result {
  for (const file of files.slice(0, -1)) {
    try {
      return start(file);
    } catch (error) {
      if (!(error instanceof ProgramNotFoundError || error instanceof ProgramNotExecutableError)) throw error;
    }
  }
  return start(files.at(-1)!);
}
