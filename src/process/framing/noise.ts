/**
 * Reports bytes between frames that belong to none.
 *
 * They are reported line by line, and in pieces of 8 KiB where there are no lines, so that a stray print to stdout shows
 * at once; a line ends where a frame begins in it.
 */
import { type Malformed, type MalformedKind, SAMPLE_CHARS } from "./framing.ts";

/** The bytes that are reported as one. */
const PIECE = 8_192;
const LF = 0x0a;
const CR = 0x0d;

/** The part of a protocol that says what noise is, and how it is reported. */
export interface NoiseTarget {
  /** The bytes that are ignored; noise of these alone is not reported. */
  readonly ignored: readonly number[];
  /** Returns bytes as a report shows them. */
  sample(bytes: Uint8Array): string;
  malformed(fault: Malformed): void;
}

export class Noise {
  readonly #target: NoiseTarget;
  readonly #start = new Uint8Array(SAMPLE_CHARS);
  #size = 0;
  #kind: MalformedKind | undefined;

  constructor(target: NoiseTarget) {
    this.#target = target;
  }

  get hasPending(): boolean {
    return this.#kind !== undefined;
  }

  /** Adds `bytes` between two places; the first that is not ignored gives the line its kind. */
  add(bytes: Uint8Array, from: number, to: number, kind: MalformedKind): void {
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (this.#kind === undefined && !this.#target.ignored.includes(byte)) this.#kind = kind;
      if (this.#size < SAMPLE_CHARS) this.#start[this.#size] = byte;
      this.#size++;
      if (byte === LF || this.#size === PIECE) this.end();
    }
  }

  /** Reports the rest: a frame follows, or the end. */
  end(): void {
    const [kind, size] = [this.#kind, this.#size];
    this.#kind = undefined;
    this.#size = 0;
    if (kind === undefined) return;
    let shown = Math.min(size, SAMPLE_CHARS);
    while (shown > 0 && (this.#start[shown - 1] === LF || this.#start[shown - 1] === CR)) shown--;
    const sample = this.#target.sample(this.#start.subarray(0, shown));
    this.#target.malformed({ kind, bytes: size, sample, dropped: true });
  }
}
