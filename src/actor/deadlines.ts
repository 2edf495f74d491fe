/**
 * The deadlines of all pending asks, on one timer for each distinct timeout.
 *
 * Asks with the same timeout expire in the order in which they were made, so a
 * list for each timeout is always sorted: adding and removing cost a few
 * pointers, no clock reading, no timer. While a list has entries its timer ticks
 * about {@linkcode TICKS} times in a timeout; an entry expires when enough full
 * ticks have passed since it was added. Hence the promise: never early, and late
 * by at most two ticks (1/32 of the timeout, at least 1 ms).
 *
 * A tick comes in a turn of the event loop of its own. So what is settled within
 * the turn in which it was made need never be added, and what is added at the
 * end of its turn expires as if it had been at the beginning; see `Mailbox.prompt`.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** Ticks in a timeout. */
export const TICKS = 64;
/** setTimeout takes no longer time than this (2^31 - 1 ms, 24.8 days); a longer timeout is none. */
export const LONGEST_TIMEOUT_MS = 2_147_483_647;

/**
 * Something that expires; the fields belong to {@linkcode Deadlines}. An interface and no base class: to make an object
 * of a derived class takes as long as half an ask.
 */
export interface Expiring {
  lane: Lane | undefined;
  addedAt: number;
  before: Expiring | undefined;
  after: Expiring | undefined;
  /** Called once, when its `timeout` is over. Must not throw. */
  expire(timeout: number): void;
}

/** Keeps deadlines; {@linkcode Deadlines.close} ends its timers. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #lanes = new Map<number, Lane>();
  #latest: Lane | undefined;
  #closed = false;

  /** On this clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lets `entry` expire after `ms`; not at all when that is longer than a timer can run. */
  add(entry: Expiring, ms: number): void {
    if (!(ms <= LONGEST_TIMEOUT_MS) || this.#closed) return;
    // Most asks have the same timeout as the one before.
    if (ms === this.#latest?.ms) return this.#latest.add(entry);
    let lane = this.#lanes.get(ms);
    if (lane === undefined) {
      lane = new Lane(this.#clock, ms, () => this.#forget(ms));
      this.#lanes.set(ms, lane);
    }
    this.#latest = lane;
    lane.add(entry);
  }

  /** Takes `entry` back; no effect when it has expired or was never added. */
  remove(entry: Expiring): void {
    entry.lane?.remove(entry);
  }

  #forget(ms: number): void {
    this.#lanes.delete(ms);
    this.#latest = undefined;
  }

  /** Stops all timers; what is still pending never expires. */
  close(): void {
    this.#closed = true;
    for (const lane of this.#lanes.values()) lane.close();
    this.#lanes.clear();
  }
}

/** The entries of one timeout, oldest first. */
export class Lane {
  readonly #clock: Clock;
  readonly ms: number;
  readonly #interval: number;
  readonly #ticks: number;
  readonly #onIdle: () => void;
  readonly #onTick = () => this.#tick();
  #timer: unknown = undefined;
  #now = 0;
  #first: Expiring | undefined;
  #last: Expiring | undefined;

  constructor(clock: Clock, ms: number, onIdle: () => void) {
    this.#clock = clock;
    this.ms = ms;
    this.#interval = Math.max(1, Math.floor(ms / TICKS));
    this.#ticks = Math.ceil(ms / this.#interval);
    this.#onIdle = onIdle;
  }

  add(entry: Expiring): void {
    entry.lane = this;
    entry.addedAt = this.#now;
    entry.before = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.after = entry;
    this.#last = entry;
    if (this.#timer === undefined) this.#timer = this.#clock.setTimeout(this.#onTick, this.#interval);
  }

  remove(entry: Expiring): void {
    if (entry.before === undefined) this.#first = entry.after;
    else entry.before.after = entry.after;
    if (entry.after === undefined) this.#last = entry.before;
    else entry.after.before = entry.before;
    entry.lane = entry.before = entry.after = undefined;
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.#timer = undefined;
    if (this.#first === undefined) {
      // Idle for a whole tick: an odd timeout used once must not be kept for ever.
      this.#onIdle();
      return;
    }
    this.#now++;
    // One more than the ticks of a timeout: the tick in which an entry was added was not a full one.
    while (this.#first !== undefined && this.#now - this.#first.addedAt > this.#ticks) {
      const entry = this.#first;
      this.remove(entry);
      entry.expire(this.ms);
    }
    this.#timer ??= this.#clock.setTimeout(this.#onTick, this.#interval);
  }
}
