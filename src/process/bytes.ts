/**
 * The protocol without frames: bytes go out as they are and come in as they arrive.
 *
 * Hold in mind: chunks have no meaning; they may be split or joined anywhere on their way.
 *
 * @module
 */
import { assertBytes } from "./byte_content.ts";
import type { Codec } from "./codec.ts";
import type { Decoder, FrameSink } from "./framing.ts";

/** Messages are chunks, in at most `maxFrame` bytes each; nothing can be malformed. */
export const bytes: Codec<Uint8Array, Uint8Array> = {
  name: "bytes",
  encode(message: Uint8Array): Uint8Array {
    // What is no bytes would break the pipe.
    assertBytes(message, "bytes");
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
