/**
 * Owns a child's stdout: reads only as fast as its one consumer takes, so that a slow consumer blocks the child (at the
 * 64 KiB of a pipe) instead of filling this runtime's memory.
 *
 * The consumer may stall for ever, and the pipe may be held open by a grandchild; `cancel` ends both.
 */
import { PipeTakenError } from "./pipe_errors.ts";
import { type ChunkHandler, PipeReader, type PipeReaderOptions } from "./pipe_reader.ts";

/** The reading end of one child's stdout. */
export class StdoutReader {
  readonly #pid: number;
  readonly #stream: ReadableStream<Uint8Array>;
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers();
  #isOver = false;
  #reader: PipeReader | undefined;

  constructor(stream: ReadableStream<Uint8Array>, options: { readonly pid: number }) {
    this.#stream = stream;
    this.#pid = options.pid;
  }

  /** Resolves when no more will be read: EOF, cancelled, or the consumer failed. Never rejects. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether a consumer reads, or has read. */
  get isTaken(): boolean {
    return this.#reader !== undefined;
  }

  /** Reads to EOF or until cancelled. If `take` fails, reading ends and this rejects with its error. */
  async read(take: ChunkHandler, options?: PipeReaderOptions): Promise<void> {
    if (this.#reader !== undefined) throw new PipeTakenError(this.#pid);
    const reader = this.#reader = new PipeReader(this.#stream, options);
    try {
      await reader.readAll(take);
    } catch (error) {
      await reader.cancel().catch(() => {}); // a pipe that failed says so once more
      throw error;
    } finally {
      this.#end();
    }
  }

  /** Releases the pipe at once; its content is lost, and a stalled consumer is no longer waited for. */
  async cancel(): Promise<void> {
    try {
      await (this.#reader ?? this.#stream).cancel();
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#ended.resolve();
  }
}
