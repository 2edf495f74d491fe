/**
 * A signal that a program gives, to end what it has asked for.
 *
 * It may be anything that says it is one, with methods of its own. Here only the platform's are called, so none throws
 * while something begins or ends.
 */

import { typeName } from "../text/words.ts";
import { code } from "./build.ts";
import type { Field } from "./field.ts";
import { OptionError } from "./option_error.ts";

const { addEventListener, removeEventListener } = EventTarget.prototype;

/** Whether `value` is an `AbortSignal`. Never throws. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  try {
    if (!(value instanceof AbortSignal)) return false;
    // Only a real one takes a listener.
    const nothing = () => {};
    addEventListener.call(value, "abort", nothing);
    removeEventListener.call(value, "abort", nothing);
    return typeof value.aborted === "boolean";
  } catch {
    return false;
  }
}

/** The option `signal`, wherever one is taken. */
export const signalField: Field = code("an AbortSignal", "AbortSignal", isAbortSignal);

/**
 * Refuses anything but an `AbortSignal`; `what` says what cannot be done with it.
 *
 * @throws {OptionError} it is not a signal
 */
export function checkSignal(what: string, value: unknown): void {
  if (isAbortSignal(value)) return;
  throw new OptionError(`${what}: signal: expected an AbortSignal, got ${typeName(value)}`, {
    path: "signal",
  });
}

/** Calls `listener` when `signal` aborts. Returns what takes that back, which never throws. */
export function whenAborted(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  addEventListener.call(signal, "abort", listener, { once: true });
  return () => {
    try {
      removeEventListener.call(signal, "abort", listener);
    } catch {
      // A proxy of one, which has changed its mind: the listener finds nothing left to end.
    }
  };
}
