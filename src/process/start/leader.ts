/**
 * Starts a process as the leader of a session and a process group of its own.
 *
 * Used by `spawn.ts`. Deno's own way (`detached`) forks the runtime, which blocks it meanwhile: some milliseconds, and
 * more with more memory. Through `setsid`, where it may be run, a start takes the same time at any size.
 *
 * The invariant: Deno's own start reports a program that cannot be run, at once and by name. Only files that are sure to
 * run (`runnable.ts`) are started through `setsid`; if that fails all the same, Deno itself makes the next start of the file.
 */
import { dirname, normalize } from "node:path";
import type { ExitStatus } from "../child_process.ts";
import { isOutOfReach } from "../../permissions/find_program.ts";
import { isPath, mayRun, readVariable } from "../../permissions/permit.ts";
import { knownPlaces } from "./lookup.ts";
import { mayAnybodyRun, type NotRunnable, RunnableFiles, whyNotRunnable } from "./runnable.ts";
import { dropSetsid, SETSID, setsid } from "./setsid.ts";
import { type ProcessOutcome, wasReadByShell } from "./failed/unstarted.ts";

export interface LeaderCommand {
  /** A name that Deno looks up, or an absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly options: Omit<Deno.CommandOptions, "args" | "env" | "clearEnv" | "detached">;
  /** Whether Deno must fork: for another user, or where the environment would make `setsid` itself load other code. */
  readonly forks: boolean;
}

export interface StartedLeader {
  readonly process: Deno.ChildProcess;
  /** Whether its group exists by now; else it does as soon as `setsid` has run. */
  readonly hasGroup: boolean;
  readonly refusal?: (status: ExitStatus, lastWords: readonly string[]) => NotRunnable | undefined;
}

const files = new RunnableFiles();

/** Starts the command; throws the errors of Deno. On Windows, which has no groups, it leads none. */
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
    // A fault of the command itself is reported by Deno for the program, as it is where there is no `setsid`.
    const started = startByDeno(command);
    if (isOutOfReach(error)) dropSetsid();
    return started;
  }
  const refusal: StartedLeader["refusal"] = (status, lastWords) =>
    wasReadByShell(file, { status, lastWords })
      ? "not_executable"
      : refusalOf(file, { through, status, lastWords });
  return { process, hasGroup: false, refusal };
}

function startByDeno(command: LeaderCommand): StartedLeader {
  const { program } = command;
  const refusal: StartedLeader["refusal"] = (status, lastWords) =>
    wasReadByShell(program, { status, lastWords }) ? "not_executable" : undefined;
  return { process: start(command, { detached: Deno.build.os !== "windows" }), hasGroup: true, refusal };
}

function start(
  { program, args, env, options }: LeaderCommand,
  { detached }: { readonly detached: boolean },
): Deno.ChildProcess {
  return new Deno.Command(program, { ...options, args: [...args], clearEnv: true, env: { ...env }, detached })
    .spawn();
}

/** Returns the path of the file that Deno would run; `undefined` where that is not certain. */
function fileOf({ program, env }: LeaderCommand): string | undefined {
  const file = isPath(program) ? normalize(program) : lookUp(program, env.PATH ?? readVariable("PATH"));
  return file !== undefined && mayRun(file) ? file : undefined;
}

/** The folders in which a distribution keeps its programs, with all that they need. */
const OF_SYSTEM: readonly string[] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

function lookUp(name: string, path: string | undefined): string | undefined {
  const { maybe, found } = knownPlaces(name, { path });
  const all = found === undefined ? maybe : [...maybe, found];
  const file = maybe.length === 0 ? found : onlyOne(all.filter(mayRun));
  if (file === undefined || file !== normalize(file)) return undefined;
  // Deno skips a file that this user may not run, which is unknown unless every user may.
  if (file === found) return mayAnybodyRun(file) ? file : undefined;
  // Deno grants a name only after finding its file: it exists and may be run. One of the system does run.
  if (OF_SYSTEM.includes(dirname(file)) && mayRun(name)) files.add(file);
  return file;
}

function onlyOne<Value>(values: readonly Value[]): Value | undefined {
  return values.length === 1 ? values[0] : undefined;
}

/** The exit codes of `setsid` itself: no such program, not executable, no session could be made. */
const OWN_CODES: readonly number[] = [127, 126, 1];

/**
 * `setsid` prints one line and exits. A program that does the same is started by Deno from then on, which works as well;
 * its end is reported as it was, unless it really cannot be run.
 */
function refusalOf(
  file: string,
  { through, status, lastWords }: ProcessOutcome & { readonly through: string },
): NotRunnable | undefined {
  const [line = "", ...more] = lastWords;
  const isOwn = OWN_CODES.includes(status.code) && more.length === 0 &&
    [SETSID, through].some((name) => line.startsWith(`${name}: `));
  if (!isOwn) return undefined;
  files.refute(file);
  return status.code === 1 ? undefined : whyNotRunnable(file);
}
