/**
 * The messages that an incarnation has taken and not settled: asks whose reply is pending, and tells that failed.
 *
 * When it ends, the delivery options of the sender, or of the actor, decide on each message; see `delivery.ts`.
 *
 * @module
 */

import { Ask } from "./ask.ts";
import { decideRedelivery, type Delivery, deliveryOf, Tell } from "../mailbox/delivery.ts";
import { IncarnationEndedError } from "../actor_errors.ts";
import type { Exit } from "../exit.ts";
import { InFlightAsks } from "./waiting_ask.ts";
import type { Address } from "../address.ts";
import type { ReturnedMessage } from "../mailbox/message_queue.ts";

/** The delivery options where none are given. */
export const DEFAULT_DELIVERY: Delivery = deliveryOf({});

/** The messages that one incarnation has taken and not settled. */
export class PendingReplies {
  readonly #address: Address;
  readonly #delivery: Delivery;
  readonly #inFlight: InFlightAsks<Ask<unknown, unknown>>;
  #replayed: ReturnedMessage[] = [];
  #isSettled = false;

  /** For the incarnation that runs at `address` now. `onFailed` gets what a `Reply.onGivenUp` threw. */
  constructor(address: Address, delivery: Delivery, onFailed: (thrown: unknown) => void) {
    this.#address = address;
    this.#delivery = delivery;
    this.#inFlight = new InFlightAsks(address.generation, onFailed);
  }

  /** Adds `ask`, the message taken last: its reply comes later, if at all. */
  add(ask: Ask<unknown, unknown>): void {
    ask.time();
    if (!ask.isOpen || ask.pending!.inFlight !== undefined) return;
    this.#inFlight.add(ask.pending!, this.#address.mailbox.taken);
  }

  /** Fails `tell`: it goes to the next incarnation at the end of this one, or becomes a dead letter at once. */
  fail(tell: Tell): void {
    if (tell.isSettled) return;
    tell.isSettled = true;
    if (!this.#isSettled && decideRedelivery(tell.delivery, this.#delivery, tell.attempts) === "replay") {
      this.#replayed.push({ item: tell.again(1), sequence: tell.sequence });
    } else this.#address.deadLetter("in_flight", tell.message);
  }

  /** Puts messages back into the mailbox as if they had not been taken; settled ones stay out. */
  giveBack(taken: readonly unknown[]): void {
    const { mailbox } = this.#address;
    const returned: ReturnedMessage[] = [];
    for (const item of taken) {
      if (Ask.is(item) && item.isOpen) {
        const sequence = item.pending?.inFlight === undefined ? mailbox.taken : item.pending.sequence;
        returned.push({ item: item.renewed(), sequence });
      } else if (Tell.is(item) && !item.isSettled) {
        item.isSettled = true;
        returned.push({ item: item.again(0), sequence: item.sequence });
      }
    }
    mailbox.giveBack(returned);
  }

  /** Settles everything at the exit of the incarnation: each message fails, or is put back for the next one. */
  settle(exit: Exit): void {
    this.#isSettled = true;
    const { generation } = this.#inFlight;
    // One error for all that were had as often: there may be many thousands.
    const deaths = new Map<number, IncarnationEndedError>();
    for (let waiting = this.#inFlight.first; waiting !== undefined; waiting = this.#inFlight.first) {
      const { ask, sequence } = waiting;
      const attempts = ask.attempts + 1;
      let death = deaths.get(attempts);
      if (death === undefined) {
        death = new IncarnationEndedError(this.#address.path, generation, exit, attempts);
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
