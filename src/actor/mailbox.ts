/**
 * The bounded queue before an actor.
 *
 * It belongs to the place in the tree, not to an incarnation: it survives
 * restarts. What it can't take it refuses, or drops, by a policy; nothing is
 * dropped without a dead letter.
 *
 * | policy        | when full                                                                        |
 * | ------------- | -------------------------------------------------------------------------------- |
 * | `wait`        | the sender gets a promise, fulfilled once the message is taken; at most {@linkcode MAX_WAITING} wait, the next is refused |
 * | `drop-oldest` | the oldest message becomes a dead letter, the new one is taken                     |
 * | `drop-newest` | the new message becomes a dead letter                                              |
 * | `fail`        | the new message is refused with a `MailboxFullError`                               |
 *
 * @module
 */

import { Ask } from "./ask.ts";
import { ActorStoppedError, MailboxFullError, MessageDroppedError } from "./errors.ts";
import type { DeadLetterReason } from "./event.ts";
import { Ring } from "./ring.ts";

/** What happens to a message for which there is no room. */
export type Overflow = "wait" | "drop-oldest" | "drop-newest" | "fail";

/** Options of a mailbox. */
export interface MailboxOptions {
  /** Messages queued, at most. Default {@linkcode DEFAULT_CAPACITY}. */
  readonly capacity?: number;
  /** What happens to more. Default `wait`. */
  readonly overflow?: Overflow;
}

/** Messages in a mailbox where nothing else is said. */
export const DEFAULT_CAPACITY = 1_024;
/** Senders that may wait before a full mailbox. */
export const MAX_WAITING = 1_024;

/** Who takes messages out. */
export interface Consumer {
  /** There is something to take. */
  wake(): void;
}

interface Waiter {
  readonly item: unknown;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A bounded queue of messages and {@linkcode Ask}s. */
export class Mailbox {
  readonly path: string;
  readonly capacity: number;
  readonly overflow: Overflow;
  /** Asks that were given up since the last sweep; some of them may still be queued. */
  givenUp = 0;
  /** Messages dropped so far. */
  dropped = 0;
  readonly #onDeadLetter: (reason: DeadLetterReason, message: unknown) => void;
  readonly #ring = new Ring<unknown>();
  readonly #waiting = new Ring<Waiter>();
  #consumer: Consumer | undefined;
  #closed: string | undefined;

  /** For the actor at `path`. */
  constructor(
    path: string,
    options: MailboxOptions,
    onDeadLetter: (reason: DeadLetterReason, message: unknown) => void,
  ) {
    this.path = path;
    this.capacity = options.capacity ?? DEFAULT_CAPACITY;
    this.overflow = options.overflow ?? "wait";
    if (!Number.isSafeInteger(this.capacity) || this.capacity < 1) {
      throw new RangeError(
        `Cannot make a mailbox for '${path}': capacity must be a whole number from 1, got ${this.capacity}`,
      );
    }
    this.#onDeadLetter = onDeadLetter;
  }

  /** Messages queued. */
  get size(): number {
    return this.#ring.size;
  }

  /** Senders waiting for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Takes `item`, or applies the policy. `undefined` means that nothing is left
   * to wait for; a promise rejects when the message was refused. Ignoring the
   * promise is safe: its rejection never goes unhandled.
   */
  offer(item: unknown): Promise<void> | undefined {
    if (this.#ring.size < this.capacity && this.#closed === undefined) {
      this.#ring.push(item);
      if (this.#ring.size === 1) this.#consumer?.wake();
      return undefined;
    }
    return this.#overflowed(item);
  }

  /** Takes `item` if there is room, else leaves it with the sender. */
  tryOffer(item: unknown): boolean {
    if (this.#ring.size >= this.capacity || this.#closed !== undefined) return false;
    this.#ring.push(item);
    if (this.#ring.size === 1) this.#consumer?.wake();
    return true;
  }

  /** The next item; only to be called when `size` is not 0. Lets one waiting sender in. */
  take(): unknown {
    const item = this.#ring.shift();
    if (this.#waiting.size > 0 && this.#ring.size < this.capacity) this.#admit();
    return item;
  }

  /** Puts back, in their order and before everything else, items that were taken and not used. */
  giveBack(items: readonly unknown[]): void {
    if (this.#closed !== undefined) {
      for (const item of items) this.#refuseClosed(item);
      return;
    }
    for (let i = items.length - 1; i >= 0; i--) this.#ring.unshift(items[i]);
    if (items.length > 0) this.#consumer?.wake();
  }

  /** From now on `consumer` takes; it is woken at once if something is queued. */
  attach(consumer: Consumer): void {
    this.#consumer = consumer;
    if (this.#ring.size > 0) consumer.wake();
  }

  /** Nobody takes; messages queue up. */
  detach(): void {
    this.#consumer = undefined;
  }

  /** Refuses everything queued and everything to come, for the reason `why`. */
  close(why: string): void {
    this.#closed = why;
    while (this.#ring.size > 0) this.#refuseClosed(this.#ring.shift());
    while (this.#waiting.size > 0) {
      const waiter = this.#waiting.shift();
      waiter.reject(this.#refuseClosed(waiter.item));
    }
  }

  /** Takes messages again after a {@linkcode Mailbox.close}. */
  reopen(): void {
    this.#closed = undefined;
  }

  #overflowed(item: unknown): Promise<void> | undefined {
    if (this.#closed !== undefined) return rejected(this.#refuseClosed(item));
    if (this.#sweep()) return this.offer(item);
    switch (this.overflow) {
      case "wait":
        return this.#wait(item);
      case "drop-oldest":
        this.#drop(this.#ring.shift());
        this.#ring.push(item);
        return undefined;
      case "drop-newest":
        this.#drop(item);
        return undefined;
      case "fail":
        return rejected(
          this.#refuse(item, new MailboxFullError(this.path, payload(item), { capacity: this.capacity })),
        );
    }
  }

  /**
   * Takes out asks that nobody waits for any more, so that a stuck actor does not refuse those who do; `true` if that
   * made room. Not before an eighth of the mailbox may be such, so that its cost is spread over them.
   */
  #sweep(): boolean {
    if (this.givenUp * 8 < this.capacity || this.givenUp === 0) return false;
    this.givenUp = 0;
    for (const ring of [this.#ring, this.#waiting]) {
      for (let left = ring.size; left > 0; left--) {
        const entry = ring.shift();
        const item = ring === this.#waiting ? (entry as Waiter).item : entry;
        if (!(item instanceof Ask) || item.open) (ring as Ring<unknown>).push(entry);
        else if (ring === this.#waiting) (entry as Waiter).resolve();
      }
    }
    while (this.#waiting.size > 0 && this.#ring.size < this.capacity) this.#admit();
    return this.#ring.size < this.capacity;
  }

  #admit(): void {
    const waiter = this.#waiting.shift();
    this.#ring.push(waiter.item);
    waiter.resolve();
  }

  #wait(item: unknown): Promise<void> {
    if (this.#waiting.size >= MAX_WAITING) {
      const { capacity, waiting } = this;
      return rejected(
        this.#refuse(item, new MailboxFullError(this.path, payload(item), { capacity, waiting })),
      );
    }
    const promise = new Promise<void>((resolve, reject) => this.#waiting.push({ item, resolve, reject }));
    promise.catch(ignore);
    return promise;
  }

  #drop(item: unknown): void {
    this.dropped++;
    this.#onDeadLetter("mailbox_full", payload(item));
    if (item instanceof Ask && item.open) item.reject(new MessageDroppedError(this.path, this.overflow));
  }

  #refuseClosed(item: unknown): Error {
    const error = new ActorStoppedError(this.path, this.#closed!);
    if (item instanceof Ask) {
      if (item.open) item.reject(error);
    } else this.#onDeadLetter("actor_stopped", item);
    return error;
  }

  #refuse(item: unknown, error: Error): Error {
    if (item instanceof Ask && item.open) item.reject(error);
    return error;
  }
}

function payload(item: unknown): unknown {
  return item instanceof Ask ? item.message : item;
}

/** A rejection that nobody has to handle: whoever awaits it sees it all the same. */
function rejected(error: Error): Promise<void> {
  const promise = Promise.reject(error);
  promise.catch(ignore);
  return promise;
}

function ignore(): void {}
