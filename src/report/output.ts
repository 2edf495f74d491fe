/**
 * Standard output of a process that must go on when it has no reader.
 *
 * A closed pipe or terminal makes further lines vanish; one that stalls makes
 * only its writer wait; a full disk costs the lines of that moment, which are counted and reported.
 *
 * @module
 */

import { type Clock, systemClock, systemSleep } from "../time/clock.ts";

/** Characters that wait to be written before {@linkcode LineOutput.line} asks its caller to wait. */
export const OUTPUT_HIGH_WATER = 65_536;
/** Milliseconds until the next try where the other end takes nothing and says so, instead of making us wait. */
export const OUTPUT_RETRY_MS = 20;

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

/** Lines to stdout or stderr. While one write is under way, all lines that come go into the next one. */
export class LineOutput {
  readonly #file: { write(bytes: Uint8Array): Promise<number> };
  readonly #clock: Clock;
  readonly #losses: LineLosses | undefined;
  #lost = 0;
  #hasFailed = false;
  /** A line was written in part: the next one must not go on in it. */
  #isWithinLine = false;
  #lines: string[] = [];
  #waiting = 0;
  #draining: Promise<void> | undefined;
  #isBroken = false;

  /** To `Deno.stdout` or `Deno.stderr`. */
  constructor(
    file: { write(bytes: Uint8Array): Promise<number> },
    clock: Clock = systemClock,
    losses?: LineLosses,
  ) {
    this.#file = file;
    this.#clock = clock;
    this.#losses = losses;
  }

  /** Lines that could not be written and are not yet reported in the output. */
  get lost(): number {
    return this.#lost;
  }

  /** Whether the reader is gone: further writes vanish. */
  get broken(): boolean {
    return this.#isBroken;
  }

  /** Takes `text` as a line. A promise means: wait before you write more; it never rejects. */
  line(text: string): void | Promise<void> {
    if (this.#isBroken) return;
    this.#lines.push(text);
    this.#waiting += text.length + 1;
    this.#draining ??= this.#drain();
    if (this.#waiting >= OUTPUT_HIGH_WATER) return this.#draining;
  }

  /** Fulfilled when all lines are written, or the other end is gone. Never rejects. */
  async flush(): Promise<void> {
    await this.#draining;
  }

  /** Reports losses that no later line has reported, if writing works by now. Never rejects. */
  async end(): Promise<void> {
    await this.flush();
    if (this.#lost > 0) await this.#write([]);
  }

  async #drain(): Promise<void> {
    while (this.#lines.length > 0) {
      const lines = this.#lines;
      this.#lines = [];
      this.#waiting = 0;
      await this.#write(lines);
    }
    this.#draining = undefined;
  }

  async #write(lines: readonly string[]): Promise<void> {
    const told = this.#lost > 0 && this.#losses !== undefined ? [this.#losses.line(this.#lost)] : [];
    const start = this.#isWithinLine ? "\n" : "";
    const bytes = encoder.encode(`${start}${[...told, ...lines].join("\n")}\n`);
    let at = 0;
    while (at < bytes.length && !this.#isBroken) {
      try {
        at += await this.#file.write(bytes.subarray(at));
      } catch (error) {
        if (error instanceof Deno.errors.WouldBlock) await systemSleep(this.#clock, OUTPUT_RETRY_MS);
        else if (isGone(error)) this.#isBroken = true;
        else {
          // Not a failure of the tree, whatever it is.
          this.#lose(error as Error, {
            written: bytes.subarray(0, at),
            start,
            told: told.length,
            lines: lines.length,
            size: bytes.length,
          });
          return;
        }
      }
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

/**
 * Whether a write failed as the other end is gone: a closed pipe is EPIPE, a terminal that hung up is EIO, which Deno
 * gives no class of its own.
 */
export function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.BadResource ||
    (error as { code?: string }).code === "EIO";
}
