/**
 * A readable stream that is filled from this side, with an end that waits its turn.
 *
 * `controller.error` of a plain `ReadableStream` discards unread items. Here an error queues behind the items pushed
 * before it, so a reader gets all of them, and then the error.
 */

import { cancellable } from "@outrider/outrider/actor";

/** A stream whose reader can leave a loop over it at any time; that of the platform waits for the next item first. */
class CancellableStream<Item> extends ReadableStream<Item> {
  override values(
    { preventCancel = false }: ReadableStreamIteratorOptions = {},
  ): AsyncGenerator<Item, void, void> {
    const reader = this.getReader();
    let left = false;
    return cancellable(itemsOf(reader, () => left), () => {
      left = true;
      if (!preventCancel) reader.cancel().catch(() => {});
      reader.releaseLock();
    });
  }

  override [Symbol.asyncIterator](options?: ReadableStreamIteratorOptions): AsyncGenerator<Item, void, void> {
    return this.values(options);
  }
}

async function* itemsOf<Item>(
  reader: ReadableStreamDefaultReader<Item>,
  hasCancelled: () => boolean,
): AsyncGenerator<Item, void, void> {
  for (;;) {
    const { value, done } = await reader.read().catch((error) => {
      reader.releaseLock();
      if (hasCancelled()) return { value: undefined, done: true } as const; // a read without the lock fails
      throw error;
    });
    if (done) return reader.releaseLock();
    yield value;
  }
}

/** How an {@linkcode PullStream} is made. */
export interface PullStreamOptions {
  /** Items unread before {@linkcode PullStream.push} asks to wait. */
  readonly capacity: number;
  /** The reader has left before the end. */
  readonly onCancel: (reason: unknown) => void;
  /** The reader has taken an item. */
  readonly onTaken?: () => void;
}

/** The writing end; {@linkcode PullStream.readable} is the other. */
export class PullStream<Item> {
  /** The reader's end. */
  readonly readable: ReadableStream<Item>;
  readonly #options: PullStreamOptions;
  #queue: Item[] = [];
  /** How far the queue was read. */
  #at = 0;
  #state: "open" | "ended" | "cancelled" = "open";
  #error: Error | undefined;
  #arrival: (() => void) | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(options: PullStreamOptions) {
    this.#options = options;
    const source = {
      pull: (controller: ReadableStreamDefaultController<Item>) => this.#pull(controller),
      cancel: (reason: unknown) => this.#cancel(reason),
    };
    this.readable = new CancellableStream(source, { highWaterMark: 0 });
  }

  /** Whether nothing more can come, or is wanted. */
  get isOver(): boolean {
    return this.#state !== "open";
  }

  /** Items that are kept, be they read or not. */
  get buffered(): number {
    return this.#queue.length;
  }

  /** Items that the reader has not taken. */
  get unread(): number {
    return this.#queue.length - this.#at;
  }

  /** Takes one item, always; a promise means: wait before the next. Items of a cancelled reader are dropped. */
  push(item: Item): Promise<void> | undefined {
    if (this.isOver) return undefined;
    this.#queue.push(item);
    this.#wake();
    if (this.unread < this.#options.capacity) return undefined;
    return (this.#room ??= Promise.withResolvers()).promise;
  }

  /** Ends the stream, behind unread items. */
  end(): void {
    if (this.#state === "open") this.#state = "ended";
    this.#makeRoom();
    this.#wake();
  }

  /** Ends the stream with an error, behind unread items; the first end counts. */
  fail(error: Error): void {
    if (this.isOver) return;
    this.#error = error;
    this.end();
  }

  async #pull(controller: ReadableStreamDefaultController<Item>): Promise<void> {
    while (this.#at === this.#queue.length && !this.isOver) {
      await new Promise<void>((resolve) => this.#arrival = resolve);
    }
    if (this.#state === "cancelled") return;
    if (this.#at < this.#queue.length) {
      controller.enqueue(this.#shift());
      if (this.unread <= this.#options.capacity >> 1) this.#makeRoom();
      this.#options.onTaken?.();
    } else if (this.#error !== undefined) controller.error(this.#error);
    else controller.close();
  }

  #shift(): Item {
    const item = this.#queue[this.#at++]!;
    // Read items are removed when they are half of the array: so an item is moved once, on average.
    if (2 * this.#at >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#at);
      this.#at = 0;
    }
    return item;
  }

  #cancel(reason: unknown): void {
    const early = this.#state === "open";
    this.#state = "cancelled";
    this.#queue = [];
    this.#at = 0;
    this.#makeRoom();
    this.#wake();
    if (early) this.#options.onCancel(reason);
  }

  #wake(): void {
    this.#arrival?.();
    this.#arrival = undefined;
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
