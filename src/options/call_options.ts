/**
 * The options of calls that are too frequent for a reader, such as `ask`: only their keys are checked here.
 */

import { describeValue, typeName } from "../text/words.ts";
import { unknownKeyHint } from "./faults.ts";
import { OptionError } from "./option_error.ts";

/** Refuses what is not an object, and a key that is not `known`; `what` can't be done with it. @throws {OptionError} */
export function checkKeys(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw unexpected(what, "its options", options);
  }
  for (const key in options) {
    if (known.includes(key)) continue;
    throw new OptionError(`${what}: ${key}: unknown key; ${unknownKeyHint(key, known)}`, { path: key });
  }
}

/** The error for an argument that is not what a call takes; a text is shown, anything else named by its type. */
export function unexpected(what: string, expected: string, value: unknown): OptionError {
  const got = typeof value === "string" ? describeValue(value) : typeName(value);
  return new OptionError(`${what}: expected ${expected}, got ${got}`);
}
