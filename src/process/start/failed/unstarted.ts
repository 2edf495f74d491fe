/**
 * Tells from the end of a process whether its program was run at all. Used by `spawn.ts` and `leader.ts`, as a launcher and
 * `sh` report a program that they can't run by their own exit code and line of stderr alone.
 *
 * The invariant: what is said to be unrun was not run. Most that can't be known here is left to be an ordinary failure.
 */
import type { ExitStatus } from "../../child_process.ts";
import { isNoProgram } from "./unrunnable.ts";

/** How a process ended, and what it wrote to stderr last. */
export interface ProcessOutcome {
  readonly status: ExitStatus;
  readonly lastWords: readonly string[];
}

/** The exit codes of a shell that reads a file as a script which is none. */
const SHELL_CODES: readonly number[] = [2, 126, 127];
/** The exit codes by which POSIX has a launcher say that its program can't be run, or is missing. */
const LAUNCHER_CODES: readonly number[] = [126, 127];

/** Whether `sh` was given `file`, as `execvp` does with each file whose format the system does not know, and it is no text. */
export function wasReadByShell(file: string, { status, lastWords }: ProcessOutcome): boolean {
  const [line = ""] = lastWords;
  return SHELL_CODES.includes(status.code) && line.startsWith(`${file}: `) && isNoProgram(file);
}

/**
 * Whether a launcher says, in whichever language, that it could not run `program`, as it was given: it names that in its
 * last line. A script that the launcher reads itself begins its own complaints with its name. In a terminal its line is on
 * stdout, and its exit code must do.
 */
export function isRefusedByLauncher(
  program: string,
  { status, lastWords, isTerminal }: ProcessOutcome & { readonly isTerminal: boolean },
): boolean {
  if (!LAUNCHER_CODES.includes(status.code)) return false;
  const line = lastWords.at(-1);
  if (line === undefined) return isTerminal;
  return line.includes(program) && !line.startsWith(`${program}: `);
}
