/**
 * Checks the frame that a codec, or a reply correlation, has made of a message, before it is written.
 *
 * @module
 */

import { UnencodableMessageError } from "../process/errors.ts";
import type { WritableData } from "../process/pipes/stdin.ts";
import type { Protocol } from "./protocol.ts";

/**
 * Returns `frame`, if it can be written: a user's codec may return anything, and an unwritable frame would break the
 * pipe for everybody.
 *
 * @throws {UnencodableMessageError} it is neither a text nor bytes
 */
export function checkFrame(frame: unknown, { name }: Pick<Protocol, "name">): WritableData {
  if (typeof frame === "string") return frame;
  if (ArrayBuffer.isView(frame) && frame instanceof Uint8Array) return frame;
  throw new UnencodableMessageError(name, {
    reason: `its codec gives ${
      frame === null ? "null" : `a ${typeof frame}`
    }, where a frame is a text or a Uint8Array`,
  });
}
