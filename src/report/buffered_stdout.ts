/**
 * Standard output as the way out of data: in order, with backpressure, and with nothing lost in silence.
 *
 * @module
 */

import { systemClock, systemSleep } from "../time/clock.ts";
import { isGone, OUTPUT_RETRY_MS } from "./output.ts";

/** Characters and bytes that wait to be written before {@linkcode BufferedStdout.isFull}. */
export const STDOUT_HIGH_WATER = 262_144;

const encoder = new TextEncoder();

/** The way out. While one write is under way, all that comes goes into the next one. */
export class BufferedStdout {
  /** Bytes written so far. */
  written = 0;
  /** The error of a failed write; a reader that leaves is not an error. */
  error: Error | undefined;
  /** Settles when nothing more can be written. */
  readonly broken: Promise<void>;
  readonly #file: { write(bytes: Uint8Array): Promise<number> };
  #waiting: (string | Uint8Array)[] = [];
  #size = 0;
  #isBroken = false;
  #onBroken: () => void;
  #draining: Promise<void> | undefined;

  /** To `Deno.stdout`. */
  constructor(file: { write(bytes: Uint8Array): Promise<number> }) {
    this.#file = file;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.broken = promise;
    this.#onBroken = resolve;
  }

  /** Whether to wait for {@linkcode BufferedStdout.flush} before writing more. */
  get isFull(): boolean {
    return this.#size >= STDOUT_HIGH_WATER;
  }

  /** Whether nothing more can be written: the reader is gone, or writing failed. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Takes `data`; the caller must not change it afterwards. */
  write(data: string | Uint8Array): void {
    if (this.#isBroken) return;
    this.#waiting.push(data);
    this.#size += data.length;
    this.#draining ??= this.#drain();
  }

  /** Fulfilled when all is written, or nothing more can be. */
  async flush(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    await undefined; // what comes in this turn goes into one write
    while (this.#waiting.length > 0 && !this.#isBroken) {
      const parts = this.#waiting;
      this.#waiting = [];
      this.#size = 0;
      for (const bytes of joined(parts)) await this.#write(bytes);
    }
    this.#draining = undefined;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#isBroken;) {
      try {
        const count = await this.#file.write(bytes.subarray(at));
        at += count;
        this.written += count;
      } catch (error) {
        if (error instanceof Deno.errors.WouldBlock) {
          await systemSleep(systemClock, OUTPUT_RETRY_MS);
          continue;
        }
        if (!(error instanceof Error)) throw error;
        if (!isGone(error)) this.error = error;
        this.#isBroken = true;
        this.#onBroken();
      }
    }
  }
}

/** Texts in one piece; bytes as they are. */
function joined(parts: readonly (string | Uint8Array)[]): readonly Uint8Array[] {
  if (parts.every((part) => typeof part === "string")) return [encoder.encode(parts.join(""))];
  return parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
}
