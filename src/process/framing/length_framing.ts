/**
 * From bytes to frames that announce their length.
 *
 * What lies whole in a chunk is read where it lies; only what a chunk leaves unfinished is copied, and read
 * together with the next one. A frame over the cap is passed over by counting and kept nowhere. A length is believed
 * once its header is whole: the bytes that it covers are its content, whatever is in them, or are missing when the input
 * ends. What to do behind a header that makes no sense is the protocol's to say; see {@linkcode LengthProtocol.head}.
 *
 * @module
 */
import { PartialBuffer } from "./partial_buffer.ts";
import {
  type Decoder,
  type FrameSink,
  type Malformed,
  type MalformedKind,
  sampleOfBytes,
} from "./framing.ts";
import { Noise } from "./noise.ts";

/** What a protocol knows of its frames; one object a stream, as it holds what the last header said. */
export interface LengthProtocol {
  /** Most bytes of a header. */
  readonly maxHeader: number;
  /** The byte behind each content, if there is one. */
  readonly terminator: number | undefined;
  /** Bytes that may stand between frames and mean nothing. */
  readonly ignored: readonly number[];
  /**
   * Looks for a header at `at`, with input up to `end`. Says how long it is, and sets {@linkcode length}; or 0 if it
   * cannot tell from so little, which must not be more than `maxHeader`; or, with a minus, how many bytes are none, and
   * sets {@linkcode fault}. What it says of a byte may not depend on where the input was split.
   */
  head(bytes: Uint8Array, at: number, end: number): number;
  /** Bytes of content that the last header announced. */
  readonly length: number;
  /** What is wrong with the bytes that are not a header. */
  readonly fault: MalformedKind;
  /** The terminator is not there: {@linkcode head} is asked again at the same place, and may not find a header. */
  unterminated?(): void;
  /** Frames are to be read between these places of one buffer; when they are, the same with no bytes. */
  region?(at: number, end: number): void;
  /** Takes the content behind the last header. */
  content(bytes: Uint8Array, from: number, to: number): void;
  /** Bytes as they are shown in a report. */
  sample(bytes: Uint8Array): string;
  /** Takes note of a fault. */
  malformed(fault: Malformed): void;
}

/** What protocols have in common whose contents are bytes as they are. */
export abstract class ByteContents {
  readonly #sink: FrameSink<Uint8Array>;

  /** For the frames of one stream. */
  constructor(sink: FrameSink<Uint8Array>) {
    this.#sink = sink;
  }

  /** See {@linkcode LengthProtocol.content}. */
  content(bytes: Uint8Array, from: number, to: number): void {
    this.#sink.message(bytes.slice(from, to), to - from);
  }

  /** See {@linkcode LengthProtocol.sample}. */
  sample(bytes: Uint8Array): string {
    return sampleOfBytes(bytes);
  }

  /** See {@linkcode LengthProtocol.malformed}. */
  malformed(fault: Malformed): void {
    this.#sink.malformed(fault);
  }
}

/** Cuts bytes into frames, as a protocol says. */
export class LengthFramer implements Decoder {
  readonly #protocol: LengthProtocol;
  readonly #maxFrame: number;
  /** Bytes of the terminator. */
  readonly #tail: number;
  readonly #noise: Noise;
  /** What was left unfinished; its first byte is that of a frame. */
  readonly #partial: PartialBuffer;
  /** The header of what is in the carry is whole. */
  #hasHeader = false;
  /** Bytes still to come of a frame over the cap. */
  #skip = 0;

  /** A framer for one stream. */
  constructor(protocol: LengthProtocol, options: { readonly maxFrame: number }) {
    this.#protocol = protocol;
    this.#maxFrame = options.maxFrame;
    this.#tail = protocol.terminator === undefined ? 0 : 1;
    this.#noise = new Noise(protocol);
    this.#partial = new PartialBuffer({ expected: protocol.maxHeader + options.maxFrame + this.#tail });
  }

  /** Bytes of memory that it holds between two chunks. */
  get buffered(): number {
    return this.#partial.capacity;
  }

  /** See {@linkcode Decoder.push}. */
  push(chunk: Uint8Array): void {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    if (skipped === chunk.length) return;
    if (this.#partial.size === 0) {
      const read = this.#read(chunk, skipped, chunk.length);
      if (read < chunk.length) this.#partial.append(chunk.subarray(read));
      return;
    }
    this.#partial.append(chunk);
    const bytes = this.#partial.bytes;
    this.#partial.drop(this.#read(bytes, 0, bytes.length));
  }

  /** See {@linkcode Decoder.end}. */
  end(): void {
    const rest = this.#partial.bytes;
    // Behind what is not a frame, a beginning of a header is taken for more of the same.
    const isNoise = !this.#hasHeader && this.#noise.hasPending;
    if (isNoise) this.#noise.add(rest, 0, rest.length, "stray");
    this.#noise.end();
    if (rest.length > 0 && !isNoise) this.#report("truncated", rest.length, rest);
    this.#partial.drop(rest.length);
  }

  /** Reads frames and says up to where. */
  #read(bytes: Uint8Array, at: number, end: number): number {
    const protocol = this.#protocol;
    const tail = this.#tail;
    protocol.region?.(at, end);
    this.#hasHeader = false;
    while (at < end) {
      const head = protocol.head(bytes, at, end);
      if (head === 0) break;
      if (head < 0) {
        this.#noise.add(bytes, at, at - head, protocol.fault);
        at -= head;
        continue;
      }
      const from = at + head;
      const to = from + protocol.length;
      if (protocol.length > this.#maxFrame) {
        this.#noise.end();
        this.#report("over_cap", protocol.length, bytes.subarray(at, from));
        at = Math.min(to + tail, end);
        this.#skip = to + tail - at;
      } else if (to + tail > end) {
        this.#hasHeader = true;
        break;
      } else if (tail > 0 && bytes[to] !== protocol.terminator) {
        protocol.unterminated?.();
      } else {
        this.#noise.end();
        protocol.content(bytes, from, to);
        at = to + tail;
      }
    }
    protocol.region?.(at, at);
    return at;
  }

  #report(kind: MalformedKind, bytes: number, shown: Uint8Array): void {
    this.#protocol.malformed({ kind, bytes, sample: this.#protocol.sample(shown), dropped: true });
  }
}
