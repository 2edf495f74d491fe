/**
 * How large a message is, for bounds in bytes.
 *
 * @module
 */

import { OptionError } from "./errors.ts";

/**
 * The size of a message, as bounds in bytes count it: of a string its length in UTF-16 units, of a buffer or a view of
 * one its `byteLength`, of anything else 0, as nothing cheap can tell.
 *
 * @example
 * ```ts
 * import { sizeOf } from "@outrider/outrider";
 *
 * console.log(sizeOf("four"), sizeOf(new Uint8Array(9)), sizeOf({ any: "object" })); // 4 9 0
 * ```
 */
export function sizeOf(message: unknown): number {
  if (typeof message === "string") return message.length;
  if (ArrayBuffer.isView(message)) return message.byteLength;
  return isBuffer(message) ? message.byteLength : 0;
}

/** A revoked proxy does not even say what it is. */
function isBuffer(message: unknown): message is ArrayBuffer {
  try {
    return message instanceof ArrayBuffer;
  } catch {
    return false;
  }
}

/** `size`, as some `sizeOf` gave it. @throws {OptionError} it is none */
export function checkedSize(path: string, size: number): number {
  if (size >= 0 && size < Infinity) return size;
  throw new OptionError(`Cannot measure a message for '${path}': its size is a number from 0, got ${size}`);
}
