/**
 * What the processes of a run carry in their environment, so that they are known again, whatever group or session they
 * have made for themselves. Who starts a process that is to outlive the run takes the variable away from it.
 *
 * @module
 */

/** The variable. */
export const MARK = "OUTRIDER_RUN";

/** Whether a command line, with its environment behind it, carries the mark of `run`. */
export function carries(commandLine: string, run: string): boolean {
  return commandLine.split(" ").includes(`${MARK}=${run}`);
}
