/**
 * The protocol without frames: bytes go out as they are and come in as they arrive.
 *
 * Chunks have no meaning; they may be split or joined anywhere on their way.
 */

import { UnencodableMessageError } from "../pipes/pipe_errors.ts";
import { MAX_LENGTH } from "../framing/framing.ts";
import type { Codec } from "./codec.ts";

/** Messages are chunks, in at most `maxFrame` bytes each; nothing can be malformed. */
export const bytes: Codec<Uint8Array, Uint8Array> = {
  name: "bytes",
  encode(message) {
    // Anything but bytes would break the pipe.
    assertBytes(message, "bytes");
    return message;
  },
  decoder: (sink, { maxFrame }) => ({
    push(chunk) {
      for (let at = 0; at < chunk.length; at += maxFrame) {
        const bytes = chunk.subarray(at, at + maxFrame);
        sink.message(bytes, bytes.length);
      }
    },
    end() {},
  }),
};

/** Whether the buffer of `bytes` was transferred, or is now smaller than where they begin. */
export function isDetached({ buffer, byteOffset, byteLength }: Uint8Array): boolean {
  if (byteLength > 0) return false;
  return (buffer as { readonly detached?: boolean }).detached === true || byteOffset > buffer.byteLength;
}

/** Asserts that a message of the protocol `codec` is bytes: its type was never checked. @throws {UnencodableMessageError} */
export function assertBytes(message: unknown, codec: string): asserts message is Uint8Array {
  // A proxy of one cannot be written either.
  if (!(ArrayBuffer.isView(message) && message instanceof Uint8Array)) {
    throw new UnencodableMessageError(codec, { reason: `a message is a Uint8Array, not ${typeof message}` });
  }
  if (isDetached(message)) {
    throw new UnencodableMessageError(codec, { reason: "its buffer was transferred to somebody else" });
  }
  if (message.length > MAX_LENGTH) {
    throw new UnencodableMessageError(codec, { reason: `it is longer than ${MAX_LENGTH} bytes` });
  }
}
