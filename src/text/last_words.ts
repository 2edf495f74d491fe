/**
 * Finds the cause of a failure in the last lines that a program wrote to stderr.
 *
 * Most programs say it in their last line. What a runtime prints for an uncaught error ends with something else: frames
 * of a stack, the version of Node, a hint, or what the program's own starter adds; `trace_lines.ts` has the patterns.
 * Pure, and linear in the lines.
 */
import { shownText } from "./terminal_sequences.ts";
import {
  ADDED,
  CALL,
  DEATH,
  INNER_CAUSE,
  NAMED_ERROR,
  SHOWN_WITH_ERROR,
  SOURCE_MARK,
} from "./trace_lines.ts";

/** The lines of a message that are taken, at most. */
const MAX_LINES = 4;

/** The characters of a line that are looked at: a pattern takes the square of its length. */
const MAX_CHARS = 1_024;

/** The lines above the frames in which the beginning of the message is looked for. */
const MESSAGE_LINES = 24;

/** A program that has said more than so many lines after a trace went on, and died of something else. */
const WENT_ON_LINES = 8;

/** The lines before the last one that may say more than it does. */
const EARLIER_LINES = 3;

/** What log collectors, containers and terminals put before each line: times, names in brackets, `app-1 | `. */
const PREFIX =
  /^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?:? ?|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? ?|\[(?! )[\w.@:/# -]{1,40}\] ?|<\d>|(?!\d+ )[\w.-]{1,40} +\| ?|(?:ERROR|FATAL(?! ERROR)|STDERR)[: ] ?)+/;

/** A line of a box, as command lines in Python draw it around an error. */
const BOXED = /^│ (.*\S) *│$/;

/** A complaint, in words or with the name of a system's error. */
const COMPLAINT =
  /\b(?:error(?!s)|fail(?:ed|ure|s)?|fatal|panic|exception|can ?not|can't|could not|couldn't|unable|denied|refused|invalid|illegal|missing|no (?:such|space|module)|not (?:a|found|permitted|allowed)|out of memory|un(?:known|recognized|expected|defined|supported)|abort(?:ed|ing)?|corrupt(?:ed)?|timed out|killed|violation)\b/i;
const SYSTEM_ERROR = /\bE[A-Z\d]{3,}\b/;

/** What tells one complaint from another: a name, a number, a reason, or at least four words. */
const DETAIL = /[:'"`\d/]|(?:\S+\s+){3}\S/;

/** Tells that a program ended, and not why. */
const EXIT = /\bexit(?:ed|ing)?\b/i;

/** A line as it is looked at. */
interface Line {
  /** As a terminal shows it. */
  readonly shown: string;
  /** Without what a log collector puts before it. */
  readonly text: string;
  readonly isPrefixed: boolean;
  /** Whether it may be what a failure is about. */
  readonly isSaid: boolean;
  readonly isIndented: boolean;
}

/** The cause that a trace shows, and the index of the last line that is part of it. */
interface Trace {
  readonly text: string;
  readonly end: number;
}

/**
 * Returns the cause on one line, as a terminal shows it: that of the last trace that a runtime printed, else the last line that
 * is not an indented continuation, behind an earlier one where only that says what went wrong. It is never a frame, source
 * code or a bracket; `undefined` without any other line.
 */
export function lastWordsOf(tail: readonly string[]): string | undefined {
  const lines = readLines(tail);
  const said = lines.filter(({ isSaid }) => isSaid);
  const whole = said.filter(({ isIndented }) => !isIndented);
  const last = whole.at(-1);
  const trace = [pythonTrace, exceptionGroup, death, callTrace, causeList]
    .map((find) => find(lines))
    .filter((found) => found !== undefined)
    .sort((one, other) => other.end - one.end)[0];
  if (trace !== undefined) {
    const after = lines.slice(trace.end + 1).filter((line) => line.isSaid && !line.isIndented);
    // What a program says of its end after a trace counts for more than the trace only if it says so.
    const isLater = after.length > WENT_ON_LINES ||
      after.length > 0 && /^(?:fatal|panic|critical)\b/i.test(last!.text);
    if (!isLater) return trace.text;
  }
  return last === undefined ? said.at(-1)?.shown ?? addedWords(lines) : clearest(whole);
}

function readLines(tail: readonly string[]): readonly Line[] {
  const whole = tail.map((line) => shownText(line).trimEnd().replace(BOXED, "$1"));
  const shown = whole.map((line) => line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS)}…` : line);
  const texts = shown.map((line) => line.replace(PREFIX, ""));
  return texts.map((text, at) => ({
    shown: shown[at]!,
    text,
    // A line with a mark under it is source code.
    isSaid: !SHOWN_WITH_ERROR.test(text) && !ADDED.test(text) && !SOURCE_MARK.test(texts[at + 1] ?? ""),
    isPrefixed: text !== shown[at],
    isIndented: /^\s/.test(text),
  }));
}

function complains(text: string): boolean {
  return COMPLAINT.test(text) || SYSTEM_ERROR.test(text);
}

/** Returns the last of the lines, behind an earlier complaint where it does not say itself what went wrong. */
function clearest(lines: readonly Line[]): string {
  const last = lines.at(-1)!;
  const tells = complains(last.shown) && DETAIL.test(last.text) && !EXIT.test(last.text);
  const earlier = tells
    ? undefined
    : lines.slice(-1 - EARLIER_LINES, -1).findLast(({ shown }) => complains(shown) && !EXIT.test(shown));
  return earlier === undefined ? last.shown : `${earlier.shown}; ${last.shown}`;
}

/** Returns what a starter says itself, where nothing else is said: npm tells its own failures first, then hints. */
function addedWords(lines: readonly Line[]): string | undefined {
  const added = lines.filter(({ text }) => ADDED.test(text));
  const complaints = added.filter(({ text }) => complains(text.replace(/^npm \S+/, "")));
  return (complaints.length > 0 ? complaints.slice(0, 2) : added.slice(-1))
    .map(({ shown }) => shown).join("; ") || undefined;
}

/** Returns the index of the last line that `is` holds for, or -1. */
function lastIndex(lines: readonly Line[], is: RegExp): number {
  return lines.findLastIndex(({ text }) => is.test(text));
}

/** Returns the message that begins at `from`: it goes on up to an empty line, to frames, or to what is said otherwise. */
function messageAt(lines: readonly Line[], from: number): Trace {
  const first = lines[from]!;
  const taken = [first.text.trim()];
  let at = from + 1;
  for (; at < lines.length && taken.length < MAX_LINES; at++) {
    const { text, isSaid, isPrefixed } = lines[at]!;
    if (isSaid && isPrefixed === first.isPrefixed) taken.push(text.trim());
    else if (text !== "" || !taken.at(-1)!.endsWith(":")) break;
  }
  return { text: taken.join(" "), end: at - 1 };
}

/** Returns the last index of what is shown with an error whose message, or frame, is at `at`. */
function endOfTrace(lines: readonly Line[], at: number): number {
  const next = lines.findIndex((line, index) => index > at && line.isSaid && !line.isIndented);
  return next < 0 ? lines.length - 1 : next - 1;
}

/** `Traceback …`, frames, then the exception, whose message may have several lines. Of a chain, the last one is it. */
function pythonTrace(lines: readonly Line[]): Trace | undefined {
  const start = lastIndex(lines, /^\s*Traceback \(most recent call last\):/);
  if (start < 0) return undefined;
  const from = lines.findIndex(({ text }, index) => index > start && /^\S/.test(text));
  return from < 0 ? undefined : messageAt(lines, from);
}

/** Python's group stands behind its own frames, and before the exceptions in it; all lines have a bar. */
function exceptionGroup(lines: readonly Line[]): Trace | undefined {
  const start = lastIndex(lines, /^\s*\+ Exception Group Traceback /);
  if (start < 0) return undefined;
  const from = lines.findIndex(({ text }, index) => index > start && /^\s*\| \S/.test(text));
  return from < 0
    ? undefined
    : { text: lines[from]!.text.replace(/^\s*\| /, ""), end: endOfTrace(lines, from) };
}

/** Go, Rust, V8, C++ and others say that they die; what the stack was follows, if it is shown. */
function death(lines: readonly Line[]): Trace | undefined {
  const from = lastIndex(lines, DEATH);
  if (from < 0) return undefined;
  const { text, end } = messageAt(lines, from);
  return { text, end: endOfTrace(lines, end) };
}

/** Most frames, ` at …`, stand behind the error; those of its causes follow. */
function callTrace(lines: readonly Line[]): Trace | undefined {
  const end = lastIndex(lines, CALL);
  if (end < 0) return undefined;
  const isWithin = ({ text, isSaid, isIndented }: Line) => !isSaid || isIndented || INNER_CAUSE.test(text);
  // From the last frame up to the first one: those of its causes come later, as does the second line of a cause.
  let first = end;
  while (first > 0 && (isWithin(lines[first - 1]!) || isOfCause(lines, first - 1))) first--;
  const causes = lines.slice(first, end).filter(({ text }) => INNER_CAUSE.test(text));
  const message = messageAbove(lines, first);
  // The top of a trace may be lost; then the causes are what is left.
  const text = [message, causes.at(-1)?.text.trim()].filter((part) => part !== undefined).join("; ");
  return text === "" ? undefined : { text: text.replace(/ \{$/, ""), end: endOfTrace(lines, end) };
}

/** Whether the line goes on with the message of a cause: at most two lines behind its first one. */
function isOfCause(lines: readonly Line[], at: number): boolean {
  return lines.slice(Math.max(0, at - 2), at).some(({ text }) => INNER_CAUSE.test(text));
}

/** Returns the message above `to`, where that begins which is shown with an error. */
function messageAbove(lines: readonly Line[], to: number): string | undefined {
  const above = lines.slice(Math.max(0, to - MESSAGE_LINES), to);
  const begin = Math.max(lastIndex(above, CALL), lastIndex(above, SOURCE_MARK)) + 1;
  const own = above.slice(begin);
  const named = begin > 0 && SOURCE_MARK.test(above[begin - 1]!.text)
    ? own.findIndex(({ isSaid }) => isSaid)
    : lastIndex(own, NAMED_ERROR);
  if (named >= 0) return messageAt(own, named).text;
  // Lines of a log may stand before one that nothing sets off.
  const blank = own.findLastIndex(({ text }) => text === "");
  const from = blank >= 0 && blank >= own.length - MAX_LINES - 1 ? blank + 1 : own.length - 1;
  return own[from] && messageAt(own, from).text;
}

/** Rust's `Error: …`, an empty line, `Caused by:`, then the causes, indented. */
function causeList(lines: readonly Line[]): Trace | undefined {
  const at = lastIndex(lines, /^Caused by:$/);
  const head = lines.slice(0, Math.max(at, 0)).findLast(({ text }) => text !== "");
  if (head === undefined) return undefined;
  const after = lines.slice(at + 1);
  const past = after.findIndex(({ text }) => !/^\s+\S/.test(text));
  const causes = past < 0 ? after : after.slice(0, past);
  const cause = causes.at(-1)?.text.trim().replace(/^\d+: /, "");
  return {
    text: cause === undefined ? head.text : `${head.text}; Caused by: ${cause}`,
    end: at + causes.length,
  };
}
