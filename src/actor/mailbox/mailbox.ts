/**
 * The bounded queue before an actor.
 *
 * It belongs to the address, not to an incarnation: it survives
 * restarts. A full mailbox refuses or drops messages, by a policy (docs/manifest.md has
 * them); nothing is dropped without a dead letter. It is full when it holds `capacity` messages, or
 * `bytes` of them where that is bounded; a larger message is let in alone.
 *
 * A message that was told and is refused is a dead letter as well: its sender need not look at the promise.
 */

import { Ask, unwrapMessage } from "../asks/ask.ts";
import {
  ActorStoppedError,
  MailboxFullError,
  MessageDroppedError,
  type WhyStopped,
} from "../actor_errors.ts";
import type { DeadLetterReason } from "../events/event.ts";
import { asError } from "../exit.ts";
import { checkedSize, type Overflow, type ResolvedMailbox, resolveMailbox } from "./options.ts";
import { MessageQueue, type ReturnedMessage } from "./message_queue.ts";
import { Ring } from "../../time/ring.ts";

/** Senders that may wait before a full mailbox. */
export const MAX_WAITING = 1_024;

export interface Consumer {
  /** Called when there is something to take. */
  wake(): void;
}

interface Waiter extends Pick<PromiseWithResolvers<void>, "resolve" | "reject"> {
  readonly item: unknown;
  readonly size: number;
}

/** A bounded queue of messages and {@linkcode Ask}s. */
export class Mailbox {
  readonly path: string;
  readonly capacity: number;
  readonly overflow: Overflow;
  /** Asks that were given up since the last sweep; some of them may still be queued. */
  givenUp = 0;
  /** Whether all that is queued will have been handed over by the end of this turn of the event loop; its consumer says. */
  isPrompt = false;
  /** Whether asks may be queued that can't time out yet. */
  isUntimed = false;
  dropped = 0;
  /** Items taken so far; it numbers them, so that those that come back come back in order. */
  taken = 0;
  readonly #onDeadLetter: (reason: DeadLetterReason, message: unknown) => void;
  readonly #queue: MessageQueue;
  readonly #isMeasured: boolean;
  readonly #mostBytes: number;
  readonly #sizeOf: (message: unknown) => number;
  readonly #waiting = new Ring<Waiter>();
  /** With fewer queued than this, the next is let in without another look: `capacity`, or 0 if there is one to take. */
  #freely: number;
  /** Whether there is something to do when an item is taken. */
  #isCareful: boolean;
  #consumer: Consumer | undefined;
  #isClosed: WhyStopped | undefined;
  #refusal: (() => Error) | undefined;

  constructor(
    path: string,
    options: ResolvedMailbox,
    onDeadLetter: (reason: DeadLetterReason, message: unknown) => void,
  ) {
    this.path = path;
    const { capacity, overflow, bytes, sizeOf } = resolveMailbox(path, options);
    this.capacity = capacity;
    this.overflow = overflow;
    this.#mostBytes = bytes ?? Infinity;
    this.#sizeOf = sizeOf;
    this.#isMeasured = this.#isCareful = bytes !== undefined;
    this.#queue = new MessageQueue(this.#isMeasured);
    this.#freely = this.#isMeasured ? 0 : this.capacity;
    this.#onDeadLetter = onDeadLetter;
  }

  get size(): number {
    return this.#queue.size;
  }

  get bytes(): number {
    return this.#queue.bytes;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Takes `item`, or applies the policy. `undefined` means that nothing is left
   * to wait for; a promise rejects when the message was refused. Ignoring the
   * promise is safe: its rejection never goes unhandled.
   */
  offer(item: unknown): Promise<void> | undefined {
    if (this.#queue.size >= this.#freely) return this.#offerCarefully(item);
    this.#queue.push(item);
    if (this.#queue.size === 1) this.#consumer?.wake();
    return undefined;
  }

  /** Takes `item` if there is room, else leaves it with the sender. */
  tryOffer(item: unknown): boolean {
    if (this.#isClosed !== undefined) return false;
    const size = this.#measure(item);
    if (!this.#hasRoom(size)) return false;
    this.#push(item, size);
    return true;
  }

  /** The next item; only to be called when `size` is not 0. Lets waiting senders in. */
  take(): unknown {
    this.taken++;
    if (!this.#isCareful) return this.#queue.shift();
    const item = this.#queue.take();
    this.#admit();
    this.#isCareful = !this.#queue.isPlain || this.#waiting.size > 0;
    return item;
  }

  /** Puts items back, before everything that was never taken, and in the order in which they were taken. */
  giveBack(items: readonly ReturnedMessage[]): void {
    if (this.#isClosed !== undefined) {
      for (const { item } of items) this.#refuseClosed(item);
      return;
    }
    this.#isCareful = true;
    this.#queue.giveBack(items, (item) => {
      try {
        return this.#measure(item);
      } catch {
        return 0; // a `sizeOf` of a user's
      }
    });
    if (items.length > 0) this.#consumer?.wake();
  }

  /** Sets the consumer; it is woken at once if something is queued. */
  attach(consumer: Consumer): void {
    this.#consumer = consumer;
    if (this.#queue.size > 0) consumer.wake();
  }

  detach(): void {
    this.#consumer = undefined;
    this.pause();
  }

  /** Starts the timeouts of queued asks, which are not handed over within this turn of the event loop. */
  pause(): void {
    this.isPrompt = false;
    if (!this.isUntimed) return;
    this.isUntimed = false;
    this.#queue.forEach((item) => Ask.is(item) && item.time());
  }

  /**
   * Refuses everything queued and everything to come, for the reason `why`. With `refusal`, which makes the error, its actor
   * lives, and takes no messages.
   */
  close(why: WhyStopped, refusal?: () => Error): void {
    this.#isClosed = why;
    this.#refusal = refusal;
    this.#freely = 0;
    while (this.#queue.size > 0) this.#refuseClosed(this.#queue.take());
    while (this.#waiting.size > 0) {
      const waiter = this.#waiting.shift();
      waiter.reject(this.#refuseClosed(waiter.item));
    }
  }

  reopen(): void {
    this.#isClosed = undefined;
    if (!this.#isMeasured) this.#freely = this.capacity;
  }

  #offerCarefully(item: unknown): Promise<void> | undefined {
    if (this.#isClosed !== undefined) return rejected(this.#refuseClosed(item));
    let size: number;
    try {
      size = this.#measure(item);
    } catch (thrown) {
      return rejected(this.#refuse(item, asError(thrown), "refused"));
    }
    if (this.#hasRoom(size) || (this.#sweep() && this.#hasRoom(size))) return this.#push(item, size);
    switch (this.overflow) {
      case "wait":
        return this.#wait(item, size);
      case "drop-oldest":
        while (!this.#hasRoom(size)) this.#drop(this.#queue.take());
        return this.#push(item, size);
      case "drop-newest":
        this.#drop(item);
        return undefined;
      case "fail":
        return rejected(this.#refuse(item, this.#full(item)));
    }
  }

  /** Whether an item of `size` is let in; not before those that wait. */
  #hasRoom(size: number): boolean {
    return this.#waiting.size === 0 && this.#canTake(size);
  }

  #canTake(size: number): boolean {
    const queued = this.#queue.size;
    return queued < this.capacity && (this.#queue.bytes + size <= this.#mostBytes || queued === 0);
  }

  #measure(item: unknown): number {
    return !this.#isMeasured ? 0 : checkedSize(this.path, this.#sizeOf(unwrapMessage(item)));
  }

  #full(item: unknown, waiting?: number): MailboxFullError {
    const { path, capacity } = this;
    const bytes = this.#isMeasured ? this.#mostBytes : undefined;
    return new MailboxFullError(path, unwrapMessage(item), { capacity, bytes, waiting });
  }

  /**
   * Removes abandoned asks, so that a stuck actor does not refuse live ones; `true` if that
   * may have made room. Not before an eighth of the queue may be such, so that its cost is spread over them.
   */
  #sweep(): boolean {
    if (this.givenUp * 8 < this.#queue.size || this.givenUp === 0) return false;
    this.givenUp = 0;
    this.#queue.sweep((item) => Ask.is(item) && !item.isOpen);
    for (let left = this.#waiting.size; left > 0; left--) {
      const waiter = this.#waiting.shift();
      if (Ask.is(waiter.item) && !waiter.item.isOpen) waiter.resolve();
      else this.#waiting.push(waiter);
    }
    this.#admit();
    return true;
  }

  #push(item: unknown, size: number): undefined {
    this.#queue.add(item, size);
    if (this.#queue.size === 1) this.#consumer?.wake();
  }

  #admit(): void {
    while (this.#waiting.size > 0 && this.#canTake(this.#waiting.peek().size)) {
      const { item, size, resolve } = this.#waiting.shift();
      this.#push(item, size);
      resolve();
    }
  }

  #wait(item: unknown, size: number): Promise<void> {
    if (this.#waiting.size >= MAX_WAITING) {
      return rejected(this.#refuse(item, this.#full(item, this.#waiting.size)));
    }
    this.#isCareful = true;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ item, size, resolve, reject });
    promise.catch(ignore);
    return promise;
  }

  #drop(item: unknown): void {
    // An ask that was given up has had its end.
    if (Ask.is(item) && !item.isOpen) return;
    this.dropped++;
    this.#onDeadLetter("mailbox_full", unwrapMessage(item));
    if (Ask.is(item)) item.reject(new MessageDroppedError(this.path, this.overflow));
  }

  #refuseClosed(item: unknown): Error {
    if (this.#refusal !== undefined) return this.#refuse(item, this.#refusal(), "refused");
    const cause = Ask.is(item) ? item.death : undefined;
    const error = new ActorStoppedError(this.path, this.#isClosed!, cause && { cause });
    return this.#refuse(item, error, "actor_stopped");
  }

  #refuse(item: unknown, error: Error, reason: DeadLetterReason = "mailbox_full"): Error {
    if (!Ask.is(item)) this.#onDeadLetter(reason, unwrapMessage(item));
    else if (item.isOpen) item.reject(error);
    return error;
  }
}

/** Makes a rejection that need not be handled; an `await` sees it all the same. */
function rejected(error: Error): Promise<void> {
  const promise = Promise.reject(error);
  promise.catch(ignore);
  return promise;
}

function ignore(): void {}
