/**
 * How much a mailbox holds, and what happens to more.
 *
 * @module
 */

import { OptionError } from "./errors.ts";
import { sizeOf } from "./size.ts";

/** What happens to a message for which there is no room. */
export type Overflow = "wait" | "drop-oldest" | "drop-newest" | "fail";

/** Options of a mailbox. */
export interface MailboxOptions {
  /** Messages queued, at most. Default {@linkcode DEFAULT_CAPACITY}. */
  readonly capacity?: number;
  /** What happens to more. Default `wait`. */
  readonly overflow?: Overflow;
  /** Bytes queued, at most, by `sizeOf`; one message larger than that is let in alone. Default: no such limit. */
  readonly bytes?: number | undefined;
  /** How large a message is, where `bytes` are bounded; a number from 0. Default {@linkcode sizeOf}. */
  readonly sizeOf?: ((message: unknown) => number) | undefined;
}

/** Messages in a mailbox where nothing else is said. */
export const DEFAULT_CAPACITY = 1_024;

/** The options of a mailbox, resolved. */
export interface Bounds {
  readonly capacity: number;
  readonly overflow: Overflow;
  /** Not bounded where it is `undefined`. */
  readonly bytes: number | undefined;
  readonly sizeOf: (message: unknown) => number;
}

/** What `options` come to, for the actor at `path`. @throws {OptionError} they make no sense */
export function boundsOf(path: string, options: MailboxOptions): Bounds {
  const { capacity = DEFAULT_CAPACITY, overflow = "wait", bytes } = options;
  for (const [name, bound] of Object.entries({ capacity, ...bytes !== undefined && { bytes } })) {
    if (Number.isSafeInteger(bound) && bound >= 1) continue;
    throw new OptionError(
      `Cannot make a mailbox for '${path}': ${name} must be a whole number from 1, got ${bound}`,
    );
  }
  return { capacity, overflow, bytes, sizeOf: options.sizeOf ?? sizeOf };
}
