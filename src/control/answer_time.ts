/**
 * How long the answers on one connection are waited for.
 *
 * Used by `ControlClient`. The invariant: each has its own time, and none is waited for beyond the end of all, once that
 * is set.
 */

import { lateAnswer } from "./control_errors.ts";

/** What `AbortSignal.timeout` takes: 24.8 days. It aborts at once for more. */
const LONGEST_LIMIT_MS = 2 ** 31 - 1;

export class AnswerTime {
  /** The socket, for the errors. */
  readonly #path: string;
  #end = Infinity;
  #whole = Infinity;

  constructor(path: string) {
    this.#path = path;
  }

  /** Sets the end of all, as `performance.now()` has it; errors say then that it took longer than `whole` ms. */
  endAt(end: number, whole: number): void {
    this.#end = end;
    this.#whole = whole;
  }

  /** The value, unless it takes longer than `timeout` ms. @throws {ControlError} `no_answer` */
  async within<Value>(value: Promise<Value>, timeout: number): Promise<Value> {
    const late = Promise.withResolvers<never>();
    late.promise.catch(() => {}); // where it is not raced any more
    const stop = this.onLate(timeout, () => late.reject(this.error(timeout)));
    try {
      return await Promise.race([value, late.promise]);
    } finally {
      stop();
    }
  }

  /** Calls `act` when `timeout` ms are over, unless the returned function is called before. */
  onLate(timeout: number, act: () => void): () => void {
    const ms = Math.min(timeout, this.#left());
    if (ms > LONGEST_LIMIT_MS) return () => {};
    // Deno loads its timers with the first `setTimeout`, in a quarter of the time that an empty program needs to start.
    const limit = AbortSignal.timeout(ms);
    limit.addEventListener("abort", act, { once: true });
    return () => limit.removeEventListener("abort", act);
  }

  /** What is said of an answer that was given `timeout` ms, and is late. */
  error(timeout: number): ReturnType<typeof lateAnswer> {
    return lateAnswer(this.#path, Math.min(timeout, this.#whole));
  }

  #left(): number {
    return Math.max(1, Math.ceil(this.#end - performance.now()));
  }
}
