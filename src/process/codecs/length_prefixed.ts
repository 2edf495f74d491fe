/**
 * Sends and receives bytes behind their length, an unsigned number of four bytes.
 *
 * Any four bytes are a length, so a false one cannot be told from a true one, and after a false one no frame is read
 * correctly again. Stray output on stdout, such as `Warn`, is a length of 1.5 GB.
 */
import { assertBytes } from "./bytes.ts";
import type { Codec } from "./codec.ts";
import type { FrameSink, MalformedKind } from "../framing/framing.ts";
import { ByteContents, LengthFramer, type LengthProtocol } from "../framing/length_framing.ts";

const PREFIX = 4;

/** Messages are bytes; the length before them is big-endian, the order of networks. */
export const lengthPrefixedBe: Codec<Uint8Array, Uint8Array> = lengthPrefixed("length-prefixed-be");

/** Messages are bytes; the length before them is little-endian, the order of most processors. */
export const lengthPrefixedLe: Codec<Uint8Array, Uint8Array> = lengthPrefixed("length-prefixed-le");

function lengthPrefixed(name: "length-prefixed-be" | "length-prefixed-le"): Codec<Uint8Array, Uint8Array> {
  const little = name === "length-prefixed-le";
  return {
    name,
    copies: true,
    encode(message) {
      assertBytes(message, name);
      const frame = new Uint8Array(PREFIX + message.length);
      new DataView(frame.buffer).setUint32(0, message.length, little);
      frame.set(message, PREFIX);
      return frame;
    },
    decoder(sink, { maxFrame }) {
      return new LengthFramer(new LengthPrefix(sink, little), { maxFrame });
    },
  };
}

class LengthPrefix extends ByteContents implements LengthProtocol {
  readonly maxHeader = PREFIX;
  readonly terminator = undefined;
  readonly ignored: readonly number[] = [];
  readonly fault: MalformedKind = "bad_length";
  length = 0;
  readonly #isLittleEndian: boolean;

  constructor(sink: FrameSink<Uint8Array>, little: boolean) {
    super(sink);
    this.#isLittleEndian = little;
  }

  head(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < PREFIX) return 0;
    const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!];
    this.length = (this.#isLittleEndian ? d << 24 | c << 16 | b << 8 | a : a << 24 | b << 16 | c << 8 | d) >>>
      0;
    return PREFIX;
  }
}
