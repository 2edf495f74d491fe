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

import { Ask, messageOf } from "./ask.ts";
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

/** An item that goes back to where it came from. */
export interface Returned {
  readonly item: unknown;
  /** What {@linkcode Mailbox.taken} was when it had been taken. */
  readonly turn: number;
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
  /** Items taken so far; it numbers them, so that those that come back come back in order. */
  taken = 0;
  readonly #onDeadLetter: (reason: DeadLetterReason, message: unknown) => void;
  readonly #ring = new Ring<unknown>();
  /** When those at the front that came back had been taken, in order. */
  readonly #turns = new Ring<number>();
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
    const item = this.#shift();
    this.taken++;
    if (this.#waiting.size > 0 && this.#ring.size < this.capacity) this.#admit();
    return item;
  }

  /** Puts items back, before everything that was never taken, and in the order in which they were taken. */
  giveBack(items: readonly Returned[]): void {
    if (this.#closed !== undefined) {
      for (const { item } of items) this.#refuseClosed(item);
      return;
    }
    const front = [...items];
    while (this.#turns.size > 0) front.push({ turn: this.#turns.peek(), item: this.#shift() });
    front.sort((a, b) => b.turn - a.turn);
    for (const { item, turn } of front) {
      this.#ring.unshift(item);
      this.#turns.unshift(turn);
    }
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
    while (this.#ring.size > 0) this.#refuseClosed(this.#shift());
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
        this.#drop(this.#shift());
        this.#ring.push(item);
        return undefined;
      case "drop-newest":
        this.#drop(item);
        return undefined;
      case "fail":
        return rejected(
          this.#refuse(item, new MailboxFullError(this.path, messageOf(item), { capacity: this.capacity })),
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
    for (let left = this.#ring.size, returned = this.#turns.size; left > 0; left--) {
      const turn = returned-- > 0 ? this.#turns.shift() : undefined;
      const item = this.#ring.shift();
      if (item instanceof Ask && !item.open) continue;
      this.#ring.push(item);
      if (turn !== undefined) this.#turns.push(turn);
    }
    for (let left = this.#waiting.size; left > 0; left--) {
      const waiter = this.#waiting.shift();
      if (waiter.item instanceof Ask && !waiter.item.open) waiter.resolve();
      else this.#waiting.push(waiter);
    }
    while (this.#waiting.size > 0 && this.#ring.size < this.capacity) this.#admit();
    return this.#ring.size < this.capacity;
  }

  #shift(): unknown {
    if (this.#turns.size > 0) this.#turns.shift();
    return this.#ring.shift();
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
        this.#refuse(item, new MailboxFullError(this.path, messageOf(item), { capacity, waiting })),
      );
    }
    const promise = new Promise<void>((resolve, reject) => this.#waiting.push({ item, resolve, reject }));
    promise.catch(ignore);
    return promise;
  }

  #drop(item: unknown): void {
    this.dropped++;
    this.#onDeadLetter("mailbox_full", messageOf(item));
    if (item instanceof Ask && item.open) item.reject(new MessageDroppedError(this.path, this.overflow));
  }

  #refuseClosed(item: unknown): Error {
    const cause = item instanceof Ask ? item.death : undefined;
    const error = new ActorStoppedError(this.path, this.#closed!, cause && { cause });
    if (item instanceof Ask) {
      if (item.open) item.reject(error);
    } else this.#onDeadLetter("actor_stopped", messageOf(item));
    return error;
  }

  #refuse(item: unknown, error: Error): Error {
    if (item instanceof Ask && item.open) item.reject(error);
    return error;
  }
}

/** A rejection that nobody has to handle: whoever awaits it sees it all the same. */
function rejected(error: Error): Promise<void> {
  const promise = Promise.reject(error);
  promise.catch(ignore);
  return promise;
}

function ignore(): void {}
