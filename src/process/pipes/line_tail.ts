/**
 * Keeps the last lines of a logged stream, for crash reports and for a start that failed.
 *
 * Where the tail would begin within a trace, or another indented block, the lines that head it stand first, and a line of
 * its own stands for those that are left out: the cause is in the head. Of lines that replaced one another only the last
 * few are kept, so that a progress bar does not push out what was said before it.
 *
 * Bounded: {@linkcode LOGGED_TAIL_LINES} lines, and the heads of two blocks. To look at each line would cost more than to
 * keep it, so the lines are looked at a few at a time, before the ring loses what stands before them.
 */
import { shownText } from "../../text/terminal_sequences.ts";
import { CONTINUES_TRACE, INNER_CAUSE } from "../../text/trace_lines.ts";

/** The number of last lines that are kept. */
export const LOGGED_TAIL_LINES = 50;

/** Of lines that replaced one another, the number that is kept. */
export const REPLACED_TAIL_LINES = 3;

/** Stands in a tail for lines that are left out. */
export const LEFT_OUT = "…";

/** The lines before a block that are kept: a message may have several, and source code may stand among them. */
const HEAD_LINES = 8;
/** The lines that are left of the tail behind a head, a cause, and what stands for the lines behind each. */
const BEHIND_HEAD = LOGGED_TAIL_LINES - HEAD_LINES - 3;
/** The lines that are looked at together. */
const LOOKED_AT_LINES = 20;

/** The last lines of many that the tail, its heads and all looks at it need, unless a block begins before them. */
const ENOUGH_LINES = 2 * LOGGED_TAIL_LINES;

const [TAB, ESCAPE, SPACE, HASH, SMALL_A] = [0x09, 0x1b, 0x20, 0x23, 0x61];

/** Indented or numbered lines, and those that go on with a trace. */
interface Block {
  /** The index of its first line. */
  readonly begin: number;
  /** The index behind its last line; infinite while it goes on. */
  end: number;
  /** The lines before it, of one that may get longer than the tail. */
  head?: readonly string[];
  /** The index and the text of its last line that names what its error was caused by. */
  cause?: readonly [index: number, line: string];
}

/** The last lines of one stream. */
export class LineTail {
  /** A ring: the line of index `i` is at `i` modulo its size. */
  readonly #ring: string[] = [];
  /** The index of the next line. */
  #count = 0;
  /** How many of the last lines were replaced, up to {@linkcode REPLACED_TAIL_LINES}. */
  #replaced = 0;
  /** The index before which all lines were looked at. */
  #lookedAt = 0;
  /** The block under way there. */
  #open: Block | undefined;
  /** The last two blocks with a head, oldest first. */
  #headed: readonly Block[] = [];
  /** Lines that are to be added before all else, each with its newline, and how many: most are never asked for. */
  #pending = "";
  #pendingCount = 0;

  /** The lines, oldest first: at most {@linkcode LOGGED_TAIL_LINES}. */
  get lines(): readonly string[] {
    if (this.#pending !== "") this.#addPending();
    this.#look();
    const start = Math.max(0, this.#count - LOGGED_TAIL_LINES);
    const block = this.#headed.find(({ begin, end, head }) => begin - head!.length < start && end > start);
    if (block === undefined) return this.#slice(start, this.#count);
    const from = this.#count - BEHIND_HEAD;
    const [index, cause] = block.cause ?? [from, ""];
    return [
      ...block.head!,
      LEFT_OUT,
      ...index < from ? [cause, LEFT_OUT] : [],
      ...this.#slice(from, this.#count),
    ];
  }

  /** Adds a line. `isReplaced`: at a terminal, the next one takes its place. */
  push(line: string, isReplaced: boolean): void {
    if (this.#pending !== "") this.#addPending();
    this.#add(line, isReplaced);
  }

  /** Adds `count` lines, each with its newline, none of them replaced. */
  pushBatch(text: string, count: number): void {
    // Otherwise they may go on with a block that began before them.
    const isApart = count > ENOUGH_LINES && !isOfBlock(text.slice(0, text.indexOf("\n")));
    if (!isApart && this.#pending !== "") this.#addPending();
    this.#pending = text;
    this.#pendingCount = count;
  }

  #addPending(): void {
    const from = this.#pendingCount > ENOUGH_LINES ? tailOf(this.#pending) : 0;
    const lines = this.#pending.slice(from, -1).split("\n");
    this.#pending = "";
    for (const line of lines) this.#add(line, false);
  }

  #add(line: string, isReplaced: boolean): void {
    if (!isReplaced) this.#replaced = 0;
    else if (this.#replaced < REPLACED_TAIL_LINES) this.#replaced++;
    else this.#dropReplaced();
    this.#ring[this.#count++ % LOGGED_TAIL_LINES] = line;
    if (this.#count - this.#lookedAt >= LOOKED_AT_LINES) this.#look();
  }

  /** Tells that a newline has followed the `\r` of the last line: no line takes its place. */
  endReplaced(): void {
    if (this.#pending !== "") this.#addPending();
    this.#replaced = 0;
  }

  #at(index: number): string {
    return this.#ring[index % LOGGED_TAIL_LINES]!;
  }

  #slice(from: number, to: number): string[] {
    return Array.from({ length: to - from }, (_, at) => this.#at(from + at));
  }

  /** Drops the oldest line of a run of replaced ones. */
  #dropReplaced(): void {
    this.#count--;
    for (let index = this.#count - REPLACED_TAIL_LINES + 1; index < this.#count; index++) {
      this.#ring[index % LOGGED_TAIL_LINES] = this.#at(index + 1);
    }
  }

  /** Looks at the lines that came since the last time: whether the block under way goes on, and which one is now. */
  #look(): void {
    const from = Math.min(this.#lookedAt, this.#count);
    this.#lookedAt = this.#count;
    if (this.#open !== undefined && this.#goesOn(this.#open, from)) return;
    this.#open = undefined;
    let begin = this.#count;
    // In a block, one of any three lines is indented; to tell that is cheap.
    if (begin - from > 2 && [1, 2, 3].every((back) => isFlush(this.#at(begin - back)))) return;
    while (begin > from && isOfBlock(this.#at(begin - 1))) begin--;
    if (begin < this.#count) this.#open = { begin, end: Infinity };
  }

  /** Whether all lines from `from` on belong to the block; else its end is set. */
  #goesOn(block: Block, from: number): boolean {
    let end = from;
    while (end < this.#count && isOfBlock(this.#at(end))) end++;
    if (end - block.begin > LOOKED_AT_LINES) this.#keepHead(block, from, end);
    if (end === this.#count) return true;
    block.end = end;
    return false;
  }

  /** Keeps what stands before the block, and the last cause that its lines name; those before `from` are known. */
  #keepHead(block: Block, from: number, end: number): void {
    let index = from;
    if (block.head === undefined) {
      index = block.begin;
      block.head = this.#slice(Math.max(0, index - HEAD_LINES), index);
      this.#headed = [...this.#headed.slice(-1), block];
    }
    for (; index < end; index++) {
      const line = this.#at(index);
      if (mayNameCause(line) && INNER_CAUSE.test(line)) block.cause = [index, line];
    }
  }
}

/** Where in `text`, of more than {@linkcode ENOUGH_LINES} lines, its tail begins, with the block that it is in; 0: at once. */
function tailOf(text: string): number {
  let at = text.length;
  for (let count = 0; at > 0; count++) {
    const end = at - 1;
    at = text.lastIndexOf("\n", end - 1) + 1;
    if (count >= ENOUGH_LINES && !isOfBlock(text.slice(at, end))) break;
  }
  return at;
}

function isOfBlock(line: string): boolean {
  const plain = line.charCodeAt(0) === ESCAPE ? shownText(line) : line;
  return isIndented(plain) || CONTINUES_TRACE.test(plain);
}

/** Whether the line is indented, numbered or empty. */
function isIndented(line: string): boolean {
  const code = line.charCodeAt(0);
  return code === SPACE || code === TAB || code === HASH || line === "";
}

/** Whether the line is not indented, colours or not. */
function isFlush(line: string): boolean {
  return !isIndented(line) && line.charCodeAt(0) !== ESCAPE;
}

/** Whether the line may name a cause, by the letter that it begins with: no frame does. */
function mayNameCause(line: string): boolean {
  let at = 0;
  while (line.charCodeAt(at) === SPACE || line.charCodeAt(at) === TAB) at++;
  return line.charCodeAt(at) < SMALL_A;
}
