/**
 * Writes to a pipe, a terminal or a file, however fast its reader is: while one write is under way, all that comes goes
 * into the next one.
 *
 * Used for stdout and stderr: lines (`output.ts`) and data (`buffered_stdout.ts`).
 */

import { type Clock, sleep, systemClock } from "../../time/clock.ts";

/** Milliseconds until the next try where the other end takes nothing and says so, instead of making us wait. */
export const OUTPUT_RETRY_MS = 20;

/** The target: `Deno.stdout` or `Deno.stderr`. */
export type WritableFile = Pick<Deno.FsFile, "write">;

/** The writing end, for pieces of one kind. */
export abstract class FileWriter<Piece extends string | Uint8Array> {
  readonly #file: WritableFile;
  readonly #clock: Clock;
  #pieces: Piece[] = [];
  #size = 0;
  #isGone = false;
  /** Bytes written so far. */
  written = 0;
  #draining: Promise<void> | undefined;

  constructor(file: WritableFile, clock: Clock = systemClock) {
    this.#file = file;
    this.#clock = clock;
  }

  /** Whether nothing more can be written: the reader is gone. */
  get isBroken(): boolean {
    return this.#isGone;
  }

  /** Characters and bytes that wait for the write that is under way. */
  protected get waiting(): number {
    return this.#size;
  }

  /** Fulfilled when all is written, or nothing more can be. */
  async flush(): Promise<void> {
    await this.#draining;
  }

  /** Takes a piece. */
  protected add(piece: Piece): void {
    if (this.isBroken) return;
    this.#pieces.push(piece);
    this.#size += piece.length;
    this.#draining ??= this.#drain();
  }

  /** Writes what has come since the last write. */
  protected abstract writeBatch(pieces: readonly Piece[]): Promise<void>;

  async #drain(): Promise<void> {
    while (this.#pieces.length > 0) {
      const pieces = this.#pieces;
      this.#pieces = [];
      this.#size = 0;
      await this.writeBatch(pieces);
    }
    this.#draining = undefined;
  }

  /** Writes `bytes` to their end, or up to where the reader has gone; gives what else kept it from that. */
  protected async writeBytes(bytes: Uint8Array): Promise<Error | undefined> {
    for (let at = 0; at < bytes.length && !this.isBroken;) {
      try {
        const count = await this.#file.write(bytes.subarray(at));
        at += count;
        this.written += count;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        if (isReaderGone(error)) this.#isGone = true;
        else if (!(error instanceof Deno.errors.WouldBlock)) return error;
        else await sleep(this.#clock, OUTPUT_RETRY_MS);
      }
    }
  }
}

/** A closed pipe is EPIPE; a terminal that hung up is EIO, which Deno gives no class of its own. */
function isReaderGone(error: Error): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.BadResource ||
    (error as { code?: string }).code === "EIO";
}
