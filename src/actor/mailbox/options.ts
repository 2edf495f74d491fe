/**
 * The options of a mailbox: its bounds, and its policy when it is full.
 */

import { OptionError } from "../actor_errors.ts";
import type { CheckedMailboxOptions, Overflow } from "../../options/types.ts";
import { defaultNumber } from "../../options/presets.ts";

export type { MailboxOptions, Overflow } from "../../options/types.ts";

/** The options of a mailbox, with sizes in bytes. */
export type ResolvedMailbox = Partial<CheckedMailboxOptions>;

/** The default capacity of a mailbox, in messages. */
export const DEFAULT_CAPACITY: number = defaultNumber("mailbox", "capacity");

/** The options of a mailbox, resolved. */
export interface MailboxBounds {
  readonly capacity: number;
  readonly overflow: Overflow;
  /** Not bounded where it is `undefined`. */
  readonly bytes: number | undefined;
  readonly sizeOf: (message: unknown) => number;
}

/** Resolves the options of the mailbox at `path`. @throws {OptionError} they make no sense */
export function resolveMailbox(path: string, options: ResolvedMailbox): MailboxBounds {
  const { capacity = DEFAULT_CAPACITY, overflow = "wait", bytes } = options;
  for (const [name, bound] of Object.entries({ capacity, ...bytes !== undefined && { bytes } })) {
    if (Number.isSafeInteger(bound) && bound >= 1) continue;
    throw new OptionError(
      `Cannot make a mailbox for '${path}': ${name} must be a whole number from 1, got ${bound}`,
    );
  }
  return { capacity, overflow, bytes, sizeOf: options.sizeOf ?? sizeOf };
}

/**
 * The size of a message, as bounds in bytes count it: of a string its length in UTF-16 units, of a buffer or a view of
 * one its `byteLength`, of anything else 0, as nothing cheap can tell.
 *
 * @example
 * ```ts
 * import { sizeOf } from "./options.ts";
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
