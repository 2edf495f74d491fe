/**
 * Finds the cause of a failure in the last lines that a program wrote to stderr.
 *
 * Most programs say it in their last line. What a runtime prints for an uncaught error ends with something else: frames
 * of a stack, the version of Node, a hint, or what the program's own starter adds. Pure, and linear in the lines.
 */

import { COLOURS } from "./printable.ts";

/** The lines of a message that are taken, at most. */
const MAX_LINES = 4;

/** The characters of a line that are looked at: some patterns take the square of its length. */
const MAX_CHARS = 1_024;

/** What log collectors, containers and terminals put before each line: times, names in brackets, `app-1 | `. */
const PREFIX =
  /^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?:? ?|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? ?|\[(?! )[\w.@:/# -]{1,40}\] ?|<\d>|[\w.-]{1,40} +\| ?|(?:ERROR|FATAL|STDERR)[: ] ?)+/;

/** What npm, its kin and make say of a program that failed, and what runtimes say after every trace. */
const ADDED =
  /^(?:npm (?:ERR!|error)|(?: ?ELIFECYCLE| ?ERR_PNPM_)|error Command failed|info Visit |error: script "|error: "[^"]*" exited|make(?:\[\d+\])?: \*\*\*|exit status \d+$|Node\.js v\d|Bun v\d|note: |\(Use `node |Stack backtrace:$|stack backtrace:$|For more information about this error)/;

const JS_FRAME = /^\s*(?:at \S|\.\.\. \d+ more$|\(fulfilled at )/;
const INNER = /^\s*(?:\[cause\]|Caused by|Suppressed): \S/;
const MARK = /^\s*[\^~]+\s*$/;
/** The beginning of an error's text, such as `TypeError: ` or `java.io.IOException: `. */
const NAMED =
  /^(?:[\w$./" ()'-]* )?[\w$.]*(?:Error|Exception|Throwable|Failure|Rejection)(?: \[\w+\])?(?::|$)/;

/**
 * Returns the cause on one line, without colours: that of the last trace that a runtime printed, else the last line that
 * is not an indented continuation; `undefined` without any line.
 */
export function lastWordsOf(lines: readonly string[]): string | undefined {
  const plain = lines.map((line) => shortened(line.replace(COLOURS, "").trimEnd()));
  const bare = plain.map((line) => line.replace(PREFIX, ""));
  const isSaid = (_: string, index: number) => bare[index] !== "" && !ADDED.test(bare[index]!);
  const last = plain.findLastIndex((line, index) => /^\S/.test(bare[index]!) && isSaid(line, index));
  const found = [python, goPanic, rustPanic, stackTrace, causeList, phpTrace, terminated]
    .map((find) => find(bare))
    .filter((trace) => trace !== undefined)
    .sort((one, other) => other.end - one.end)[0];
  // What a program says of its end after a trace counts for more than the trace only if it says so.
  if (found !== undefined && !(last > found.end && /^(?:fatal|panic|critical)\b/i.test(bare[last]!))) {
    return found.text;
  }
  return plain[last] ?? plain.findLast(isSaid) ?? plain.findLast((line) => line !== "") ?? plain.at(-1);
}

function shortened(line: string): string {
  return line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS)}…` : line;
}

/** The cause that a trace shows, and the index of the last line that is part of it. */
interface Trace {
  readonly text: string;
  readonly end: number;
}

function joined(lines: readonly string[]): string {
  return lines.slice(0, MAX_LINES).map((line) => line.trim()).filter((line) => line !== "").join(" ");
}

/** Returns the index behind the lines from `from` on that `is` holds for. */
function endOf(lines: readonly string[], from: number, is: (line: string) => boolean): number {
  let end = from;
  while (end < lines.length && is(lines[end]!)) end++;
  return end;
}

/** `Traceback …`, frames, then the exception, whose message may have several lines. Of a chain, the last one is it. */
function python(lines: readonly string[]): Trace | undefined {
  const start = lines.findLastIndex((line) => /^\s*Traceback \(most recent call last\):/.test(line));
  if (start < 0) return undefined;
  const from = endOf(lines, start + 1, (line) => /^(?:\s|$)/.test(line));
  if (from === lines.length) return undefined;
  const end = endOf(lines, from + 1, (line) => line !== "" && !ADDED.test(line));
  return { text: joined(lines.slice(from, end)), end: end - 1 };
}

/** `panic: …`, perhaps a signal, an empty line, then `goroutine 1 [running]:`. */
function goPanic(lines: readonly string[]): Trace | undefined {
  const routine = lines.findIndex((line) => /^goroutine \d+ .*\[.*\]:$/.test(line));
  if (routine < 0) return undefined;
  const start = lines.slice(0, routine).findLastIndex((line) => /^(?:panic|fatal error): /.test(line));
  if (start < 0) return undefined;
  const end = endOf(lines, start + 1, (line) => line !== "" && !/^(?:\[signal |goroutine )/.test(line));
  return { text: joined(lines.slice(start, end)), end: lines.length - 1 };
}

/** `thread 'main' panicked at src/main.rs:1:2:`, then the message; before Rust 1.73 all of it on one line. */
function rustPanic(lines: readonly string[]): Trace | undefined {
  const start = lines.findLastIndex((line) => /^thread '.*' .*panicked at /.test(line));
  if (start < 0) return undefined;
  const isMessage = (line: string) => line !== "" && !ADDED.test(line) && !/^\s+\d+: /.test(line);
  const end = lines[start]!.endsWith(":") ? endOf(lines, start + 1, isMessage) : start + 1;
  const trace = endOf(lines, end, (line) => /^(?:stack backtrace:|\s+\d+: |\s+at |note: )/.test(line));
  return { text: joined(lines.slice(start, end)), end: trace - 1 };
}

/** The frames of JavaScript, Java and .NET, ` at …`, stand behind the error; those of its causes follow. */
function stackTrace(lines: readonly string[]): Trace | undefined {
  const end = lines.findLastIndex((line) => JS_FRAME.test(line));
  if (end < 0) return undefined;
  // From the last frame up to the first of the same error: those of its causes come later.
  let first = end;
  for (let at = end - 1; at >= 0; at--) {
    if (JS_FRAME.test(lines[at]!) || INNER.test(lines[at]!)) first = at;
    else if (!isWithin(lines, at, first)) break;
  }
  const causes = lines.slice(first, end).filter((line) => INNER.test(line)).map((line) => line.trim());
  const message = messageAbove(lines, first);
  // The top of a long trace may be lost; then the causes are what is left.
  const text = [...(message === "" ? [] : [message]), ...causes.slice(-1)].join("; ");
  if (text === "") return undefined;
  return {
    text: text.replace(/ \{$/, ""),
    end: endOf(lines, end + 1, (line) => /^(?:\s|\}|$)/.test(line)) - 1,
  };
}

/** Whether the line is between frames of one trace: a cause whose message has a second line, say. */
function isWithin(lines: readonly string[], at: number, first: number): boolean {
  const above = lines.slice(Math.max(0, at - 2), at).findLastIndex((line) => INNER.test(line));
  return above >= 0 && first - at <= 2;
}

/** Returns the message of an error whose first frame is at `frame`; with Deno, the source stands between the two. */
function messageAbove(lines: readonly string[], frame: number): string {
  const above = lines.slice(Math.max(0, frame - 12), frame);
  if (MARK.test(above.at(-1) ?? "")) above.splice(-2);
  const blank = above.findLastIndex((line) => line === "" || MARK.test(line));
  const named = above.findLastIndex((line) => NAMED.test(line));
  if (named > blank) return joined(above.slice(named));
  // Lines of a log may stand before one that nothing sets off.
  return joined(above.slice(blank >= above.length - MAX_LINES - 1 && blank >= 0 ? blank + 1 : -1));
}

/** Rust's `Error: …`, an empty line, `Caused by:`, then the causes, indented. */
function causeList(lines: readonly string[]): Trace | undefined {
  const at = lines.lastIndexOf("Caused by:");
  const head = lines.slice(0, Math.max(at, 0)).findLast((line) => line !== "");
  if (head === undefined) return undefined;
  const end = endOf(lines, at + 1, (line) => /^\s+\S/.test(line));
  const causes = lines.slice(at + 1, end).map((line) => line.trim().replace(/^\d+: /, ""));
  return { text: [head, ...causes.slice(-1)].join("; Caused by: "), end: end - 1 };
}

/** PHP's `Stack trace:` stands behind the error. */
function phpTrace(lines: readonly string[]): Trace | undefined {
  const at = lines.lastIndexOf("Stack trace:");
  if (at < 1) return undefined;
  const end = endOf(lines, at + 1, (line) => /^(?:#\d+ |\s+thrown in )/.test(line));
  return { text: joined([lines[at - 1]!]), end: end - 1 };
}

/** C++'s `terminate called …` has the message on the next line. */
function terminated(lines: readonly string[]): Trace | undefined {
  const at = lines.findLastIndex((line) => /^terminate called after throwing/.test(line));
  if (at < 0 || !/^\s*what\(\):/.test(lines[at + 1] ?? "")) return undefined;
  return { text: joined(lines.slice(at, at + 2)), end: lines.length - 1 };
}
