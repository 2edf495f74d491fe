/**
 * The line that a start waits for, and what a start that failed says of it.
 */

import { shownText } from "../../text/terminal_sequences.ts";
import { quote } from "../../text/words.ts";
import type { LoggedStream } from "../../process/output_log.ts";
import type { ResolvedReady } from "./line_pattern.ts";

/**
 * How long an unfinished line, such as a prompt, stays as it is before it is looked at, or up to twice that, in a start
 * that has taken so many milliseconds: 200 ms, or a fiftieth of the start where that is more. So a start of days does not
 * wake the program five times a second.
 */
export function promptPause(elapsed: number): number {
  return Math.max(200, elapsed / 50);
}

/** The lines of output that a message quotes. */
const QUOTED_LINES = 3;
/** Why output may not come, and the way out. */
export const UNBUFFERED =
  "a program may hold its output back where stdout is not a terminal: PYTHONUNBUFFERED=1, 'stdbuf -oL' or an option of its own helps";

/** The last lines of a logged stream, as they are shown. */
export interface RecentOutput {
  /** The last whole ones, oldest first. */
  readonly tail: readonly string[];
  /** The one without an end so far, or an empty text. */
  readonly unfinished: string;
}

/** The line that a start waited for in vain, and what came instead. */
export interface AwaitedLine {
  /** Where it waited for it. */
  readonly stream: LoggedStream;
  /** The regular expression. */
  readonly pattern: string;
  /** The last lines of that stream, oldest first. */
  readonly lines: readonly string[];
  /** The line that has no end yet, or an empty text. */
  readonly unfinished: string;
}

/** Returns the stream and the pattern of the line that `ready` waits for, if it waits for one. */
export function awaitedLine(ready: ResolvedReady): Pick<AwaitedLine, "stream" | "pattern"> | undefined {
  if (ready === "started" || "reply" in ready) return undefined;
  return "stdout" in ready
    ? { stream: "stdout", pattern: String(ready.stdout) }
    : { stream: "stderr", pattern: String(ready.stderr) };
}

/** Says what came in place of the line, as clauses; `late`: the program runs, and may still print it. */
export function missedText(
  { stream, pattern, lines, unfinished }: AwaitedLine,
  { late }: { readonly late: boolean },
): string {
  const last = lines.slice(-QUOTED_LINES).map((line) => quote(shownText(line)));
  return [
    `no line on ${stream} matched ${quote(pattern)}`,
    ...last.length === 0 ? [] : [`the last ${last.length === 1 ? "was" : "were"} ${last.join(", ")}`],
    ...unfinished === "" ? [] : [`the unfinished one is ${quote(shownText(unfinished))}`],
    ...last.length === 0 && unfinished === "" ? ["nothing came there"] : [],
    ...late ? [UNBUFFERED] : [],
  ].join("; ");
}
