/**
 * The options of calls that are too frequent for a reader, such as `ask`: only their keys are checked here.
 */

import { typeName } from "../text/words.ts";
import { unknownKeyHint } from "./faults.ts";
import { OptionError } from "./option_error.ts";

/** Refuses what is not an object, and a key that is not `known`; `what` can't be done with it. @throws {OptionError} */
export function checkKeys(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new OptionError(`${what}: expected its options, got ${typeName(options)}`);
  }
  for (const key in options) {
    if (known.includes(key)) continue;
    throw new OptionError(`${what}: ${key}: unknown key; ${unknownKeyHint(key, known)}`, { path: key });
  }
}
