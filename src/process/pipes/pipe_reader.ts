/**
 * Reads the bytes of a pipe into buffers that fit: small ones while little comes, large ones for a flood.
 *
 * By default, Deno allocates a new buffer of 64 KiB, filled with zeros, for every read of a pipe, even for a reply of
 * twenty bytes or for the end of the file. Each chunk is the reader's own, unless buffers are reused: then it is so until
 * the next read.
 *
 * @module
 */

/** The bytes of the first buffer. */
export const SMALLEST_READ = 4_096;
/** The bytes of the largest buffer: the capacity of a pipe. */
export const LARGEST_READ = 65_536;

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

  /** Locks `stream`; one that is not a byte stream (in tests) is read as it comes. */
  constructor(stream: ReadableStream<Uint8Array>, { reuse = false }: PipeReaderOptions = {}) {
    this.#reuse = reuse;
    const bytes = byteReader(stream);
    if (bytes === undefined) this.#chunks = stream.getReader();
    else this.#bytes = bytes;
  }

  /** Returns the next bytes, or `undefined` at the end. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#bytes === undefined) return (await this.#chunks!.read()).value;
    const spare = this.#spare;
    const room = spare?.byteLength === this.#size ? new Uint8Array(spare) : new Uint8Array(this.#size);
    const { value, done } = await this.#bytes.read(room);
    if (done) return undefined;
    if (this.#reuse) this.#spare = value.buffer;
    if (value.length === this.#size) this.#size = Math.min(this.#size * 4, LARGEST_READ);
    else if (value.length <= this.#size >> 4) this.#size = Math.max(this.#size >> 1, SMALLEST_READ);
    return value;
  }

  /** Releases the stream; its content is lost. */
  cancel(): Promise<void> {
    return (this.#bytes ?? this.#chunks!).cancel();
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
