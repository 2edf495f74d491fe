/**
 * What a protocol is: how a message becomes a frame on stdin, and how the bytes of stdout become messages.
 *
 * @module
 */
import type { Decoder, FrameSink } from "./framing.ts";

/** A protocol; it has no state, each stream gets a decoder of its own. */
export interface Codec<In, Out> {
  /** Its name in a manifest. */
  readonly name: string;
  /**
   * The whole frame for a message, terminator included.
   *
   * @throws {UnencodableMessageError} if the protocol has no frame for it
   */
  encode(message: In): string | Uint8Array;
  /** A decoder that puts what it finds into `sink`; `maxFrame` is in bytes. */
  decoder(sink: FrameSink<Out>, options: { readonly maxFrame: number }): Decoder;
}
