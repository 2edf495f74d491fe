/**
 * Standard output of a process that must go on when it has no reader.
 *
 * A closed pipe or terminal makes further lines vanish; one that stalls makes
 * only its writer wait; a full disk costs the lines of that moment, which are counted and reported.
 */

import type { Clock } from "../time/clock.ts";
import { FileWriter, type WritableFile } from "./file_writer.ts";

/** Characters that wait to be written before {@linkcode LineOutput.line} asks its caller to wait. */
export const OUTPUT_HIGH_WATER = 65_536;

const encoder = new TextEncoder();
const LF = 0x0a;
/**
 * Bytes of a failed write that Deno keeps and writes with the next ones: a reported loss is too high by at most as
 * many.
 */
const DENO_BUFFER = 1_024;

/** Reports on lines that could not be written; a reader that leaves does not count. */
export interface LineLosses {
  /** The line that stands for `count` lines that are missing before it, written as soon as writing works again. */
  readonly line: (count: number) => string;
  /** Writing fails, for the first time; not awaited, and must not throw. */
  readonly onFirst: (error: Error) => void;
}

/** Lines to stdout or stderr. */
export class LineOutput extends FileWriter<string> {
  readonly #losses: LineLosses | undefined;
  #lost = 0;
  #hasFailed = false;
  /** A line was written in part: the next one must not go on in it. */
  #isWithinLine = false;

  /** To `Deno.stdout` or `Deno.stderr`. */
  constructor(file: WritableFile, clock?: Clock, losses?: LineLosses) {
    super(file, clock);
    this.#losses = losses;
  }

  /** Lines that could not be written and are not yet reported in the output. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes `text` as a line. A promise means: wait before you write more; it never rejects. */
  line(text: string): void | Promise<void> {
    this.add(`${text}\n`);
    if (this.waiting >= OUTPUT_HIGH_WATER) return this.flush();
  }

  /** Reports losses that no later line has reported, if writing works by now. Never rejects. */
  async end(): Promise<void> {
    await this.flush();
    if (this.#lost > 0) await this.writeBatch([]);
  }

  protected override async writeBatch(lines: readonly string[]): Promise<void> {
    const told = this.#lost > 0 && this.#losses !== undefined ? [`${this.#losses.line(this.#lost)}\n`] : [];
    const start = this.#isWithinLine ? "\n" : "";
    const bytes = encoder.encode([start, ...told, ...lines].join(""));
    const before = this.written;
    const error = await this.writeBytes(bytes);
    if (error !== undefined) {
      // Not a failure of the tree, whatever it is.
      const written = bytes.subarray(0, this.written - before);
      return this.#lose(error, {
        written,
        start,
        told: told.length,
        lines: lines.length,
        size: bytes.length,
      });
    }
    this.#isWithinLine = false;
    this.#lost = 0;
  }

  #lose(
    error: Error,
    { written, start, told, lines, size }: {
      written: Uint8Array;
      start: string;
      told: number;
      lines: number;
      size: number;
    },
  ): void {
    const whole = written.reduce((count, byte) => byte === LF ? count + 1 : count, 0) -
      Math.min(start.length, written.length);
    if (told > 0 && whole > 0) this.#lost = 0;
    this.#lost += lines - Math.max(0, whole - told);
    // Deno's own buffer may have kept the beginning of a line that is longer, and says nothing of it.
    if (written.length > 0 || size > DENO_BUFFER) this.#isWithinLine = written.at(-1) !== LF;
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#losses?.onFirst(error);
  }
}
