/**
 * Time, as the runtime sees it: one of the two things that tests replace.
 *
 * `setTimeout` takes at most 2^31 − 1 ms (24.8 days) and fires at once for more. With the machine's clock here, a longer
 * time passes in parts, and `Infinity` never does.
 */

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

/** Cancels a timer of {@linkcode startTimer}; no effect on `undefined`, and on one that has fired. */
export function stopTimer(timer: unknown): void {
  if (timer === undefined) return; // Deno loads its timers with the first call.
  if (timer instanceof LongTimer) timer.clear();
  else clearTimeout(timer as ReturnType<typeof setTimeout>);
}
