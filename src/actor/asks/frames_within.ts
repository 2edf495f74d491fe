/**
 * A reply of many frames whose reader waits for each of them only so long: the option `idle` of `ask`.
 *
 * Used by `Ask`. Time runs while the reader waits, so that a slow reader is no fault of the actor's. Once it is over the
 * reply is left, as by a reader that leaves its loop.
 */

import type { DeadlineEntry, Deadlines, Lane } from "../../time/deadlines.ts";

/** Whether it is a reply of many frames. */
export function hasFrames(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

export interface FramesWithinOptions {
  readonly deadlines: Deadlines;
  /** Milliseconds for a frame. */
  readonly idle: number;
  /** Makes the error for the reader, when a frame has not come in time. */
  readonly late: () => Error;
}

/** Passes the same frames on. */
export class FramesWithin implements AsyncIterableIterator<unknown>, DeadlineEntry {
  readonly #frames: AsyncIterator<unknown>;
  readonly #options: FramesWithinOptions;
  /** Pending calls of `next`, oldest first. */
  readonly #waiting = new Set<PromiseWithResolvers<IteratorResult<unknown>>>();
  #isOver = false;
  // For the deadlines.
  lane: Lane | undefined = undefined;
  addedIn = 0;
  before: DeadlineEntry | undefined = undefined;
  after: DeadlineEntry | undefined = undefined;

  constructor(frames: AsyncIterable<unknown>, options: FramesWithinOptions) {
    this.#frames = frames[Symbol.asyncIterator]();
    this.#options = options;
  }

  /** The next frame. */
  next(): Promise<IteratorResult<unknown>> {
    const waiting = Promise.withResolvers<IteratorResult<unknown>>();
    if (this.#isOver) waiting.resolve({ value: undefined, done: true });
    else {
      this.#waiting.add(waiting);
      if (this.#waiting.size === 1) this.#time();
      Promise.try(() => this.#frames.next()).then(
        (result) => this.#came(waiting).resolve(result),
        (thrown) => this.#came(waiting).reject(thrown),
      );
    }
    return waiting.promise;
  }

  /** The reader leaves. The frames may take their time for that, which is not waited for where one is being made. */
  async return(): Promise<IteratorResult<unknown>> {
    const isMaking = this.#waiting.size > 0;
    this.#end();
    const over = Promise.try(() => this.#frames.return?.());
    if (isMaking) over.catch(() => {}); // a reader who has left is told of no failure
    else await over;
    return { value: undefined, done: true };
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** For {@linkcode Deadlines}. */
  expire(): void {
    const [first] = this.#waiting;
    first?.reject(this.#options.late());
    void this.return();
  }

  #time(): void {
    this.#options.deadlines.add(this, this.#options.idle);
  }

  #came(
    waiting: PromiseWithResolvers<IteratorResult<unknown>>,
  ): PromiseWithResolvers<IteratorResult<unknown>> {
    this.#waiting.delete(waiting);
    this.lane?.remove(this);
    if (this.#waiting.size > 0) this.#time();
    return waiting;
  }

  #end(): void {
    this.#isOver = true;
    this.lane?.remove(this);
    for (const waiting of this.#waiting) waiting.resolve({ value: undefined, done: true });
    this.#waiting.clear();
  }
}
