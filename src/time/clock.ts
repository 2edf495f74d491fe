/**
 * Time, as the runtime sees it: one of the two things that tests replace.
 *
 * @module
 */

import { startTimer, stopTimer } from "./long_timer.ts";

/** A source of timers; each handle goes back to the source it came from. */
export interface Timers {
  /** Calls `fn` once, not before `ms` milliseconds have passed, however many that are; never for `Infinity`. */
  setTimeout(fn: () => void, ms: number): unknown;
  /** Cancels a timer; no effect on one that has fired. */
  clearTimeout(timer: unknown): void;
}

/** A source of time and timers. Milliseconds throughout. */
export interface Clock extends Timers {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): number;
  /** Milliseconds since 1970, for people who read events. */
  wallTime(): number;
}

/** The machine's own clock. Its timers take a negative number, or a value that is not a number, as 0. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimeout: startTimer,
  clearTimeout: stopTimer,
};

/** Resolves after `ms`, or at once when `signal` aborts; never rejects and leaves no timer behind. */
export function sleep(clock: Timers, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
