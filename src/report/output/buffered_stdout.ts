/**
 * Standard output as the way out of data: in order, with backpressure, and with nothing lost in silence.
 */

import { FileWriter } from "./file_writer.ts";

/** Characters and bytes that wait to be written before {@linkcode BufferedStdout.isFull}. */
export const STDOUT_HIGH_WATER = 262_144;

const encoder = new TextEncoder();

/** The way out. */
export class BufferedStdout extends FileWriter<string | Uint8Array> {
  readonly #broken = Promise.withResolvers<void>();
  /** Settles when nothing more can be written. */
  readonly broken: Promise<void> = this.#broken.promise;
  #beingWritten = 0;
  /** Why writing failed, if it did; the reader's leaving is not a failure. */
  error: Error | undefined;

  /** Whether to wait for {@linkcode BufferedStdout.flush} before writing more. */
  get isFull(): boolean {
    return this.waiting >= STDOUT_HIGH_WATER;
  }

  /** Characters and bytes that were not written yet, with those of the write that is under way. */
  get unwritten(): number {
    return this.waiting + this.#beingWritten;
  }

  /** Whether nothing more can be written: the reader is gone, or writing failed. */
  override get isBroken(): boolean {
    return super.isBroken || this.error !== undefined;
  }

  /** Takes `data`; the caller must not change it afterwards. */
  write(data: string | Uint8Array): void {
    this.add(data);
  }

  protected override async writeBatch(parts: readonly (string | Uint8Array)[]): Promise<void> {
    this.#beingWritten = parts.reduce((sum, { length }) => sum + length, 0);
    for (const bytes of joined(parts)) this.error ??= await this.writeBytes(bytes);
    this.#beingWritten = 0;
    if (this.isBroken) this.#broken.resolve();
  }
}

/** Texts in one piece; bytes as they are. */
function joined(parts: readonly (string | Uint8Array)[]): readonly Uint8Array[] {
  if (parts.every((part) => typeof part === "string")) return [encoder.encode(parts.join(""))];
  return parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
}
