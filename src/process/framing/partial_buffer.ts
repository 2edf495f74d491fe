/**
 * Bytes that one chunk left unfinished and the next ones continue.
 *
 * It doubles when it is full, so that many small chunks cost no more than few large ones, but not beyond
 * what is expected of it; and a large one is let go when little is left in it.
 *
 * @module
 */

/** Bytes of buffer that are kept for the next time. */
const KEPT = 131_072;

const NOTHING = new Uint8Array(0);

/** A queue of bytes. */
export class PartialBuffer {
  readonly #expected: number;
  #buffer: Uint8Array = NOTHING;
  #size = 0;

  /** `expected` is what it will be asked to hold at most, a chunk more or less. */
  constructor(options: { readonly expected: number }) {
    this.#expected = options.expected;
  }

  /** How many bytes are in it. */
  get size(): number {
    return this.#size;
  }

  /** How many it has memory for. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** What is in it, until the next call of a method. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  /** Copies `bytes` behind what is in it. */
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

  /** Drops the first `count` bytes. */
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
