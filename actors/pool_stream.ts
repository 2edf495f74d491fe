/**
 * An answer of many frames on its way through a pool: its copy is at work until the reader has had the last one.
 *
 * @module
 */

/** Whether an answer has many frames. */
export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** The same frames; tells once when they are at their end, or failed, or the reader has left. */
export class PoolStream implements AsyncIterableIterator<unknown> {
  readonly #frames: AsyncIterator<unknown>;
  #onEnd: (() => void) | undefined;

  constructor(frames: AsyncIterable<unknown>, onEnd: () => void) {
    this.#frames = frames[Symbol.asyncIterator]();
    this.#onEnd = onEnd;
  }

  /** The next frame. */
  async next(): Promise<IteratorResult<unknown>> {
    try {
      const result = await this.#frames.next();
      if (result.done) this.#end();
      return result;
    } catch (thrown) {
      this.#end();
      throw thrown;
    }
  }

  /** The reader leaves. */
  async return(): Promise<IteratorResult<unknown>> {
    await this.#frames.return?.();
    this.#end();
    return { value: undefined, done: true };
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    this.#onEnd?.();
    this.#onEnd = undefined;
  }
}
