/**
 * Checks the exit that a behaviour gives itself.
 *
 * @module
 */

import { OptionError } from "./actor_errors.ts";
import { asError, type Exit } from "./exit.ts";
import { readField } from "./user_value.ts";

/**
 * Copies `given` to plain, frozen data. A value that is not an {@linkcode Exit} becomes a crash, whose cause says what is
 * wrong with it.
 */
export function asExit(given: unknown): Exit {
  const reason = readField(given, "reason");
  const cause = readField(given, "cause");
  switch (reason) {
    case "normal":
      return { reason };
    case "shutdown":
      return cause === undefined ? { reason } : { reason, cause: asError(cause) };
    case "killed":
      return { reason, abandoned: readField(given, "abandoned") === true };
    case "crash":
      return { reason, cause: cause === undefined ? noExit("a crash has a cause") : asError(cause) };
    default:
      return { reason: "crash", cause: noExit("its reason is 'normal', 'shutdown', 'killed' or 'crash'") };
  }
}

function noExit(why: string): OptionError {
  return new OptionError(`Cannot end like that: ${why}; give, for example, { reason: "normal" }`);
}
