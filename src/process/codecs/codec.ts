/**
 * Defines a codec: how a message becomes a frame on stdin, and how the bytes of stdout become messages.
 */
import type { Decoder, FrameSink } from "../framing/framing.ts";

/** Encodes and decodes one kind of frame; it has no state, each stream gets a decoder of its own. */
export interface Codec<In, Out> {
  /** Its name in a manifest. */
  readonly name: string;
  /**
   * Whether its decoder copies all that it keeps or delivers of a chunk, so that the next chunk may be read into the same
   * memory. Default: no, each chunk has memory of its own.
   */
  readonly copies?: boolean;
  /**
   * Returns the whole frame for a message, with its terminator.
   *
   * @throws {UnencodableMessageError} if the protocol has no frame for it
   */
  encode(message: In): string | Uint8Array;
  /** Creates a decoder that delivers to `sink`; `maxFrame` is in bytes. */
  decoder(sink: FrameSink<Out>, options: { readonly maxFrame: number }): Decoder;
}
