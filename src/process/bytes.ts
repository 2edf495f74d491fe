/**
 * The protocol without frames: bytes go out as they are and come in as they arrive.
 *
 * Hold in mind: chunks have no meaning; they may be split or joined anywhere on their way.
 *
 * @module
 */
import type { Codec } from "./codec.ts";
import { UnencodableMessageError } from "./errors.ts";
import type { Decoder, FrameSink } from "./framing.ts";

/** Messages are chunks, in at most `maxFrame` bytes each; nothing can be malformed. */
export const bytes: Codec<Uint8Array, Uint8Array> = {
  name: "bytes",
  encode(message: Uint8Array): Uint8Array {
    // Messages come from callers whose types nobody checked; what is no bytes would break the pipe.
    if (!(message instanceof Uint8Array)) {
      throw new UnencodableMessageError("bytes", {
        reason: `a message is a Uint8Array, not ${typeof message}`,
      });
    }
    return message;
  },
  decoder: (sink: FrameSink<Uint8Array>, { maxFrame }: { readonly maxFrame: number }): Decoder => ({
    push(chunk: Uint8Array): void {
      for (let at = 0; at < chunk.length; at += maxFrame) {
        const bytes = chunk.subarray(at, at + maxFrame);
        sink.message(bytes, bytes.length);
      }
    },
    end(): void {},
  }),
};
