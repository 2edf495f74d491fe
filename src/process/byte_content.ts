/**
 * Messages that are bytes, for the protocols that carry them.
 *
 * @module
 */
import { UnencodableMessageError } from "./errors.ts";
import { MAX_LENGTH } from "./framing.ts";

/** Whether nothing is left of `bytes`: their buffer was transferred, or is smaller now than where they begin. */
export function isDetached({ buffer, byteOffset, byteLength }: Uint8Array): boolean {
  if (byteLength > 0) return false;
  return (buffer as { readonly detached?: boolean }).detached === true || byteOffset > buffer.byteLength;
}

/** Checks a message of the protocol `codec`, whose callers' types nobody checked. @throws {UnencodableMessageError} */
export function assertBytes(message: unknown, codec: string): asserts message is Uint8Array {
  // Not a proxy of one either, which can't be written.
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
