/**
 * The messages that an incarnation has taken and not settled: the one that it handles, asks whose reply is pending, and
 * tells that failed.
 *
 * Used by its cell. When the incarnation ends, the delivery options of the sender, or of the actor, decide on each
 * message; see `delivery.ts`.
 */

import { Ask, unwrapMessage, type WaitingAsk } from "./ask.ts";
import type { Reply } from "./options.ts";
import { DroppedReplies } from "./dropped.ts";
import {
  decideRedelivery,
  type Delivery,
  deliveryOf,
  type DeliveryOptions,
  Tell,
} from "../mailbox/delivery.ts";
import { IncarnationEndedError } from "../actor_errors.ts";
import type { Exit } from "../exit.ts";
import type { Address } from "../address.ts";
import type { DeadLetterReason } from "../events/event.ts";
import type { ReturnedMessage } from "../mailbox/message_queue.ts";

/** The delivery options where none are given. */
export const DEFAULT_DELIVERY: Delivery = deliveryOf({});

/** The current message where there is none. */
const NOTHING = new Tell(undefined, undefined);
NOTHING.isSettled = true;

export class PendingReplies {
  readonly generation: number;
  /** Gets what a `Reply.onGivenUp` threw. */
  readonly onFailed: (thrown: unknown) => void;
  /** The message being handled, or an {@linkcode Ask} or a {@linkcode Tell} of it. */
  current: unknown = NOTHING;
  #isDeferred = false;
  readonly #address: Address;
  readonly #delivery: Delivery;
  /** The asks whose reply is pending, in the order in which they were taken. */
  #first: WaitingAsk | undefined;
  #last: WaitingAsk | undefined;
  #replayed: ReturnedMessage[] = [];
  #dropped: DroppedReplies | undefined;
  /** See `Context.explainTimeouts`. */
  explain: ((reply: Reply<unknown>) => string | undefined) | undefined;
  #isSettled = false;

  /** For the incarnation that runs at `address` now. */
  constructor(address: Address, delivery: Delivery, onFailed: (thrown: unknown) => void) {
    this.#address = address;
    this.#delivery = delivery;
    this.generation = address.generation;
    this.onFailed = onFailed;
  }

  // --- The current message --------------------------------------------------

  get delivery(): DeliveryOptions | undefined {
    const { current } = this;
    return Ask.is(current) || Tell.is(current) ? current.delivery : undefined;
  }

  /** Its reply comes later, and another message is handled meanwhile; `undefined` for a tell. */
  defer(): Ask<unknown, unknown> | undefined {
    const { current } = this;
    if (!Ask.is(current)) return undefined;
    if (!this.#isDeferred) this.#add(current);
    this.#isDeferred = true;
    return current;
  }

  /** The promise of its handler is pending. Most asks are answered before there is one. */
  wait(): void {
    if (!this.#isDeferred && Ask.is(this.current)) this.#add(this.current);
  }

  /** Its handler has returned `value`. */
  finish(value: unknown): void {
    const { current } = this;
    this.current = NOTHING;
    if (this.#isDeferred) this.#isDeferred = false;
    else if (Ask.is(current)) current.answer(value);
  }

  /** As an item that settles once. */
  take(): Ask<unknown, unknown> | Tell {
    const { current } = this;
    if (Ask.is(current)) return current;
    if (current === NOTHING) return NOTHING;
    const tell = Tell.is(current) ? current : new Tell(current, undefined);
    if (!this.#isSettled) tell.sequence = this.#address.mailbox.taken;
    this.current = tell;
    return tell;
  }

  /** Its handler failed: a tell fails, an ask is settled with the others at the end. */
  failCurrent(): void {
    const current = this.take();
    if (Ask.is(current)) this.#add(current);
    else this.#fail(current);
    this.current = NOTHING;
    this.#isDeferred = false;
  }

  // --- All of them ----------------------------------------------------------

  /** See `Context.noteDropped`. */
  noteDropped(kind: string, describe: () => string): void {
    (this.#dropped ??= new DroppedReplies()).add(kind, this.#address.mailbox.taken, describe);
  }

  /** What was dropped since the message of that sequence number was taken. */
  droppedSince(sequence: number): readonly string[] {
    return this.#dropped?.since(sequence) ?? [];
  }

  #add(ask: Ask<unknown, unknown>): void {
    ask.time();
    const { pending } = ask;
    if (!ask.isOpen || pending!.inFlight !== undefined) return;
    pending!.inFlight = this;
    pending!.sequence = this.#address.mailbox.taken;
    pending!.previous = this.#last;
    if (this.#last === undefined) this.#first = pending;
    else this.#last.following = pending;
    this.#last = pending;
  }

  remove(pending: WaitingAsk): void {
    if (pending.previous === undefined) this.#first = pending.following;
    else pending.previous.following = pending.following;
    if (pending.following === undefined) this.#last = pending.previous;
    else pending.following.previous = pending.previous;
    pending.inFlight = pending.previous = pending.following = undefined;
  }

  /** Fails a tell: it goes to the next incarnation at the end of this one, or becomes a dead letter at once. */
  #fail(tell: Tell): void {
    if (tell.isSettled) return;
    tell.isSettled = true;
    if (!this.#isSettled && decideRedelivery(tell.delivery, this.#delivery, tell.attempts) === "replay") {
      this.#replayed.push({ item: tell.again(1), sequence: tell.sequence });
    } else this.#address.deadLetter("in_flight", tell.message);
  }

  /** Fails the tells among taken messages; the asks fail at the end. */
  abandon(taken: readonly unknown[]): void {
    for (const item of taken) {
      if (!Tell.is(item) || item.isSettled) continue;
      this.#fail(item);
      this.#release(item);
    }
  }

  /** Makes a taken message, or any other, a dead letter; a tell settles once. */
  deadLetter(reason: DeadLetterReason, message: unknown): void {
    if (Tell.is(message)) {
      if (message.isSettled) return;
      message.isSettled = true;
    }
    this.#address.deadLetter(reason, unwrapMessage(message));
  }

  /** Puts messages back into the mailbox as if they had not been taken; settled ones stay out. */
  giveBack(taken: readonly unknown[]): void {
    if (this.#isSettled) return this.abandon(taken);
    const { mailbox } = this.#address;
    const returned: ReturnedMessage[] = [];
    for (const item of taken) {
      this.#release(item);
      if (Ask.is(item) && item.isOpen) {
        const sequence = item.pending?.inFlight === undefined ? mailbox.taken : item.pending.sequence;
        returned.push({ item: item.renewed(), sequence });
      } else if (Tell.is(item) && !item.isSettled) {
        item.isSettled = true;
        returned.push({ item: item.again(0), sequence: item.sequence });
      }
    }
    if (returned.length > 0) mailbox.giveBack(returned);
  }

  #release(item: unknown): void {
    if (item === this.current) this.current = NOTHING;
  }

  /** Settles everything at the exit of the incarnation: each message fails, or is put back for the next one. */
  settle(exit: Exit): void {
    try {
      // A handler that is still at it was not done with its message. An ask of it is in the list.
      const current = this.take();
      if (Tell.is(current)) this.#fail(current);
    } finally {
      this.#isSettled = true;
    }
    // One error for all that were had as often: there may be many thousands.
    const deaths = new Map<number, IncarnationEndedError>();
    for (let waiting = this.#first; waiting !== undefined; waiting = this.#first) {
      const { ask, sequence } = waiting;
      const attempts = ask.attempts + 1;
      let death = deaths.get(attempts);
      if (death === undefined) {
        death = new IncarnationEndedError(this.#address.path, this.generation, exit, attempts);
        deaths.set(attempts, death);
      }
      const fate = decideRedelivery(ask.delivery, this.#delivery, ask.attempts);
      if (fate === "dead-letter") this.#address.deadLetter("in_flight", ask.message);
      if (fate === "replay") this.#replayed.push({ item: ask.renewed(death), sequence });
      else ask.reject(death);
    }
    if (this.#replayed.length > 0) this.#address.mailbox.giveBack(this.#replayed);
    this.#replayed = [];
  }
}
