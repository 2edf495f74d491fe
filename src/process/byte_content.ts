/**
 * Messages that are bytes, for the protocols that carry them.
 *
 * @module
 */
import { UnencodableMessageError } from "./errors.ts";
import { MAX_LENGTH } from "./framing.ts";

/** Checks a message of the protocol `codec`, whose callers' types nobody checked. @throws {UnencodableMessageError} */
export function assertBytes(message: unknown, codec: string): asserts message is Uint8Array {
  if (!(message instanceof Uint8Array)) {
    throw new UnencodableMessageError(codec, { reason: `a message is a Uint8Array, not ${typeof message}` });
  }
  if (message.length > MAX_LENGTH) {
    throw new UnencodableMessageError(codec, { reason: `it is longer than ${MAX_LENGTH} bytes` });
  }
}
