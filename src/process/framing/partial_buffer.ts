/**
 * Holds the bytes of a frame that one chunk left unfinished and the next ones continue.
 *
 * The buffer doubles when it is full, so that many small chunks cost no more than few large ones, but not beyond the
 * expected size; a large one is released when little is left in it.
 */

const KEPT = 131_072;

const NOTHING = new Uint8Array(0);

export class PartialBuffer {
  readonly #expected: number;
  #buffer: Uint8Array = NOTHING;
  #size = 0;

  /** `expected` is the most that it will hold, give or take a chunk. */
  constructor(options: { readonly expected: number }) {
    this.#expected = options.expected;
  }

  get size(): number {
    return this.#size;
  }

  get capacity(): number {
    return this.#buffer.length;
  }

  /** The bytes in it, valid until the next call of a method. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  append(bytes: Uint8Array): void {
    const size = this.#size + bytes.length;
    if (size > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(size, Math.min(2 * this.#buffer.length, this.#expected)));
      grown.set(this.bytes);
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#size);
    this.#size = size;
  }

  drop(count: number): void {
    if (count === 0) return;
    const left = this.#size - count;
    if (this.#buffer.length > KEPT && left <= KEPT) {
      this.#buffer = this.#buffer.slice(count, this.#size);
    } else {
      this.#buffer.copyWithin(0, count, this.#size);
    }
    this.#size = left;
  }
}
