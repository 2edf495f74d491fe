/**
 * The last lines of one child, in memory: for the verb `logs`, and for reports of a crash.
 *
 * Lines that came together are kept together, and cut apart as they are read: to keep them costs nothing a line, and to
 * read the last of many children no more than these.
 */

import type { LoggedStream } from "../process/output_log.ts";
import type { LineLevel } from "../process/pipes/logged_lines.ts";

/** Lines of a child that are kept, at most. */
export const RECENT_LINES = 1_000;

/** Characters of a child's lines that are kept, at most. */
export const RECENT_CHARACTERS = 262_144;

/** Lines that are cut apart at a time. */
const CHUNK = 64;

/** One line of a child's output, secrets masked. */
export interface RecentLine {
  /** When it came: milliseconds since 1970. */
  readonly at: number;
  readonly generation: number;
  readonly stream: LoggedStream;
  readonly line: string;
  /** What its priority said. */
  readonly level?: LineLevel;
  /** It is a piece of a long line: the next one of this stream continues it. */
  readonly continues?: true;
}

interface Entry extends Omit<RecentLine, "line"> {
  /** One line, or several with a newline behind each. */
  readonly text: string;
  /** 0: one line, without a newline. */
  readonly count: number;
}

/** The last lines of one child, of all its incarnations. */
export class RecentLines {
  #entries: Entry[] = [];
  #first = 0;
  #lines = 0;
  #characters = 0;
  /** Lines that were added so far; the last of them has this number. */
  get count(): number {
    return this.#count;
  }
  #count = 0;
  /** Milliseconds since 1970 at which the last one came; `undefined` before the first. */
  get lastAt(): number | undefined {
    return this.#entries.at(-1)?.at;
  }

  /** Adds one line, or `count` lines with a newline behind each. */
  add(text: string, line: Omit<RecentLine, "line">, count = 0): void {
    this.#entries.push({ ...line, text, count });
    this.#count += count || 1;
    this.#lines += count || 1;
    this.#characters += text.length;
    for (;;) {
      const oldest = this.#entries[this.#first]!;
      const lines = this.#lines - (oldest.count || 1);
      const characters = this.#characters - oldest.text.length;
      if (this.#first === this.#entries.length - 1) break;
      if (lines < RECENT_LINES && characters < RECENT_CHARACTERS) break;
      this.#first++;
      this.#lines = lines;
      this.#characters = characters;
    }
    if (this.#first * 2 <= this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }

  /** All that are kept, oldest first, as they came together. What is added later is not among them. */
  parts(): readonly RecentPart[] {
    const parts: RecentPart[] = [];
    let lines = RECENT_LINES;
    let characters = RECENT_CHARACTERS;
    for (let at = this.#entries.length - 1; at >= this.#first && lines > 0; at--) {
      const entry = this.#entries[at]!;
      const size = entry.count === 0 ? entry.text.length + 1 : entry.text.length;
      const count = entry.count || 1;
      if (count <= lines && (size <= characters || (count === 1 && parts.length === 0))) {
        parts.push(new RecentPart(entry, count));
      } else {
        const fits = fitting(entry, { lines, characters, isFirst: parts.length === 0 });
        if (fits > 0) parts.push(new RecentPart(entry, fits));
        break;
      }
      lines -= count;
      characters -= size;
    }
    return parts.reverse();
  }
}

/** The last lines of those that came together. */
export class RecentPart {
  readonly #entry: Entry;
  /** How many lines there are. */
  readonly count: number;

  /** The last `count` lines of `entry`. */
  constructor(entry: Entry, count: number) {
    this.#entry = entry;
    this.count = count;
  }

  /** When they came: milliseconds since 1970. */
  get at(): number {
    return this.#entry.at;
  }

  get level(): LineLevel | undefined {
    return this.#entry.level;
  }

  /** All of them, or those that `isWanted`. */
  lines(isWanted?: (line: string) => boolean): readonly RecentLine[] {
    const texts = textsOf(this.#entry).slice(-this.count);
    return this.#linesOf(isWanted === undefined ? texts : texts.filter(isWanted));
  }

  /** All of them, a few at a time: no more is cut apart than is taken. */
  *chunks(): Generator<readonly RecentLine[]> {
    const { text, count } = this.#entry;
    if (count <= CHUNK) return void (yield this.lines());
    let at = 0;
    for (let skipped = count - this.count; skipped > 0; skipped--) at = text.indexOf("\n", at) + 1;
    for (let left = this.count; left > 0;) {
      const texts: string[] = [];
      for (; texts.length < CHUNK && left > 0; left--) {
        const end = text.indexOf("\n", at);
        texts.push(text.slice(at, end));
        at = end + 1;
      }
      yield this.#linesOf(texts);
    }
  }

  #linesOf(texts: readonly string[]): readonly RecentLine[] {
    const { text: _, count: __, ...known } = this.#entry;
    return texts.map((line) => ({ ...known, line }));
  }
}

function textsOf({ text, count }: Entry): readonly string[] {
  return count === 0 ? [text] : text.slice(0, -1).split("\n");
}

/** How many of the last lines of an entry have room. */
function fitting(
  { text, count }: Entry,
  { lines, characters, isFirst }: {
    readonly lines: number;
    readonly characters: number;
    readonly isFirst: boolean;
  },
): number {
  if (text.length <= characters) return Math.min(count || 1, lines);
  if (count === 0) return 0;
  let fits = 0;
  for (let end = text.length - 1; fits < lines; fits++) {
    const start = end === 0 ? 0 : text.lastIndexOf("\n", end - 1) + 1;
    if (text.length - start > characters && !(isFirst && fits === 0)) break;
    if (start === 0) return fits + 1;
    end = start - 1;
  }
  return fits;
}
