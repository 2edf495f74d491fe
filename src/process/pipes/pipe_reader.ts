/**
 * Reads the bytes of a pipe into buffers that fit: small ones while little comes, large ones for a flood.
 *
 * By default, Deno allocates a new buffer of 64 KiB, filled with zeros, for every read of a pipe, even for a reply of
 * twenty bytes or for the end of the file. Each chunk is the reader's own, unless buffers are reused: then it is so until
 * the next read.
 *
 * A pipe that is always full fulfils each read in a microtask, and the event loop never interrupts those: one flooding
 * process would starve every timer, signal and other pipe. So reading gives way to the event loop after a time slice, which
 * all readers share: one turn for all.
 */

import { eventLoop } from "../../time/next_turn.ts";

/** The bytes of the first buffer. */
export const SMALLEST_READ = 4_096;
/** The bytes of the largest buffer: the capacity of a pipe. */
export const LARGEST_READ = 65_536;

/** Milliseconds of reading after which the event loop gets its turn. */
export const READ_SLICE_MS = 4;

/** When the event loop had its last turn that was waited for. */
let sliceStart = 0;
let turn: Promise<void> | undefined;

function nextTurn(): Promise<void> {
  return turn ??= new Promise((resolve) =>
    eventLoop.setImmediate(() => {
      turn = undefined;
      sliceStart = performance.now();
      resolve();
    })
  );
}

/** Receives each chunk, at most 64 KiB, as its own unless buffers are reused; a promise holds back the next one. */
export type ChunkHandler = (chunk: Uint8Array) => void | Promise<void>;

/** Settings of a {@linkcode PipeReader}. */
export interface PipeReaderOptions {
  /** Whether a chunk's memory is read into again by the next read. Default: each chunk is the reader's own. */
  readonly reuse?: boolean | undefined;
}

/** The one reader of a stream. */
export class PipeReader {
  readonly #bytes: ReadableStreamBYOBReader | undefined;
  readonly #chunks: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #reuse: boolean;
  #size = SMALLEST_READ;
  #spare: ArrayBuffer | undefined;
  #leaveStall: (() => void) | undefined;

  /** Locks `stream`; one that is not a byte stream (in tests) is read as it comes. */
  constructor(stream: ReadableStream<Uint8Array>, { reuse = false }: PipeReaderOptions = {}) {
    this.#reuse = reuse;
    const bytes = byteReader(stream);
    if (bytes === undefined) this.#chunks = stream.getReader();
    else this.#bytes = bytes;
  }

  /** Hands each chunk to `take`, to the end. Rejects with what `take` throws, and then reads no more. */
  async readAll(take: ChunkHandler): Promise<void> {
    for (;;) {
      const { value, done } = await this.#next();
      if (done) return;
      if (this.#bytes !== undefined) this.#fit(value);
      const taking = take(value);
      if (taking !== undefined) await this.#stall(taking);
      if (performance.now() - sliceStart >= READ_SLICE_MS) await nextTurn();
    }
  }

  #next(): Promise<ReadableStreamReadResult<Uint8Array>> {
    if (this.#bytes === undefined) return this.#chunks!.read();
    const spare = this.#spare;
    const room = spare?.byteLength === this.#size ? new Uint8Array(spare) : new Uint8Array(this.#size);
    return this.#bytes.read(room) as Promise<ReadableStreamReadResult<Uint8Array>>;
  }

  /** Chooses the next buffer by what `chunk` has filled of this one. */
  #fit({ buffer, length }: Uint8Array): void {
    if (this.#reuse) this.#spare = buffer as ArrayBuffer;
    if (length === this.#size) this.#size = Math.min(this.#size * 4, LARGEST_READ);
    else if (length <= this.#size >> 4) this.#size = Math.max(this.#size >> 1, SMALLEST_READ);
  }

  /** Releases the stream; its content is lost, and a handler that holds back the next chunk is not waited for. */
  async cancel(): Promise<void> {
    try {
      await (this.#bytes ?? this.#chunks!).cancel();
    } finally {
      this.#leaveStall?.();
    }
  }

  #stall(taking: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#leaveStall = resolve;
      taking.then(resolve, reject);
    });
  }
}

function byteReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return stream.getReader({ mode: "byob" });
  } catch (error) {
    if (error instanceof TypeError && !stream.locked) return undefined;
    throw error;
  }
}
