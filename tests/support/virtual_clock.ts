/**
 * Time that stands still until a test moves it.
 *
 * Between two timers everything that needs no time comes to rest: microtasks,
 * and the turns of the event loop that the actors' scheduler takes. So a run is
 * the same every time, however fast the machine.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Clock } from "../../src/actor/clock.ts";

/** Turns of the event loop that `settle` waits: the scheduler gives way once in 4 ms of work, a test does less. */
const TURNS = 5;
/** What `setTimeout` can do at most; the machine's own fires at once where it is asked for more. */
const LONGEST_MS = 2_147_483_647;
/** The wall time at `now() === 0`. */
export const EPOCH = Date.UTC(2030, 0, 1);

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

/** See the module. */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now = 0;
  #made = 0;

  /** Timers that have neither fired nor been taken back. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return EPOCH + this.#now;
  }

  /** Stricter than the machine's: what that would bend silently is an error here. */
  setTimeout(fn: () => void, ms: number): unknown {
    if (!(ms >= 0 && ms <= LONGEST_MS)) throw new RangeError(`Cannot set a timer: ${ms} ms is out of range`);
    const timer: Timer = { at: this.#now + ms, order: this.#made++, fn };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  /** Lets everything that needs no time come to rest. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Lets `ms` pass: fires what falls due, in the order of time, and settles after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (let timer = this.#next(); timer !== undefined && timer.at <= end; timer = this.#next()) {
      await this.#fire(timer);
    }
    this.#now = end;
  }

  /** Lets time pass until no timer is left. */
  async runAll(): Promise<void> {
    await this.settle();
    for (let timer = this.#next(); timer !== undefined; timer = this.#next()) await this.#fire(timer);
  }

  /** Lets time pass until `promise` settles; an error where nothing is left that could settle it. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => void (settled = true);
    promise.then(settle, settle);
    await this.settle();
    while (!settled) {
      const timer = this.#next();
      if (timer === undefined) {
        throw new Error("Cannot go on: everything is at rest and the promise is pending");
      }
      await this.#fire(timer);
    }
    return await promise;
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, timer.at);
    timer.fn();
    await this.settle();
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (
        first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }
}
