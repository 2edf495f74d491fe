/**
 * Standard output of a process that must go on when nobody reads it.
 *
 * A closed pipe or terminal makes further lines vanish; one that stalls makes
 * its writer wait, and nobody else; a full disk costs the lines of that moment.
 *
 * @module
 */

import { sleep, systemClock } from "../actor/clock.ts";
import type { Clock } from "../actor/clock.ts";

/** Characters that wait to be written before {@linkcode Output.line} asks its caller to wait. */
export const OUTPUT_HIGH_WATER = 65_536;
/** Milliseconds until the next try where the other end takes nothing and says so, instead of making us wait. */
export const OUTPUT_RETRY_MS = 20;

const encoder = new TextEncoder();

/** Lines to stdout or stderr. While one write is under way, all lines that come go into the next one. */
export class Output {
  readonly #file: { write(bytes: Uint8Array): Promise<number> };
  readonly #clock: Clock;
  #lines: string[] = [];
  #waiting = 0;
  #draining: Promise<void> | undefined;
  #broken = false;

  /** To `Deno.stdout` or `Deno.stderr`. */
  constructor(file: { write(bytes: Uint8Array): Promise<number> }, clock: Clock = systemClock) {
    this.#file = file;
    this.#clock = clock;
  }

  /** Whether the other end is gone: what is written vanishes. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Takes `text` as a line. A promise means: wait before you write more; it never rejects. */
  line(text: string): void | Promise<void> {
    if (this.#broken) return;
    this.#lines.push(text);
    this.#waiting += text.length + 1;
    this.#draining ??= this.#drain();
    if (this.#waiting >= OUTPUT_HIGH_WATER) return this.#draining;
  }

  /** Fulfilled when all lines are written, or the other end is gone. Never rejects. */
  async flush(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#lines.length > 0) {
      const text = this.#lines.join("\n") + "\n";
      this.#lines = [];
      this.#waiting = 0;
      await this.#write(encoder.encode(text));
    }
    this.#draining = undefined;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#broken;) {
      try {
        at += await this.#file.write(bytes.subarray(at));
      } catch (error) {
        // Not a failure of the tree, whatever it is; what else but its own output could it be told to?
        if (error instanceof Deno.errors.WouldBlock) await sleep(this.#clock, OUTPUT_RETRY_MS);
        else if (isGone(error)) this.#broken = true;
        else return;
      }
    }
  }
}

/** Whether a write failed as the other end is gone: a closed pipe is EPIPE, a terminal that hung up is EIO, which Deno gives no class of its own. */
export function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.BadResource ||
    (error as { code?: string }).code === "EIO";
}
