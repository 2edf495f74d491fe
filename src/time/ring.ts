/**
 * A first-in, first-out queue on a circular array: no allocation per item, and
 * memory that grows with what is queued, by doubling.
 */

const SMALLEST = 16;

/** A queue. It has no bound of its own: its owner checks `size` before it pushes. */
export class Ring<T> {
  #slots: (T | undefined)[] = new Array(SMALLEST);
  #mask = SMALLEST - 1;
  #head = 0;
  /** How many items are queued. */
  size = 0;

  push(item: T): void {
    if (this.size > this.#mask) this.#grow();
    this.#slots[(this.#head + this.size) & this.#mask] = item;
    this.size++;
  }

  unshift(item: T): void {
    if (this.size > this.#mask) this.#grow();
    this.#head = (this.#head - 1) & this.#mask;
    this.#slots[this.#head] = item;
    this.size++;
  }

  /** Takes the first; only to be called when `size` is not 0. */
  shift(): T {
    const head = this.#head;
    const item = this.#slots[head] as T;
    this.#slots[head] = undefined;
    this.#head = (head + 1) & this.#mask;
    this.size--;
    return item;
  }

  /** Calls `visit` with each item, first to last. */
  forEach(visit: (item: T) => void): void {
    for (let i = 0; i < this.size; i++) visit(this.#slots[(this.#head + i) & this.#mask] as T);
  }

  /** Takes all, first to last. */
  takeAll(): T[] {
    const items = new Array<T>(this.size);
    for (let i = 0; i < items.length; i++) items[i] = this.shift();
    return items;
  }

  /** Empties the queue without clearing its slots: for numbers, which keep nothing alive. */
  clear(): void {
    this.size = 0;
  }

  /** The first, left where it is; only to be called when `size` is not 0. */
  peek(): T {
    return this.#slots[this.#head] as T;
  }

  #grow(): void {
    const slots = new Array<T | undefined>((this.#mask + 1) * 2);
    for (let i = 0; i < this.size; i++) slots[i] = this.#slots[(this.#head + i) & this.#mask];
    this.#slots = slots;
    this.#mask = slots.length - 1;
    this.#head = 0;
  }
}
