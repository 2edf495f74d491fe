/**
 * Starts a process as the leader of a session and a process group of its own.
 *
 * Used by `command.ts`. Deno's own way (`detached`) forks the runtime, which stands still meanwhile: some milliseconds,
 * and more of them the more memory it holds. Through `setsid`, where it may be run, a start takes the same at any size.
 *
 * The invariant: what can't be run is told by Deno's own start, at once and by name. Through `setsid` goes only what is
 * sure to run (`runnable.ts`); where that comes to nothing all the same, the next start of the file is Deno's own.
 *
 * @module
 */
import { dirname, normalize } from "node:path";
import type { ExitStatus } from "../child.ts";
import { isPath, missingPermissions, readVariable } from "../../permissions/permit.ts";
import { knownPlaces } from "./lookup.ts";
import { mayAnybodyRun, type NotRunnable, RunnableFiles, whyNotRunnable } from "./runnable.ts";
import { dropSetsid, SETSID, setsid } from "./setsid.ts";

/** What is started. */
export interface LeaderCommand {
  /** A name that Deno looks up, or an absolute path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** All that the process gets as its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Settings of Deno's besides. */
  readonly options: Omit<Deno.CommandOptions, "args" | "env" | "clearEnv" | "detached">;
  /** Deno forks anyway, as for another user, or `setsid` is not to see the environment: it would load what that names. */
  readonly forks: boolean;
}

/** A process that was started. */
export interface StartedLeader {
  /** It. */
  readonly process: Deno.ChildProcess;
  /** Its group is there by now; else it is as soon as `setsid` has run. */
  readonly hasGroup: boolean;
  /** Why the program was never run, where the end of the process shows that. */
  readonly refusal?: (status: ExitStatus, lastWords: readonly string[]) => NotRunnable | undefined;
}

const files = new RunnableFiles();

/** Starts it; throws what Deno throws. On Windows, which has no groups, it leads none. */
export function startLeader(command: LeaderCommand): StartedLeader {
  const through = command.forks ? undefined : setsid();
  const file = through === undefined ? undefined : fileOf(command);
  if (through === undefined || file === undefined) return startByDeno(command);
  if (!files.has(file)) {
    const started = startByDeno(command);
    files.add(file);
    return started;
  }
  let process: Deno.ChildProcess;
  try {
    process = start({ ...command, program: through, args: [file, ...command.args] }, { detached: false });
  } catch (error) {
    // What is wrong with the command itself, Deno says of the program as it does where there is no `setsid`.
    const started = startByDeno(command);
    if (isLost(error)) dropSetsid();
    return started;
  }
  const refusal: StartedLeader["refusal"] = (status, lastWords) =>
    refusalOf(file, { through, status, lastWords });
  return { process, hasGroup: false, refusal };
}

function startByDeno(command: LeaderCommand): StartedLeader {
  return { process: start(command, { detached: Deno.build.os !== "windows" }), hasGroup: true };
}

function start(
  { program, args, env, options }: LeaderCommand,
  { detached }: { readonly detached: boolean },
): Deno.ChildProcess {
  return new Deno.Command(program, { ...options, args: [...args], clearEnv: true, env: { ...env }, detached })
    .spawn();
}

function isLost(error: unknown): boolean {
  return [Deno.errors.NotFound, Deno.errors.PermissionDenied, Deno.errors.NotCapable].some((kind) =>
    error instanceof kind
  );
}

/** The file that Deno would run, by the path that it would run it by; `undefined` where that is not known for certain. */
function fileOf({ program, env }: LeaderCommand): string | undefined {
  const file = isPath(program) ? normalize(program) : lookUp(program, env.PATH ?? readVariable("PATH"));
  return file !== undefined && mayRun(file) ? file : undefined;
}

/** Where a distribution puts its programs, with all that they need. */
const OF_SYSTEM: readonly string[] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

function lookUp(name: string, path: string | undefined): string | undefined {
  const { maybe, found } = knownPlaces(name, { path });
  const all = found === undefined ? maybe : [...maybe, found];
  const file = maybe.length === 0 ? found : onlyOne(all.filter(mayRun));
  if (file === undefined || file !== normalize(file)) return undefined;
  // Deno passes over what this user may not run, which can't be told where not everybody may.
  if (file === found) return mayAnybodyRun(file) ? file : undefined;
  // To say that a name is granted, Deno has looked: the file is there and may be run. Of the system, it does.
  if (OF_SYSTEM.includes(dirname(file)) && mayRun(name)) files.add(file);
  return file;
}

function onlyOne<Value>(values: readonly Value[]): Value | undefined {
  return values.length === 1 ? values[0] : undefined;
}

function mayRun(file: string): boolean {
  return missingPermissions([{ name: "run", value: file }]).length === 0;
}

/** The exit codes of `setsid` itself: there is no such program, it can't be run, no session could be made. */
const OWN_CODES: readonly number[] = [127, 126, 1];

/**
 * `setsid` says one line and ends. A program that does the same is started by Deno from then on, which is as good for it;
 * and it is told as it ended, unless it really can't be run.
 */
function refusalOf(
  file: string,
  { through, status, lastWords }: {
    readonly through: string;
    readonly status: ExitStatus;
    readonly lastWords: readonly string[];
  },
): NotRunnable | undefined {
  const [line = "", ...more] = lastWords;
  const isOwn = OWN_CODES.includes(status.code) && more.length === 0 &&
    [SETSID, through].some((name) => line.startsWith(`${name}: `));
  if (!isOwn) return undefined;
  files.refute(file);
  return status.code === 1 ? undefined : whyNotRunnable(file);
}
