/**
 * Sends and receives netstrings, as D. J. Bernstein defined them: `12:hello world!,`.
 *
 * The comma behind the content is the only check of a length. Where it is missing, or where there is no length, the next
 * frame is looked for behind the next comma or newline: a line that a library printed to stdout is lost, the frame behind
 * it is not. Only its own comma makes that a frame. Blanks between frames are ignored.
 */
import { assertBytes } from "./bytes.ts";
import type { Codec } from "./codec.ts";
import { type MalformedKind, MAX_LENGTH } from "../framing/framing.ts";
import { ByteContents, LengthFramer, type LengthProtocol } from "../framing/length_framing.ts";

const COMMA = 0x2c;
const COLON = 0x3a;
const LF = 0x0a;
const ZERO = 0x30;
const MAX_DIGITS = String(MAX_LENGTH).length;

const encoder = new TextEncoder();

/** Messages are bytes. */
export const netstring: Codec<Uint8Array, Uint8Array> = {
  name: "netstring",
  copies: true,
  encode(message) {
    assertBytes(message, "netstring");
    const head = encoder.encode(`${message.length}:`);
    const frame = new Uint8Array(head.length + message.length + 1);
    frame.set(head);
    frame.set(message, head.length);
    frame[frame.length - 1] = COMMA;
    return frame;
  },
  decoder(sink, { maxFrame }) {
    return new LengthFramer(new Netstrings(sink), { maxFrame });
  },
};

class Netstrings extends ByteContents implements LengthProtocol {
  readonly maxHeader = MAX_DIGITS + 1;
  readonly terminator = COMMA;
  readonly ignored: readonly number[] = [0x20, 0x09, 0x0d, LF];
  length = 0;
  fault: MalformedKind = "stray";
  /** Whether it skips bytes that are not a frame, up to the next comma or newline. */
  #isLost = false;

  head(bytes: Uint8Array, at: number, end: number): number {
    if (this.#isLost) return this.#pass(bytes, at, end);
    if (this.ignored.includes(bytes[at]!)) {
      this.fault = "stray";
      return -1;
    }
    let length = 0;
    let digit = at;
    for (; digit < end && isDigit(bytes[digit]!); digit++) {
      length = length * 10 + bytes[digit]! - ZERO;
      const leadingZero = digit > at && bytes[at] === ZERO;
      if (leadingZero || length > MAX_LENGTH) return this.#lose(bytes, at, end, "bad_length");
    }
    if (digit === end) return 0;
    if (digit === at || bytes[digit] !== COLON) return this.#lose(bytes, at, end, "stray");
    this.length = length;
    return digit + 1 - at;
  }

  unterminated(): void {
    this.#isLost = true;
    this.fault = "bad_length";
  }

  #lose(bytes: Uint8Array, at: number, end: number, fault: MalformedKind): number {
    this.#isLost = true;
    this.fault = fault;
    return this.#pass(bytes, at, end);
  }

  #pass(bytes: Uint8Array, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      if (bytes[at] !== COMMA && bytes[at] !== LF) continue;
      this.#isLost = false;
      return from - at - 1;
    }
    return from - end;
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}
