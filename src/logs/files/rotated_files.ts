/**
 * The older files beside a log file: numbered, the newest `.1`, at most so many, compressed behind its back.
 *
 * The invariant: where both `.3` and `.3.gz` are there, `.3` is whole and `.3.gz` is not: a run that ends in the middle
 * of compressing loses nothing, and the next one begins again.
 */

import { rotatedForms } from "../../options/fields/log.ts";
import { type Clock, sleep } from "../../time/clock.ts";

/** Bytes that are compressed at a time: about half a millisecond of the event loop. */
const CHUNK = 16_384;
/** How long it rests after each, as a multiple of what that took. */
const REST = 3;

/** What of a log file is kept. */
export interface LogFileSettings {
  /** Its path. */
  readonly file: string;
  /** How many older files are kept. */
  readonly keep: number;
  /** Whether they are compressed. */
  readonly gzip: boolean;
}

/** Behind a log file. */
export class RotatedFiles {
  readonly #settings: LogFileSettings;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  /** The last of the steps that change names: they come one after the other. */
  #steps: Promise<unknown> = Promise.resolve();
  /** The number of the file that is being compressed. */
  #number = 0;
  #compressing: Promise<void> | undefined;

  constructor(settings: LogFileSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Takes `file` as the newest; the oldest goes. @throws the system's error */
  take(file: string): Promise<void> {
    return this.#inTurn(async () => {
      const { file: base, keep, gzip } = this.#settings;
      for (const form of rotatedForms(base, keep, gzip)) await ifFound(Deno.remove(form));
      for (let number = keep - 1; number > 0; number--) {
        const next = rotatedForms(base, number + 1, gzip);
        for (const [index, form] of rotatedForms(base, number, gzip).entries()) {
          await ifFound(Deno.rename(form, next[index]!));
        }
      }
      await Deno.rename(file, `${base}.1`);
      if (this.#number > 0) this.#number++;
    });
  }

  /** Compresses what is not, the newest first, unless that is under way. */
  compressSoon(): void {
    if (!this.#settings.gzip || this.#closed.signal.aborted) return;
    // Without room for it, or where a file was removed meanwhile: the next rotation tries again.
    this.#compressing ??= this.#compressAll().catch(() => {}).finally(() => this.#compressing = undefined);
  }

  /** Ends compressing, within moments. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#compressing;
    await this.#steps;
  }

  async #compressAll(): Promise<void> {
    for (let next; !this.#closed.signal.aborted && (next = await this.#openNext()) !== undefined;) {
      using from = next.from;
      using to = next.to;
      const isWhole = await this.#compress(from, to).catch(() => false);
      await this.#inTurn(() => this.#finish(isWhole));
      if (!isWhole) return;
    }
  }

  /** Opens the newest file that is not compressed, and what is to become of it. */
  #openNext(): Promise<{ from: Deno.FsFile; to: Deno.FsFile } | undefined> {
    return this.#inTurn(async () => {
      const { file, keep } = this.#settings;
      for (let number = 1; number <= keep; number++) {
        const from = await ifFound(Deno.open(`${file}.${number}`));
        if (from === undefined) continue;
        const target = `${file}.${number}.gz`;
        try {
          await ifFound(Deno.remove(target));
          // New, so it can't be a link to another user's file.
          const to = await Deno.open(target, { write: true, createNew: true, mode: 0o600 });
          this.#number = number;
          return { from, to };
        } catch (error) {
          from.close();
          throw error;
        }
      }
    });
  }

  /** Resolves to whether all of it is there; `false` where this is closed meanwhile. */
  async #compress(from: Deno.FsFile, to: Deno.FsFile): Promise<boolean> {
    const { readable, writable } = new CompressionStream("gzip");
    const writer = writable.getWriter();
    const written = writeAll(readable, to);
    written.catch(() => {});
    const buffer = new Uint8Array(CHUNK);
    for (let size; (size = await from.read(buffer)) !== null;) {
      const began = this.#clock.now();
      await writer.write(buffer.slice(0, size));
      await sleep(this.#clock, (this.#clock.now() - began) * REST, this.#closed.signal);
      if (!this.#closed.signal.aborted) continue;
      await writer.abort();
      return false;
    }
    await writer.close();
    await written;
    return true;
  }

  /** One of the two forms goes; the numbers may have become others, and the file may be gone. */
  async #finish(isWhole: boolean): Promise<void> {
    const plain = `${this.#settings.file}.${this.#number}`;
    if (this.#number <= this.#settings.keep) await ifFound(Deno.remove(isWhole ? plain : `${plain}.gz`));
    this.#number = 0;
  }

  #inTurn<Result>(step: () => Promise<Result>): Promise<Result> {
    const done = this.#steps.then(step);
    this.#steps = done.catch(() => {});
    return done;
  }
}

async function ifFound<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Not `pipeTo(to.writable)`: Deno 2.9 leaves such a file empty where it is not closed by that. */
async function writeAll(chunks: AsyncIterable<Uint8Array>, to: Deno.FsFile): Promise<void> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) at += await to.write(chunk.subarray(at));
  }
}
