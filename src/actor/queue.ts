/**
 * What is queued in a mailbox, with two things that only some of it has: when an item that came back had been taken,
 * and how large each item is. Who needs neither pays for neither.
 *
 * @module
 */

import { Ring } from "./ring.ts";

/** An item that goes back to where it came from. */
export interface Returned {
  readonly item: unknown;
  /** What {@linkcode Mailbox.taken} was when it had been taken. */
  readonly turn: number;
}

/** See the module. */
export class Queue {
  readonly #items = new Ring<unknown>();
  /** When those at the front that came back had been taken, in order. */
  readonly #turns = new Ring<number>();
  /** The size of each item, if they have one. */
  readonly #sizes: Ring<number> | undefined;
  /** The sizes of all that is queued. */
  bytes = 0;

  /** `sized`: whether items have sizes. */
  constructor(sized: boolean) {
    this.#sizes = sized ? new Ring() : undefined;
  }

  /** How many items are queued. */
  get size(): number {
    return this.#items.size;
  }

  /** Whether nothing is kept but the items: then {@linkcode Queue.pushPlain} and {@linkcode Queue.shiftPlain} do. */
  get plain(): boolean {
    return this.#sizes === undefined && this.#turns.size === 0;
  }

  /** Adds behind the last an item without a size. */
  pushPlain(item: unknown): void {
    this.#items.push(item);
  }

  /** Takes the first, if it is known to have neither size nor turn; only to be called when `size` is not 0. */
  shiftPlain(): unknown {
    return this.#items.shift();
  }

  /** Adds behind the last. */
  push(item: unknown, size: number): void {
    this.#items.push(item);
    if (this.#sizes === undefined) return;
    this.#sizes.push(size);
    this.bytes += size;
  }

  /** Takes the first; only to be called when `size` is not 0. */
  shift(): unknown {
    if (this.#turns.size > 0) this.#turns.shift();
    if (this.#sizes !== undefined) this.bytes -= this.#sizes.shift();
    return this.#items.shift();
  }

  /** Puts items back: before all that was never taken, among those that came back in the order of their turns. */
  giveBack(items: readonly Returned[], measure: (item: unknown) => number): void {
    const front = items.map(({ item, turn }) => ({ item, turn, size: measure(item) }));
    while (this.#turns.size > 0) {
      const [turn, size] = [this.#turns.shift(), this.#sizes?.shift() ?? 0];
      this.bytes -= size;
      front.push({ item: this.#items.shift(), turn, size });
    }
    front.sort((a, b) => b.turn - a.turn);
    for (const { item, turn, size } of front) {
      this.#items.unshift(item);
      this.#turns.unshift(turn);
      this.#sizes?.unshift(size);
      this.bytes += size;
    }
  }

  /** Calls `visit` with each item, first to last. */
  forEach(visit: (item: unknown) => void): void {
    this.#items.forEach(visit);
  }

  /** Takes out all items for which `goes` holds. */
  sweep(goes: (item: unknown) => boolean): void {
    for (let left = this.#items.size, returned = this.#turns.size; left > 0; left--) {
      const turn = returned-- > 0 ? this.#turns.shift() : undefined;
      const size = this.#sizes?.shift() ?? 0;
      this.bytes -= size;
      const item = this.#items.shift();
      if (goes(item)) continue;
      this.push(item, size);
      if (turn !== undefined) this.#turns.push(turn);
    }
  }
}
