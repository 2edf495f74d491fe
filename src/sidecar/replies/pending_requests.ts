/**
 * The requests of one incarnation that have no answer yet, by number: the account that every way of pairing keeps.
 *
 * A request that was given up keeps its number: its late reply must not be taken for another's.
 */

import type { Reply } from "../../actor/asks/options.ts";
import type { Malformed } from "../../process/framing/framing.ts";
import { ReplyStream } from "./reply_stream.ts";

/** Requests without an answer that are kept account of. */
export const MAX_PENDING_REQUESTS = 65_536;

/** Slots to begin with, as most processes are asked one thing at a time; always a power of two. */
const MIN_SLOTS = 4;
/** Requests on the account before those that were given up are looked for. */
const SWEEP_AT = 1_024;

/** A pending reply: of one value, or of many. */
export interface PendingRequest extends Reply<unknown> {
  /** For a reply of many values: whether the first of them is awaited. */
  readonly isAwaited?: boolean;
  /** Whether it is of the sidecar's own, such as a ping: no schema holds it, and it keeps the process busy with nothing. */
  readonly isOwn?: boolean;
}

/**
 * Replies by number, each in the slot that the low bits of its number name: the part that all correlations have in
 * common. Requests are lost, or end with the process, as where a reply names its request.
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
  /** The last request that was forgotten, until it or a later one is answered: the process may be at it; 0 for none. */
  #forgotten = 0;
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
    if (number >= this.#forgotten) this.#forgotten = 0;
    const slot = number & (this.#entries.length - 1);
    const entry = this.#entries[slot];
    if (entry === undefined || this.#numbers[slot] !== number) return undefined;
    this.#entries[slot] = undefined;
    this.size--;
    if (number === this.#oldest) this.#oldest++;
    if (this.size < this.#below) this.#makeRoom();
    return entry;
  }

  /** Whether no more requests can be kept account of. */
  get isFull(): boolean {
    return this.size >= MAX_PENDING_REQUESTS;
  }

  /** Whether a reply is awaited of which nothing has arrived yet. */
  get isAwaited(): boolean {
    return this.some((reply) => reply.isAwaited ?? reply.isOpen);
  }

  /** Whether a reply, or more of one, is awaited. */
  get hasPending(): boolean {
    return this.some((reply) => reply.isOpen);
  }

  /** A number that changes whenever a request was answered. */
  get progress(): number {
    return this.next - this.size;
  }

  /** Whether a request that was given up is still on the account, and if so, `behind` an older one that is wanted. */
  placeOf(reply: Reply<unknown>): "first" | "behind" | undefined {
    const at = this.#entries.findIndex((entry) =>
      entry !== undefined && (entry === reply || entry instanceof ReplyStream && entry.isFor(reply))
    );
    if (at < 0) return undefined;
    const number = this.#numbers[at]!;
    const isBehind = this.#entries.some((entry, slot) => entry?.isOpen && this.#numbers[slot]! < number);
    return isBehind ? "behind" : "first";
  }

  /** Whether the process has a request of a caller; one that was given up may keep it busy, too. */
  get isBusy(): boolean {
    return this.#forgotten > 0 || this.some((reply) => reply.isOwn !== true);
  }

  /** The process has closed its stdout: all awaited replies fail with the error of `why`. */
  onStdoutClosed(why: () => Error): void {
    for (const reply of this.takeAll()) if (reply.isOpen) reply.reject(why());
  }

  /** A frame was lost: it would have named the request that it answered. */
  lost(_why: () => Error, _fault?: Malformed): void {}

  /** The process has ended: replies that have begun fail with the error of `why`, others fail with the incarnation. */
  close(why: () => Error, _unsent?: readonly unknown[]): void {
    for (const reply of this.all()) if (reply.isAwaited === false) reply.reject(why());
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

  /** The numbers of those whose caller waits, in no order. */
  awaited(): readonly number[] {
    return this.#entries.flatMap((entry, slot) => entry?.isOpen ? [this.#numbers[slot]!] : []);
  }

  /** Takes request `number` off the account, and all that is kept for it. */
  remove(number: number): PendingRequest | undefined {
    const entry = this.take(number);
    if (entry !== undefined) this.onRemoved?.(number);
    return entry;
  }

  /** Forgets request `number`, which was given up: a late reply to it is known by its number. */
  forget(number: number): void {
    const last = this.#forgotten;
    const entry = this.remove(number);
    this.#forgotten = entry === undefined || entry.isOwn ? last : Math.max(last, number);
  }

  /** Forgets all requests that were given up. */
  sweep(): void {
    for (const [slot, entry] of this.#entries.entries()) {
      if (entry !== undefined && !entry.isOpen) this.forget(this.#numbers[slot]!);
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
