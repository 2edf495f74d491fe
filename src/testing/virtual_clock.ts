/**
 * Time that stands still until a test moves it.
 *
 * Between two timers everything that needs no time comes to rest: promises, and
 * the turns of the event loop that actors take. So a run is the same every time,
 * however fast the machine, and a day passes in as long as its work takes. What
 * goes on outside of this process (files, sockets, real programs) is not waited for.
 */

import { SimulationError } from "./simulation_errors.ts";
import { OptionError } from "../actor/actor_errors.ts";
import { type DurationInput, durationOption } from "../options/units.ts";
import { setImmediate } from "node:timers";
import type { Clock } from "../time/clock.ts";
import { isAtRest } from "../actor/scheduler.ts";

/** The wall time at `now() === 0`. */
export const EPOCH: number = Date.UTC(2030, 0, 1);
/** Virtual milliseconds that `until` and `runAll` let pass where nothing else is said: a day. */
export const PATIENCE_MS = 86_400_000;
/** Turns of the event loop after which actors that never come to rest are an error; each is 4 ms of their work. */
export const MAX_TURNS = 1_000;
/** Turns without anything to do that count as rest. */
const CALM_TURNS = 2;

interface Timer {
  readonly at: number;
  readonly fn: () => void;
  off: boolean;
}

/**
 * A clock for `start(root, { clock })` and for `new System`, whose time passes only on request.
 *
 * @example
 * ```ts
 * import { sleep } from "@outrider/outrider/actor";
 * import { VirtualClock } from "@outrider/outrider/testing";
 *
 * const clock = new VirtualClock();
 * let woke = false;
 * void sleep(clock, 3_600_000).then(() => woke = true);
 * await clock.advance(3_599_999);
 * console.log(woke); // false
 * await clock.advance(1);
 * console.log(woke); // true
 * ```
 */
export class VirtualClock implements Clock {
  /** The earliest first; of those at one moment, the one that was made first. */
  readonly #timers: Timer[] = [];
  readonly #maxTurns: number;
  #pending = 0;
  #now = 0;

  /** Shows 0. `maxTurns`: default {@linkcode MAX_TURNS}. */
  constructor({ maxTurns = MAX_TURNS }: { readonly maxTurns?: number } = {}) {
    this.#maxTurns = maxTurns;
  }

  /** Timers that have neither fired nor been taken back, those that never fire included. */
  get pending(): number {
    return this.#pending;
  }

  /** Milliseconds that have passed. */
  now(): number {
    return this.#now;
  }

  /** Milliseconds since 1970, of a clock that shows {@linkcode EPOCH} at the start. */
  wallTime(): number {
    return EPOCH + this.#now;
  }

  /**
   * Calls `fn` once `ms` have passed; never for `Infinity`. Stricter than the machine's: a value that the machine
   * would bend silently is an error here.
   *
   * @throws {OptionError} less than 0, or not a number
   */
  setTimeout(fn: () => void, ms: number): unknown {
    const delay = durationOption("a timer", ms);
    const timer: Timer = { at: this.#now + delay, fn, off: false };
    this.#pending++;
    if (delay < Infinity) {
      const before = this.#timers.findLastIndex(({ at }) => at <= timer.at);
      this.#timers.splice(before + 1, 0, timer);
    }
    return timer;
  }

  /** Takes a timer back. */
  clearTimeout(timer: unknown): void {
    const known = timer as Timer | undefined;
    if (known === undefined || known.off) return;
    known.off = true;
    this.#pending--;
  }

  /**
   * Lets everything that needs no time come to rest.
   *
   * @throws {SimulationError} actors keep each other busy without end
   */
  async settle(): Promise<void> {
    let turns = 0;
    for (let calm = 0; calm < CALM_TURNS; calm = isAtRest() ? calm + 1 : 0) {
      if (turns++ > this.#maxTurns) {
        throw new SimulationError(
          "never_at_rest",
          "Cannot come to rest: actors keep each other busy without end",
        );
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /**
   * Lets so many milliseconds pass, or a time such as `"1h"`: fires what falls due, in the order of time, and settles
   * after each.
   *
   * @throws {OptionError} less than 0, no time, or `Infinity`, which never passes
   */
  async advance(time: DurationInput): Promise<void> {
    const ms = durationOption("time to pass", time);
    if (ms === Infinity) throw new OptionError("Cannot let Infinity ms pass");
    const end = this.#now + ms;
    await this.settle();
    for (let timer = this.#first(); timer !== undefined && timer.at <= end; timer = this.#first()) {
      await this.#fire(timer);
    }
    this.#now = end;
  }

  /**
   * Lets time pass until no timer is left.
   *
   * @throws {SimulationError} there still are some after `within`, in ms or such as `"1h"`; default {@linkcode PATIENCE_MS}
   */
  async runAll(within: DurationInput = PATIENCE_MS): Promise<void> {
    const patience = durationOption("within", within);
    const end = this.#now + patience;
    await this.settle();
    for (let timer = this.#first(); timer !== undefined; timer = this.#first()) {
      if (timer.at > end) {
        throw new SimulationError(
          "timers_left",
          `Cannot come to an end: timers are left after ${patience} ms`,
        );
      }
      await this.#fire(timer);
    }
  }

  /**
   * Lets time pass until `promise` settles, and returns its value.
   *
   * @throws {SimulationError} it is still pending when nothing is left that could settle it, or after
   * `within`, in ms or such as `"1h"`; default {@linkcode PATIENCE_MS}
   */
  async until<T>(promise: Promise<T>, within: DurationInput = PATIENCE_MS): Promise<T> {
    const patience = durationOption("within", within);
    const pending = (message: string) => new SimulationError("promise_pending", message);
    let settled = false;
    const settle = () => void (settled = true);
    promise.then(settle, settle);
    const end = this.#now + patience;
    await this.settle();
    while (!settled) {
      const timer = this.#first();
      if (timer === undefined) {
        throw pending("Cannot go on: everything is at rest, and what is waited for has not come");
      }
      if (timer.at > end) throw pending(`Cannot wait longer: the promise is pending after ${patience} ms`);
      await this.#fire(timer);
    }
    return await promise;
  }

  async #fire(timer: Timer): Promise<void> {
    timer.off = true;
    this.#pending--;
    this.#now = Math.max(this.#now, timer.at);
    timer.fn();
    await this.settle();
  }

  /** The next timer that was not taken back. */
  #first(): Timer | undefined {
    while (this.#timers[0]?.off) this.#timers.shift();
    return this.#timers[0];
  }
}
