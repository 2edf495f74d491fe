/**
 * Cuts bytes into frames that announce their length.
 *
 * A frame that is whole within a chunk is read in place; only an unfinished one is copied, and read together with the next
 * chunk. A frame over the cap is skipped by counting and never held. A length is trusted once its header is complete: the
 * bytes that it covers are its content, whatever they are, or are missing when the input ends. The protocol decides where
 * to go on behind a broken header; see {@linkcode LengthProtocol.head}.
 */
import { PartialBuffer } from "./partial_buffer.ts";
import {
  type Decoder,
  type FrameSink,
  type Malformed,
  type MalformedKind,
  sampleOfBytes,
} from "./framing.ts";
import { Noise, type NoiseTarget } from "./noise.ts";

/** The frames of a protocol; one object per stream, as it holds the content of the last header. */
export interface LengthProtocol extends NoiseTarget {
  /** The most bytes that a header has. */
  readonly maxHeader: number;
  /** The byte behind each content, if there is one. */
  readonly terminator: number | undefined;
  /**
   * Looks for a header at `at`, with input up to `end`. Returns how long it is, and sets {@linkcode length}; or 0 if it
   * needs more input, which may be so for fewer bytes than `maxHeader` only; or, negative, how many bytes are not a
   * header, and sets {@linkcode fault}. Its answer for a byte must not depend on where the input was split.
   */
  head(bytes: Uint8Array, at: number, end: number): number;
  readonly length: number;
  readonly fault: MalformedKind;
  /** Called when the terminator is missing: {@linkcode head} is called again at the same place, and must not find a header. */
  unterminated?(): void;
  /** Called before frames are read between these places of one buffer, and after that without bytes. */
  region?(at: number, end: number): void;
  content(bytes: Uint8Array, from: number, to: number): void;
}

/** The common part of protocols whose contents are bytes. */
export abstract class ByteContents {
  readonly #sink: FrameSink<Uint8Array>;

  /** For the frames of one stream. */
  constructor(sink: FrameSink<Uint8Array>) {
    this.#sink = sink;
  }

  content(bytes: Uint8Array, from: number, to: number): void {
    this.#sink.message(bytes.slice(from, to), to - from);
  }

  sample(bytes: Uint8Array): string {
    return sampleOfBytes(bytes);
  }

  malformed(fault: Malformed): void {
    this.#sink.malformed(fault);
  }
}

/** Cuts bytes into frames, as a protocol says. */
export class LengthFramer implements Decoder {
  readonly #protocol: LengthProtocol;
  readonly #maxFrame: number;
  readonly #tail: number;
  readonly #noise: Noise;
  /** The unfinished part of the input; its first byte is that of a frame. */
  readonly #partial: PartialBuffer;
  /** Whether the header of the unfinished part is complete. */
  #hasHeader = false;
  /** The bytes still to come of a frame over the cap. */
  #skip = 0;

  constructor(protocol: LengthProtocol, options: { readonly maxFrame: number }) {
    this.#protocol = protocol;
    this.#maxFrame = options.maxFrame;
    this.#tail = protocol.terminator === undefined ? 0 : 1;
    this.#noise = new Noise(protocol);
    this.#partial = new PartialBuffer({ expected: protocol.maxHeader + options.maxFrame + this.#tail });
  }

  /** The bytes of memory that it holds between two chunks. */
  get buffered(): number {
    return this.#partial.capacity;
  }

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

  end(): void {
    const rest = this.#partial.bytes;
    // Behind bytes that are not a frame, the beginning of a header counts as more of the same.
    const isNoise = !this.#hasHeader && this.#noise.hasPending;
    if (isNoise) this.#noise.add(rest, 0, rest.length, "stray");
    this.#noise.end();
    if (rest.length > 0 && !isNoise) this.#report("truncated", rest.length, rest);
    this.#partial.drop(rest.length);
  }

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
