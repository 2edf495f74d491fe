/**
 * What a protocol is: how a message becomes a frame on stdin, and how the bytes of stdout become messages.
 *
 * @module
 */
import type { Decoder, FrameSink } from "../framing/framing.ts";

/** A protocol; it has no state, each stream gets a decoder of its own. */
export interface Codec<In, Out> {
  /** Its name in a manifest. */
  readonly name: string;
  /**
   * Whether its decoder copies what it keeps of a chunk, and what it hands over, so that the next chunk may be read
   * into the same memory. Default: no, each chunk has memory of its own.
   */
  readonly copies?: boolean;
  /**
   * The whole frame for a message, terminator included.
   *
   * @throws {UnencodableMessageError} if the protocol has no frame for it
   */
  encode(message: In): string | Uint8Array;
  /** A decoder that puts what it finds into `sink`; `maxFrame` is in bytes. */
  decoder(sink: FrameSink<Out>, options: { readonly maxFrame: number }): Decoder;
}
