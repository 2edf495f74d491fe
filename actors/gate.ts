/**
 * What a start waits for, and what ends the waiting.
 *
 * @module
 */

import { sleep } from "@outrider/outrider";
import type { Clock } from "@outrider/outrider";

/** The gate of one incarnation: opened once, or refused for good. */
export class Gate {
  #opened = false;
  #refusal: (() => Error) | undefined;
  /** Whoever waits: for the opening, or only for a refusal. */
  #waiting: PromiseWithResolvers<void> | undefined;
  #waitsForOpening = false;

  /** What was waited for has come. */
  open(): void {
    if (this.#refusal !== undefined) return;
    this.#opened = true;
    if (this.#waitsForOpening) this.#waiting?.resolve();
  }

  /** Nothing is to be waited for any more; `why` is called if somebody waits, or comes to wait. The first counts. */
  refuse(why: () => Error): void {
    this.#refusal ??= why;
    this.#waiting?.reject(this.#refusal());
    this.#waiting = undefined;
  }

  /** Fulfilled when it was opened. `late` makes what it is refused with when `within` ms have passed, or `signal` aborts. */
  async pass(
    within: number,
    { clock, signal, late }: { clock: Clock; signal: AbortSignal; late: (stopped: boolean) => Error },
  ): Promise<void> {
    if (this.#opened) return;
    const settled = new AbortController();
    const over = sleep(clock, within, AbortSignal.any([settled.signal, signal])).then(() => {
      if (!settled.signal.aborted) this.refuse(() => late(signal.aborted));
    });
    this.#waitsForOpening = true;
    try {
      await this.#wait();
    } finally {
      this.#waitsForOpening = false;
      this.#waiting = undefined;
      settled.abort("settled");
      await over;
    }
  }

  /** What `work` comes to, unless the gate is refused before; `stopped` makes what it is refused with when `signal` aborts. */
  async during<Result>(
    work: Promise<Result>,
    { signal, stopped }: { signal: AbortSignal; stopped: () => Error },
  ): Promise<Result> {
    const refuse = () => this.refuse(stopped);
    signal.addEventListener("abort", refuse, { once: true });
    if (signal.aborted) refuse();
    try {
      return await Promise.race([work, this.#wait() as Promise<never>]);
    } finally {
      this.#waiting = undefined;
      signal.removeEventListener("abort", refuse);
    }
  }

  /** Rejects when the gate is refused, at once if it was. */
  #wait(): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    waiting.promise.catch(() => {}); // who lost a race against it is told otherwise
    if (this.#refusal !== undefined) waiting.reject(this.#refusal());
    else this.#waiting = waiting;
    return waiting.promise;
  }
}
