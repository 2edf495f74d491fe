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
  /** Calls of `next` that wait, by what they are answered with when the reader leaves. */
  readonly #waiting = new Set<() => void>();
  #onEnd: (() => void) | undefined;
  #left = false;

  constructor(frames: AsyncIterable<unknown>, onEnd: () => void) {
    this.#frames = frames[Symbol.asyncIterator]();
    this.#onEnd = onEnd;
  }

  /** The next frame. */
  next(): Promise<IteratorResult<unknown>> {
    return new Promise((resolve, reject) => {
      const leave = () => resolve({ value: undefined, done: true });
      if (this.#left) return leave();
      this.#waiting.add(leave);
      Promise.try(() => this.#frames.next()).then((result) => {
        this.#waiting.delete(leave);
        if (result.done) this.#end();
        resolve(result);
      }, (thrown) => {
        this.#waiting.delete(leave);
        this.#end();
        reject(thrown);
      });
    });
  }

  /** The reader leaves. The frames may take their time for that, which is not waited for where they are being made. */
  async return(): Promise<IteratorResult<unknown>> {
    const isMaking = this.#waiting.size > 0;
    this.#left = true;
    for (const leave of this.#waiting) leave();
    const over = Promise.try(() => this.#frames.return?.()).finally(() => this.#end());
    if (isMaking) over.catch(() => {}); // a reader who has left is told of no failure
    else await over;
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
