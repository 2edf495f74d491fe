/**
 * The deadlines of all pending asks, on one timer for each distinct timeout.
 *
 * Asks with the same timeout expire in the order in which they were made, so a
 * list for each timeout is always sorted: adding and removing cost a few
 * pointers, no timer, and no reading of the clock but for the first few entries
 * since the last tick ({@linkcode READINGS}). While a list has entries its timer
 * ticks about {@linkcode TICKS} times in a timeout. Entries that are added between
 * two ticks count as added at the later one, but for those first few, of which it
 * is known when they were.
 *
 * A tick reads the clock, so one that comes late stands for all that should have
 * come before it. Hence the promise: never early, and late by at most two ticks
 * (1/32 of the timeout, or 1 ms) and what the event loop is late by when it fires
 * them.
 *
 * A tick comes in a turn of the event loop of its own. So what is settled within
 * the turn in which it was made need never be added; see `Mailbox.prompt`.
 */

import type { Clock } from "./clock.ts";
import { Ring } from "./ring.ts";

export const TICKS = 64;
/** Entries after a tick for which the clock is read: enough for a caller that asks now and then, not for a flood. */
export const READINGS = 32;
/** The shortest tick, so that a rest left by rounding is not waited for again and again. */
const SHORTEST_MS = 0.001;

/**
 * Something that expires; the fields belong to {@linkcode Deadlines}. An interface and no base class: to make an object
 * of a derived class takes as long as half an ask.
 */
export interface DeadlineEntry {
  lane: Lane | undefined;
  /** In which stretch of the lane it was added. */
  addedIn: number;
  before: DeadlineEntry | undefined;
  after: DeadlineEntry | undefined;
  /** Called once, when its `timeout` is over. Must not throw. */
  expire(timeout: number): void;
}

/** Keeps deadlines; {@linkcode Deadlines.close} ends its timers. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #lanes = new Map<number, Lane>();
  #latest: Lane | undefined;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds `entry`, which expires after `ms`; never for `Infinity`. */
  add(entry: DeadlineEntry, ms: number): void {
    if (ms === Infinity || this.#isClosed) return;
    // Most asks have the same timeout as the one before.
    if (ms === this.#latest?.ms) return this.#latest.add(entry);
    let lane = this.#lanes.get(ms);
    if (lane === undefined) {
      lane = new Lane(this.#clock, ms, () => this.#remove(ms));
      this.#lanes.set(ms, lane);
    }
    this.#latest = lane;
    lane.add(entry);
  }

  /** Removes `entry`; no effect when it has expired or was never added. */
  remove(entry: DeadlineEntry): void {
    entry.lane?.remove(entry);
  }

  #remove(ms: number): void {
    this.#lanes.delete(ms);
    this.#latest = undefined;
  }

  /** Stops all timers; what is still pending never expires. */
  close(): void {
    this.#isClosed = true;
    for (const lane of this.#lanes.values()) lane.close();
    this.#lanes.clear();
  }
}

/**
 * The entries of one timeout, oldest first.
 *
 * Time is cut into stretches, which end with each reading of the clock. An entry counts as added at the end of its
 * stretch.
 */
export class Lane {
  readonly #clock: Clock;
  readonly ms: number;
  readonly #interval: number;
  readonly #onIdle: () => void;
  readonly #onTick = () => this.#tick();
  #timer: unknown = undefined;
  #stretch = 0;
  /** When stretches ended, from the one numbered `#oldest` on. */
  readonly #ends = new Ring<number>();
  #oldest = 0;
  #lastEnd = -1;
  /** For how many more entries the clock is read before the next tick. */
  #readings = READINGS;
  #first: DeadlineEntry | undefined;
  #last: DeadlineEntry | undefined;

  constructor(clock: Clock, ms: number, onIdle: () => void) {
    this.#clock = clock;
    this.ms = ms;
    this.#interval = Math.max(1, Math.floor(ms / TICKS));
    this.#onIdle = onIdle;
  }

  add(entry: DeadlineEntry): void {
    entry.lane = this;
    entry.addedIn = this.#stretch;
    entry.before = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.after = entry;
    this.#last = entry;
    if (this.#readings > 0) this.#addedNow(entry);
  }

  remove(entry: DeadlineEntry): void {
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

  #addedNow(entry: DeadlineEntry): void {
    this.#readings--;
    const now = this.#clock.now();
    // Those that are added at the same moment expire at the same tick.
    if (now === this.#lastEnd) entry.addedIn--;
    else this.#endStretch(now);
    this.#timer ??= this.#clock.setTimeout(this.#onTick, Math.min(this.#interval, this.ms));
  }

  #tick(): void {
    this.#timer = undefined;
    if (this.#first === undefined) {
      // Idle for a whole tick: an odd timeout used once must not be kept for ever.
      this.#onIdle();
      return;
    }
    const now = this.#clock.now();
    this.#endStretch(now);
    this.#readings = READINGS;
    while (this.#first !== undefined && now - this.#addedAt(this.#first) >= this.ms) {
      const entry = this.#first;
      this.remove(entry);
      entry.expire(this.ms);
    }
    this.#timer ??= this.#clock.setTimeout(this.#onTick, this.#untilNextTick(now));
  }

  #endStretch(now: number): void {
    this.#ends.push(now);
    this.#lastEnd = now;
    this.#stretch++;
  }

  /** When `entry`, the first, was added; it is not over before the end of its stretch. */
  #addedAt({ addedIn }: DeadlineEntry): number {
    if (addedIn === this.#stretch) return Infinity;
    for (; this.#oldest < addedIn; this.#oldest++) this.#ends.shift();
    return this.#ends.peek();
  }

  /** An interval, or less where the first entry is due before; many that are due one after the other are one tick. */
  #untilNextTick(now: number): number {
    if (this.#first === undefined) return this.#interval;
    const left = this.#addedAt(this.#first) + this.ms - now;
    return Math.min(this.#interval, Math.max(left, (this.#interval - 1) / 4, SHORTEST_MS));
  }
}
