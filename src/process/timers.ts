/**
 * The process layer's only view of time, so that whoever owns a child can run it on another clock.
 *
 * @module
 */

import { startTimer, stopTimer } from "../long_timer.ts";

/** A source of timers; handles are opaque and go back to the clock they came from. */
export interface Timers {
  /** Calls `fn` once after `ms` milliseconds, however many that are; never for `Infinity`. */
  setTimeout(fn: () => void, ms: number): unknown;
  /** Forgets a timer; one that already ran is ignored. */
  clearTimeout(handle: unknown): void;
}

/** The machine's clock. */
export const systemTimers: Timers = {
  setTimeout: startTimer,
  clearTimeout: stopTimer,
};

/** Resolves to `true` once `work` is fulfilled, to `false` after `ms`; no timer is left. Rejects as `work` does. */
export function within(work: Promise<unknown>, options: { ms: number; timers: Timers }): Promise<boolean> {
  const { ms, timers } = options;
  return new Promise((resolve, reject) => {
    const timer = timers.setTimeout(() => resolve(false), ms);
    work.then(() => resolve(true), reject).finally(() => timers.clearTimeout(timer));
  });
}

/** Resolves after `ms` on the machine's clock, or at once when `signal` aborts; leaves no timer behind. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      systemTimers.clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = systemTimers.setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
