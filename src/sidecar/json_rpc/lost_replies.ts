/**
 * Replies that were dropped and do not say whose they are: which requests wait for them in vain.
 *
 * Used by the correlation. Each reply that comes, and each request that is given up, leaves fewer that may be meant; once
 * no more of them wait than replies were lost, it is known of all.
 */

/** Knows which requests wait in vain where replies were dropped that do not say whose they are. */
export class LostReplies {
  /** Why each of them was lost. */
  #whys: (() => Error)[] = [];
  /** The numbers of the requests that one of them may have answered. */
  #candidates = new Set<number>();
  readonly #fail: (number: number, why: () => Error) => void;

  /** `fail` is called with each request whose reply is known to be lost. */
  constructor(fail: (number: number, why: () => Error) => void) {
    this.#fail = fail;
  }

  /** A reply was lost, to one of the requests that are `awaited`. */
  add(why: () => Error, awaited: readonly number[]): void {
    this.#whys.push(why);
    for (const number of awaited) this.#candidates.add(number);
    this.#look();
  }

  /** Request `number` waits no more. */
  settled(number: number): void {
    if (this.#candidates.delete(number)) this.#look();
  }

  #look(): void {
    if (this.#candidates.size > this.#whys.length) return;
    const [whys, candidates] = [this.#whys, this.#candidates];
    this.#whys = [];
    this.#candidates = new Set();
    for (const number of candidates) this.#fail(number, whys.shift()!);
  }
}
