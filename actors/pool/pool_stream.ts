/**
 * An answer of many frames on its way through a pool.
 */

/** Whether an answer has many frames. */
export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** Passes the same frames on, and calls back once when they end, or fail, or the reader leaves. */
export class PoolStream implements AsyncIterableIterator<unknown> {
  readonly #frames: AsyncIterator<unknown>;
  /** Pending calls of `next`, as functions that settle them when the reader leaves. */
  readonly #waiting = new Set<() => void>();
  #onEnd: (() => void) | undefined;
  #onLeave = false;

  constructor(frames: AsyncIterable<unknown>, onEnd: () => void) {
    this.#frames = frames[Symbol.asyncIterator]();
    this.#onEnd = onEnd;
  }

  /** The next frame. */
  next(): Promise<IteratorResult<unknown>> {
    return new Promise((resolve, reject) => {
      const leave = () => resolve({ value: undefined, done: true });
      if (this.#onLeave) return leave();
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
    this.#onLeave = true;
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
