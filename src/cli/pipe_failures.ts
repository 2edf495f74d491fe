/**
 * What failed in a pipe, on standard error: lines in a row that failed for the same reason are told as one.
 *
 * @module
 */

import { complain } from "./command.ts";

/** See the module. */
export class Failures {
  /** How many messages failed. */
  count = 0;
  readonly #noun: string;
  readonly #before: () => Promise<void>;
  #run: { from: number; to: number; why: string } | undefined;
  #telling: Promise<void> = Promise.resolve();

  /** Of messages that are each called `noun`; `before` is awaited before something is told. */
  constructor(noun: string, before: () => Promise<void>) {
    this.#noun = noun;
    this.#before = before;
  }

  /** Message `number` failed. They come in order. */
  add(number: number, why: string): void {
    this.count++;
    if (this.#run !== undefined && this.#run.why === why) this.#run.to = number;
    else {
      this.flush();
      this.#run = { from: number, to: number, why };
    }
  }

  /** What comes next is something else. */
  flush(): void {
    if (this.#run === undefined) return;
    const { from, to, why } = this.#run;
    this.#run = undefined;
    const which = from === to ? `${this.#noun} ${from}` : `${this.#noun}s ${from} to ${to}`;
    this.tell(`${which}: ${why}`);
  }

  /** Tells something else, in order. */
  tell(...lines: readonly string[]): void {
    this.#telling = this.#telling.then(this.#before).then(() => complain(...lines));
  }

  /** Fulfilled when all is told. */
  async told(): Promise<void> {
    this.flush();
    await this.#telling;
  }
}
