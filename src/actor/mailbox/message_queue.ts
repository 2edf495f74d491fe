/**
 * The queue of a mailbox, with two things that few items have: the sequence number of a returned item,
 * and a size. A mailbox that needs neither pays for neither.
 */

import { Ring } from "../../time/ring.ts";

/** An item that goes back into the mailbox. */
export interface ReturnedMessage {
  readonly item: unknown;
  /** The value of {@linkcode Mailbox.taken} when it was taken. */
  readonly sequence: number;
}

export class MessageQueue extends Ring<unknown> {
  /** The sequence numbers of the returned items, which are at the front, in order. */
  readonly #sequences = new Ring<number>();
  /** The size of each item, if they have one. */
  readonly #sizes: Ring<number> | undefined;
  bytes = 0;

  /** `sized`: whether items have sizes. */
  constructor(sized: boolean) {
    super();
    this.#sizes = sized ? new Ring() : undefined;
  }

  /** Whether nothing is kept but the items: then {@linkcode MessageQueue.push} and {@linkcode MessageQueue.shift} do. */
  get isPlain(): boolean {
    return this.#sizes === undefined && this.#sequences.size === 0;
  }

  add(item: unknown, size: number): void {
    this.push(item);
    if (this.#sizes === undefined) return;
    this.#sizes.push(size);
    this.bytes += size;
  }

  /** Takes the first; only to be called when `size` is not 0. */
  take(): unknown {
    if (this.#sequences.size > 0) this.#sequences.shift();
    if (this.#sizes !== undefined) this.bytes -= this.#sizes.shift();
    return this.shift();
  }

  /** Puts items back: before all that was never taken, among those that came back in the order of their sequences. */
  giveBack(items: readonly ReturnedMessage[], measure: (item: unknown) => number): void {
    const front = items.map(({ item, sequence }) => ({ item, sequence: sequence, size: measure(item) }));
    while (this.#sequences.size > 0) {
      const [sequence, size] = [this.#sequences.shift(), this.#sizes?.shift() ?? 0];
      this.bytes -= size;
      front.push({ item: this.shift(), sequence, size });
    }
    front.sort((a, b) => b.sequence - a.sequence);
    for (const { item, sequence, size } of front) {
      this.unshift(item);
      this.#sequences.unshift(sequence);
      this.#sizes?.unshift(size);
      this.bytes += size;
    }
  }

  /** Takes out all items for which `goes` holds. */
  sweep(goes: (item: unknown) => boolean): void {
    for (let left = this.size, returned = this.#sequences.size; left > 0; left--) {
      const sequence = returned-- > 0 ? this.#sequences.shift() : undefined;
      const size = this.#sizes?.shift() ?? 0;
      this.bytes -= size;
      const item = this.shift();
      if (goes(item)) continue;
      this.add(item, size);
      if (sequence !== undefined) this.#sequences.push(sequence);
    }
  }
}
