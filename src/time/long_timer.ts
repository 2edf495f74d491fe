/**
 * Timers of any length, for the machine's clock (`clock.ts`).
 *
 * `setTimeout` takes at most 2^31 − 1 ms (24.8 days) and fires at once for more. Here a longer time passes in parts, and
 * `Infinity` never does.
 *
 * @module
 */

/** The longest time that `setTimeout` takes. */
const LONGEST_PART_MS = 2 ** 31 - 1;

/** A timer longer than that. */
class LongTimer {
  readonly #fn: () => void;
  #remaining: number;
  #part: ReturnType<typeof setTimeout> | undefined;

  constructor(fn: () => void, ms: number) {
    this.#fn = fn;
    this.#remaining = ms;
    if (ms < Infinity) this.#next();
  }

  clear(): void {
    clearTimeout(this.#part);
  }

  #next(): void {
    const part = Math.min(this.#remaining, LONGEST_PART_MS);
    this.#remaining -= part;
    const then = this.#remaining > 0 ? () => this.#next() : this.#fn;
    this.#part = setTimeout(then, Math.ceil(part));
  }
}

/**
 * Calls `fn` once, not before `ms` have passed: never for `Infinity`, as soon as may be for less than 0 and for what is
 * not a number.
 */
export function startTimer(fn: () => void, ms: number): unknown {
  if (ms > LONGEST_PART_MS) return new LongTimer(fn, ms);
  // setTimeout cuts a part of a millisecond off.
  return setTimeout(fn, Math.ceil(ms));
}

/** Cancels a timer of {@linkcode startTimer}; no effect on one that has fired. */
export function stopTimer(timer: unknown): void {
  if (timer instanceof LongTimer) timer.clear();
  else clearTimeout(timer as ReturnType<typeof setTimeout> | undefined);
}
