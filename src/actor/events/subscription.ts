/**
 * Subscriptions to what an actor publishes: async iterables with backpressure.
 *
 * `publish` always takes the item; once a subscriber has `capacity` items unread, or `bytes` of them,
 * it returns a promise for the publisher to wait on. So a publisher that waits
 * (a sidecar's stdout pump) overshoots by what it had in hand (one chunk), and
 * one that does not wait is cut off at a hard limit instead of eating all memory.
 */

import { OptionError, SubscriptionLaggedError } from "../actor_errors.ts";
import { cancellable } from "./cancellable.ts";
import { Ring } from "../../time/ring.ts";

/** Items unread before the publisher is asked to wait. */
export const SUBSCRIPTION_CAPACITY = 1_024;
/** Items unread beyond `capacity` before a subscription is ended with an error: more than a pipe and a chunk can hold. */
export const SUBSCRIPTION_OVERSHOOT = 262_144;

/** Bytes unread before the publisher is asked to wait. */
export const SUBSCRIPTION_BYTES = 1_048_576;
/**
 * Bytes unread beyond `bytes` before a subscription is ended with an error, as with {@linkcode SUBSCRIPTION_OVERSHOOT}.
 * The largest item does not count: a publisher that waits can't help it.
 */
export const SUBSCRIPTION_OVERSHOOT_BYTES = 16_777_216;

/** How much a subscription may have unread. */
export interface SubscriptionBounds {
  /** Items unread before the publisher waits. Default 1,024. */
  readonly capacity?: number | undefined;
  /** Bytes unread before the publisher waits, of items whose size it tells. Default 1,048,576 (1 MiB). */
  readonly bytes?: number | undefined;
}

/** Options of `ref.subscribe`. */
export interface SubscribeOptions extends SubscriptionBounds {
  /** Ends the subscription when it aborts. */
  readonly signal?: AbortSignal;
}

/** Items, with the size of each if any had one. */
export interface SizedBatch<Item> {
  /** In order. */
  readonly items: readonly Item[];
  /** As many. */
  readonly sizes: readonly number[] | undefined;
}

/** A call that waits for the next item. Methods, so that a subscription to nothing fits where any will do. */
interface WaitingReader<Item> {
  resolve(result: IteratorResult<Item>): void;
  reject(error: Error): void;
}

/** One subscription. Leaving its `for await` loop, or `return()`, ends it. */
export class Subscription<Item> implements AsyncIterableIterator<Item> {
  readonly #path: string;
  readonly #capacity: number;
  readonly #mostBytes: number;
  readonly #leave: () => void;
  readonly #ring = new Ring<Item>();
  /** How large each unread item is; none before the first that has a size. */
  #sizes: Ring<number> | undefined;
  #bytes = 0;
  #largest = 0;
  #waiting: WaitingReader<Item> | undefined;
  /** Those behind that one, in order: few readers ask for an item before they have the one before it. */
  #waitingBehind: WaitingReader<Item>[] = [];
  #room: PromiseWithResolvers<void> | undefined;
  #arrival: PromiseWithResolvers<void> | undefined;
  #error: Error | undefined;
  #hasEnded = false;

  /**
   * @ignore Made by `ref.subscribe`, or by another source of items: it calls
   * {@linkcode Subscription.push}, waits where that returns a promise, and calls {@linkcode Subscription.end} or
   * {@linkcode Subscription.fail}. `leave` is called once, when no more is to be pushed.
   */
  constructor(path: string, bounds: SubscriptionBounds, leave: () => void) {
    const { capacity = SUBSCRIPTION_CAPACITY, bytes = SUBSCRIPTION_BYTES } = bounds;
    if (!(capacity >= 1 && bytes >= 1)) {
      throw new OptionError(
        `Cannot subscribe to '${path}': capacity and bytes are numbers from 1, got ${capacity} and ${bytes}`,
      );
    }
    this.#path = path;
    this.#capacity = capacity;
    this.#mostBytes = bytes;
    this.#leave = leave;
  }

  /** @ignore Whether no more will be pushed. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** @ignore For the publisher: one item of `size` bytes; a promise means: wait before you push more. */
  push(item: Item, size = 0): Promise<void> | undefined {
    if (this.#hasEnded) return undefined;
    if (this.#waiting !== undefined) {
      const waiting = this.#waiting;
      this.#waiting = this.#waitingBehind.shift();
      waiting.resolve({ value: item, done: false });
      return undefined;
    }
    this.#ring.push(item);
    if (this.#sizes !== undefined || size > 0) this.#count(size);
    if (this.#arrival !== undefined) this.#announce();
    if (this.#ring.size < this.#capacity && this.#bytes < this.#mostBytes) return undefined;
    if (this.#ring.size > this.#capacity + SUBSCRIPTION_OVERSHOOT) {
      this.fail(new SubscriptionLaggedError(this.#path, this.#capacity + SUBSCRIPTION_OVERSHOOT));
      return undefined;
    }
    if (this.#bytes - this.#largest > this.#mostBytes + SUBSCRIPTION_OVERSHOOT_BYTES) {
      this.fail(
        new SubscriptionLaggedError(this.#path, this.#mostBytes + SUBSCRIPTION_OVERSHOOT_BYTES, "bytes"),
      );
      return undefined;
    }
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** @ignore For the publisher: no more will come, because of `error`, which is thrown behind what is unread. */
  fail(error: Error): void {
    if (this.#hasEnded) return;
    if (this.#waiting === undefined) this.#error = error;
    else {
      this.#waiting.reject(error);
      this.#waiting = this.#waitingBehind.shift();
    }
    this.end();
  }

  /** @ignore For the publisher: no more will come. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#leave();
    this.#waiting?.resolve({ value: undefined, done: true });
    this.#waiting = undefined;
    for (const { resolve } of this.#waitingBehind.splice(0)) resolve({ value: undefined, done: true });
    this.#announce();
    this.#makeRoom();
  }

  /** The next item. Calls that wait at the same time get the items in their order. */
  next(): Promise<IteratorResult<Item>> {
    if (this.#ring.size > 0) {
      const value = this.#ring.shift();
      if (this.#sizes !== undefined) this.#bytes -= this.#sizes.shift();
      if (this.#room !== undefined && this.#hasRoom()) this.#makeRoom();
      return Promise.resolve({ value, done: false });
    }
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#hasEnded) return Promise.resolve({ value: undefined, done: true });
    const waiting = Promise.withResolvers<IteratorResult<Item>>();
    if (this.#waiting === undefined) this.#waiting = waiting;
    else this.#waitingBehind.push(waiting);
    return waiting.promise;
  }

  /**
   * Reads many items at a time: all that came since the last look. Each step of a `for await` loop awaits, which takes
   * as long as to cut a line out of a chunk, whatever it runs over. So a flood of small items is read in half the time
   * by a loop over batches with a plain loop within. Leaving the loop ends the subscription.
   *
   * @example
   * ```ts
   * import { start, supervisor, sidecar } from "@outrider/outrider";
   *
   * const cat = sidecar("cat", { command: "cat", protocol: "lines" });
   * await using system = await start(supervisor("root", [cat]));
   * const subscription = system.ref<string, string, string>("cat").subscribe();
   * for (const word of ["one", "two"]) void system.ref("cat").tell(word);
   * let missing = 2;
   * for await (const lines of subscription.batches()) {
   *   for (const line of lines) console.log(line); // one, two
   *   if ((missing -= lines.length) === 0) break;
   * }
   * ```
   *
   * @throws {SubscriptionLaggedError}
   */
  batches(): AsyncIterableIterator<readonly Item[]> {
    return this.#leavable(() => this.#takeAll());
  }

  /** @ignore For an actor that publishes them again. */
  sizedBatches(): AsyncIterableIterator<SizedBatch<Item>> {
    return this.#leavable(() => this.#takeSized());
  }

  /** @ignore All that is unread, without waiting. */
  takeUnread(): SizedBatch<Item> {
    const batch = this.#takeSized();
    this.#makeRoom();
    return batch;
  }

  #takeSized(): SizedBatch<Item> {
    const sizes = this.#bytes > 0 ? this.#sizes!.takeAll() : undefined;
    return { items: this.#takeAll(), sizes };
  }

  #leavable<Batch>(takeAll: () => Batch): AsyncIterableIterator<Batch> {
    return cancellable(this.#each(takeAll), () => void this.return());
  }

  async *#each<Batch>(takeAll: () => Batch): AsyncGenerator<Batch, void, void> {
    try {
      for (;;) {
        if (this.#ring.size > 0) {
          const batch = takeAll();
          this.#makeRoom();
          yield batch;
        } else if (this.#error !== undefined) {
          throw this.#error;
        } else if (this.#hasEnded) {
          return;
        } else {
          // Fulfilled by the first item; by the time this goes on, all of its chunk have come.
          this.#arrival ??= Promise.withResolvers();
          await this.#arrival.promise;
        }
      }
    } finally {
      await this.return();
    }
  }

  /** Ends the subscription and drops unread items. */
  return(): Promise<IteratorResult<Item>> {
    this.#takeAll();
    this.#makeRoom();
    this.#error = undefined;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #count(size: number): void {
    if (this.#sizes === undefined) {
      this.#sizes = new Ring();
      while (this.#sizes.size < this.#ring.size - 1) this.#sizes.push(0);
    }
    this.#sizes.push(size);
    this.#bytes += size;
    if (this.#ring.size === 1) this.#largest = size;
    else if (size > this.#largest) this.#largest = size;
  }

  /** Half of what it may have unread is free. */
  #hasRoom(): boolean {
    return this.#ring.size <= this.#capacity >> 1 && this.#bytes * 2 <= this.#mostBytes;
  }

  #takeAll(): Item[] {
    this.#sizes?.clear();
    this.#bytes = 0;
    return this.#ring.takeAll();
  }

  #announce(): void {
    this.#arrival?.resolve();
    this.#arrival = undefined;
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
