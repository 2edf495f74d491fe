/**
 * The requests of one incarnation that have no answer yet, by number.
 *
 * @module
 */

import type { Reply } from "../../actor/asks/ask.ts";
import type { ReplyStream } from "./reply_stream.ts";

/** Requests without an answer that are kept account of. */
export const MAX_PENDING_REQUESTS = 65_536;

/** Slots to begin with, as most processes are asked one thing at a time; always a power of two. */
const MIN_SLOTS = 4;
/** Requests on the account before those that were given up are looked for. */
const SWEEP_AT = 1_024;

/** A pending reply: one value, or a stream of them. */
export type PendingRequest = Reply<unknown> | ReplyStream;

/**
 * Replies by number, each in the slot that the low bits of its number name.
 *
 * It is not a `Map`: V8's leaves an old table behind after every few hundred that passed through, and each keeps the
 * next one, and all that was in it, alive until a full garbage collection.
 */
export class PendingRequests {
  /** The number that the next request gets; its slot is free. */
  next = 1;
  /** Requests without an answer. */
  size = 0;
  /** Called with each removed number. */
  onRemoved: ((number: number) => void) | undefined;
  #latest = 0;
  #oldest = 1;
  #entries: (PendingRequest | undefined)[] = new Array(MIN_SLOTS).fill(undefined);
  #numbers: number[] = new Array(MIN_SLOTS).fill(0);
  #sweepAt = SWEEP_AT;
  #below = 0;
  #room: PromiseWithResolvers<void> | undefined;

  /** The lowest number without an answer; only where there is one, and answers come in order. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Puts a request on the account, as number `next`. A slot still in use is passed over later, with its number. */
  add(entry: PendingRequest): void {
    const slot = this.next & (this.#entries.length - 1);
    this.#entries[slot] = entry;
    this.#numbers[slot] = this.#latest = this.next;
    this.size++;
    if (this.size === this.#entries.length) this.#grow();
    const mask = this.#entries.length - 1;
    do this.next++; while (this.#entries[this.next & mask] !== undefined);
  }

  /** The request of that number. */
  get(number: number): PendingRequest | undefined {
    const slot = number & (this.#entries.length - 1);
    return this.#numbers[slot] === number ? this.#entries[slot] : undefined;
  }

  /** Takes request `number` off the account. */
  take(number: number): PendingRequest | undefined {
    const slot = number & (this.#entries.length - 1);
    const entry = this.#entries[slot];
    if (entry === undefined || this.#numbers[slot] !== number) return undefined;
    this.#entries[slot] = undefined;
    this.size--;
    if (number === this.#oldest) this.#oldest++;
    if (this.size < this.#below) this.#makeRoom();
    return entry;
  }

  /** Takes the last request back, with its number. */
  withdraw(): void {
    this.next = this.#latest;
    this.take(this.#latest);
    if (this.#oldest > this.next) this.#oldest = this.next;
  }

  /** Fulfilled when fewer than `n` are on the account. */
  below(n: number): Promise<void> {
    if (this.size < n) return Promise.resolve();
    this.#below = Math.max(this.#below, n);
    this.#room ??= Promise.withResolvers();
    return this.#room.promise.then(() => this.below(n));
  }

  /** Whether any request is such. */
  some(such: (entry: PendingRequest) => boolean): boolean {
    return this.#entries.some((entry) => entry !== undefined && such(entry));
  }

  /** All requests, in no order. */
  all(): readonly PendingRequest[] {
    return this.#entries.filter((entry) => entry !== undefined);
  }

  /** Forgets request `number`: a late reply to it is known by its number. */
  remove(number: number): void {
    if (this.take(number) !== undefined) this.onRemoved?.(number);
  }

  /** Forgets all requests that were given up. */
  sweep(): void {
    for (const [slot, entry] of this.#entries.entries()) {
      if (entry !== undefined && !entry.isOpen) this.remove(this.#numbers[slot]!);
    }
    this.#sweepAt = Math.max(SWEEP_AT, this.size * 2);
  }

  /** {@linkcode PendingRequests.sweep}, when so many requests are on the account that its cost is spread over them. */
  sweepSometimes(): void {
    if (this.size >= this.#sweepAt) this.sweep();
  }

  /** Takes all requests off the account. */
  takeAll(): readonly PendingRequest[] {
    const entries = this.all();
    for (const [slot, entry] of this.#entries.entries()) {
      if (entry !== undefined) this.remove(this.#numbers[slot]!);
    }
    return entries;
  }

  #makeRoom(): void {
    this.#below = 0;
    this.#room?.resolve();
    this.#room = undefined;
  }

  #grow(): void {
    const [entries, numbers] = [this.#entries, this.#numbers];
    const mask = entries.length * 2 - 1;
    this.#entries = new Array(mask + 1).fill(undefined);
    this.#numbers = new Array(mask + 1).fill(0);
    for (const [slot, number] of numbers.entries()) {
      this.#entries[number & mask] = entries[slot];
      this.#numbers[number & mask] = number;
    }
  }
}
