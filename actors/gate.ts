/**
 * What a start waits for, and what ends the waiting.
 *
 * @module
 */

import { sleep } from "@outrider/outrider";
import type { Clock } from "@outrider/outrider";

/** The gate of one incarnation: opened once, or refused for good. */
export class Gate {
  readonly #opened: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #refused: PromiseWithResolvers<never> = Promise.withResolvers();

  constructor() {
    this.#opened.promise.catch(() => {});
    this.#refused.promise.catch(() => {});
  }

  /** What was waited for has come. */
  open(): void {
    this.#opened.resolve();
  }

  /** Nothing is to be waited for any more, because of `cause`. The first counts. */
  refuse(cause: Error): void {
    this.#opened.reject(cause);
    this.#refused.reject(cause);
  }

  /** Fulfilled when it was opened. `late` makes what it is refused with when `within` ms have passed, or `signal` aborts. */
  async pass(
    within: number,
    { clock, signal, late }: { clock: Clock; signal: AbortSignal; late: (stopped: boolean) => Error },
  ): Promise<void> {
    const settled = new AbortController();
    const over = sleep(clock, within, AbortSignal.any([settled.signal, signal])).then(() => {
      if (!settled.signal.aborted) this.refuse(late(signal.aborted));
    });
    try {
      await this.#opened.promise;
    } finally {
      settled.abort();
      await over;
    }
  }

  /** What `work` comes to, unless the gate is refused before; `stopped` makes what it is refused with when `signal` aborts. */
  async during<Result>(
    work: Promise<Result>,
    { signal, stopped }: { signal: AbortSignal; stopped: () => Error },
  ): Promise<Result> {
    const refuse = () => this.refuse(stopped());
    signal.addEventListener("abort", refuse, { once: true });
    if (signal.aborted) refuse();
    try {
      return await Promise.race([work, this.#refused.promise]);
    } finally {
      signal.removeEventListener("abort", refuse);
    }
  }
}
