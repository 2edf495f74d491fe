/**
 * What an incarnation has taken and not settled: the asks that it owes a reply, and the tells that came to nothing.
 *
 * When it ends, each message meets the fate that its sender, or the actor, has chosen; see `delivery.ts`.
 *
 * @module
 */

import { Ask } from "./ask.ts";
import { type Delivery, deliveryOf, fateOf, Tell } from "../mailbox/delivery.ts";
import { IncarnationEndedError } from "../errors.ts";
import type { Exit } from "../exit.ts";
import { Owed } from "./waiting_ask.ts";
import type { Place } from "../address.ts";
import type { Returned } from "../mailbox/message_queue.ts";

/** What happens to messages where nothing is said. */
export const DEFAULT_DELIVERY: Delivery = deliveryOf({});

/** See the module. */
export class Debts {
  readonly #place: Place;
  readonly #delivery: Delivery;
  readonly #owed: Owed<Ask<unknown, unknown>>;
  #replayed: Returned[] = [];
  #settled = false;

  /** Of the incarnation at `place` that runs now. `onFailed` is told of what a `Reply.onGivenUp` threw. */
  constructor(place: Place, delivery: Delivery, onFailed: (thrown: unknown) => void) {
    this.#place = place;
    this.#delivery = delivery;
    this.#owed = new Owed(place.generation, onFailed);
  }

  /** The reply to `ask`, the message taken last, comes later, if at all. */
  owe(ask: Ask<unknown, unknown>): void {
    ask.time();
    if (!ask.open || ask.pending!.owed !== undefined) return;
    this.#owed.add(ask.pending!, this.#place.mailbox.taken);
  }

  /** `tell` came to nothing: it goes to the next incarnation at the end of this one, or to nobody at once. */
  lose(tell: Tell): void {
    if (tell.spent) return;
    tell.spent = true;
    if (!this.#settled && fateOf(tell.delivery, this.#delivery, tell.had) === "replay") {
      this.#replayed.push({ item: tell.again(1), turn: tell.turn });
    } else this.#place.deadLetter("in_flight", tell.message);
  }

  /** What was taken goes back to where it came from, as if it had not been; what is settled already does not. */
  giveBack(taken: readonly unknown[]): void {
    const { mailbox } = this.#place;
    const returned: Returned[] = [];
    for (const item of taken) {
      if (Ask.is(item) && item.open) {
        const turn = item.pending?.owed === undefined ? mailbox.taken : item.pending.turn;
        returned.push({ item: item.renewed(), turn });
      } else if (Tell.is(item) && !item.spent) {
        item.spent = true;
        returned.push({ item: item.again(0), turn: item.turn });
      }
    }
    mailbox.giveBack(returned);
  }

  /** The incarnation has ended: what it owes fails, or is put back for the next one. */
  settle(exit: Exit): void {
    this.#settled = true;
    const { generation } = this.#owed;
    // One error for all that were had as often: there may be many thousands.
    const deaths = new Map<number, IncarnationEndedError>();
    for (let owed = this.#owed.first; owed !== undefined; owed = this.#owed.first) {
      const { ask, turn } = owed;
      const attempts = ask.had + 1;
      let death = deaths.get(attempts);
      if (death === undefined) {
        death = new IncarnationEndedError(this.#place.path, generation, exit, attempts);
        deaths.set(attempts, death);
      }
      const fate = fateOf(ask.delivery, this.#delivery, ask.had);
      if (fate === "dead-letter") this.#place.deadLetter("in_flight", ask.message);
      if (fate === "replay") this.#replayed.push({ item: ask.renewed(death), turn });
      else ask.reject(death);
    }
    if (this.#replayed.length > 0) this.#place.mailbox.giveBack(this.#replayed);
    this.#replayed = [];
  }
}
