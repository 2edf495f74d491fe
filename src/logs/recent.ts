/**
 * The last lines of one child, in memory: for the verb `logs`, and for reports of a crash.
 *
 * Lines that came together are kept together, and cut apart when they are read: to keep them costs nothing a line.
 */

import type { LoggedStream } from "../process/output_log.ts";
import type { LineLevel } from "../process/pipes/logged_lines.ts";

/** Lines of a child that are kept, at most. */
export const RECENT_LINES = 1_000;

/** Characters of a child's lines that are kept, at most. */
export const RECENT_CHARACTERS = 262_144;

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

  /** The last `most` lines, oldest first. */
  read(most: number = RECENT_LINES): readonly RecentLine[] {
    const lines: RecentLine[] = [];
    let characters = 0;
    const wanted = Math.min(most, RECENT_LINES);
    for (let at = this.#entries.length - 1; at >= this.#first; at--) {
      const { text, count, ...line } = this.#entries[at]!;
      const texts = count === 0 ? [text] : text.slice(0, -1).split("\n");
      for (const text of texts.reverse()) {
        characters += text.length + 1;
        if (lines.length === wanted || (characters > RECENT_CHARACTERS && lines.length > 0)) {
          return lines.reverse();
        }
        lines.push({ ...line, line: text });
      }
    }
    return lines.reverse();
  }
}
