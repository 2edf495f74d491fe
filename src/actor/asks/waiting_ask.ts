/**
 * Asks that are settled later, with their deadlines and the incarnations that have them.
 *
 * Two lists run through the same object, so that an ask that is answered within its turn has neither, and one that
 * waits has both for one allocation.
 *
 * @module
 */

import type { DeadlineEntry, Lane } from "../../time/deadlines.ts";

/** An object that can time out. */
export interface TimesOut {
  /** `timeout` ms are over. Must not throw. */
  expire(timeout: number): void;
}

/**
 * An ask that is not answered within the turn of the event loop in which it was made: its entry in the deadlines and in
 * the list of an incarnation.
 */
export class WaitingAsk<Asked extends TimesOut> implements DeadlineEntry {
  /** The ask; a new one after a replay. */
  ask: Asked;
  /** The {@linkcode InFlightAsks} that have it. */
  inFlight: InFlightAsks<Asked> | undefined = undefined;
  /** The sequence number of the message, for one in a list; see `Mailbox.taken`. */
  sequence = 0;
  previous: WaitingAsk<Asked> | undefined = undefined;
  following: WaitingAsk<Asked> | undefined = undefined;
  // For the deadlines.
  lane: Lane | undefined = undefined;
  addedIn = 0;
  before: DeadlineEntry | undefined = undefined;
  after: DeadlineEntry | undefined = undefined;

  constructor(ask: Asked) {
    this.ask = ask;
  }

  /** For {@linkcode Deadlines}. */
  expire(timeout: number): void {
    this.ask.expire(timeout);
  }

  /** Leaves both lists. */
  settle(): void {
    this.lane?.remove(this);
    this.inFlight?.remove(this);
  }
}

/** The asks that an incarnation has taken and not answered yet, in the order in which it took them. */
export class InFlightAsks<Asked extends TimesOut> {
  readonly generation: number;
  /** Gets what a `Reply.onGivenUp` threw. */
  readonly onFailed: (thrown: unknown) => void;
  #first: WaitingAsk<Asked> | undefined;
  #last: WaitingAsk<Asked> | undefined;

  constructor(generation: number, onFailed: (thrown: unknown) => void) {
    this.generation = generation;
    this.onFailed = onFailed;
  }

  /** The ask that was taken first, if any is pending. */
  get first(): WaitingAsk<Asked> | undefined {
    return this.#first;
  }

  /** Adds the ask with its sequence number. */
  add(pending: WaitingAsk<Asked>, sequence: number): void {
    pending.inFlight = this;
    pending.sequence = sequence;
    pending.previous = this.#last;
    if (this.#last === undefined) this.#first = pending;
    else this.#last.following = pending;
    this.#last = pending;
  }

  /** Removes the ask. */
  remove(pending: WaitingAsk<Asked>): void {
    if (pending.previous === undefined) this.#first = pending.following;
    else pending.previous.following = pending.following;
    if (pending.following === undefined) this.#last = pending.previous;
    else pending.following.previous = pending.previous;
    pending.inFlight = pending.previous = pending.following = undefined;
  }
}
