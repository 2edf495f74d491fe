/**
 * A buffer for one line at a time: its bytes up to a cap, in chunks of any size.
 *
 * Used wherever bytes are cut into lines: the framing of messages, stderr, the lines that probes wait for, control
 * connections. The invariant: it holds no more than the cap, and memory for at most twice of what came.
 */

const LF = 0x0a;
const CR = 0x0d;
/** Bytes of the first buffer. */
const SMALLEST = 1_024;
/** Bytes of buffer that are kept for the next line; a larger buffer is let go after its line. */
const KEPT = 65_536;
const NOTHING = new Uint8Array(0);
const decoder = new TextDecoder();

/** Buffers one line at a time. */
export class LineBuffer {
  readonly #cap: number;
  #buffer: Uint8Array = NOTHING;
  #size = 0;
  /** How many bytes of the line came; set here alone, and a plain field as framers look at it before each chunk. */
  came = 0;

  /** `cap` is how many bytes of a line are held; the rest of a longer one is dropped. */
  constructor(cap: number) {
    this.#cap = cap;
  }

  /** Bytes of memory that it has. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** The held bytes of the line, valid until the next call of a method. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  /** Whether more came than is held. */
  get isCut(): boolean {
    return this.came > this.#size;
  }

  /** The line as text, without the `\r` at its end; one that is cut within a character ends before that character. */
  get text(): string {
    let end = this.isCut ? wholeCharacters(this.#buffer, this.#size) : this.#size;
    if (end > 0 && this.#buffer[end - 1] === CR) end--;
    return decoder.decode(this.#buffer.subarray(0, end));
  }

  /** The beginning of the line as text, of at most `count` bytes; all of a shorter one is {@linkcode LineBuffer.text}. */
  head(count: number): string {
    if (this.#size <= count) return this.text;
    return decoder.decode(this.#buffer.subarray(0, wholeCharacters(this.#buffer, count)));
  }

  /** Takes what `chunk` has of the line from `from` on; gives the place behind its newline, or -1 if there is none. */
  take(chunk: Uint8Array, from: number): number {
    const end = chunk.indexOf(LF, from);
    this.add(chunk.subarray(from, end < 0 ? chunk.length : end));
    return end + 1 || -1;
  }

  /** Takes more of the line. */
  add(bytes: Uint8Array): void {
    this.came += bytes.length;
    const part = this.came <= this.#cap ? bytes : bytes.subarray(0, this.#cap - this.#size);
    const size = this.#size + part.length;
    if (size > this.#buffer.length) {
      const grown = new Uint8Array(Math.min(Math.max(size, 2 * this.#buffer.length, SMALLEST), this.#cap));
      grown.set(this.bytes);
      this.#buffer = grown;
    }
    this.#buffer.set(part, this.#size);
    this.#size = size;
  }

  /** Begins the next line. */
  clear(): void {
    this.#size = this.came = 0;
    if (this.#buffer.length > KEPT) this.#buffer = NOTHING;
  }
}

/** How many of the first `size` bytes make whole characters. */
export function wholeCharacters(bytes: Uint8Array, size: number): number {
  let start = size - 1;
  while (start > size - 4 && (bytes[start]! & 0xc0) === 0x80) start--;
  const lead = bytes[start]!;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + length > size ? start : size;
}
