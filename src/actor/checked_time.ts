/**
 * The check of every time that is handed in as an option.
 *
 * @module
 */

import { OptionError } from "./actor_errors.ts";

/**
 * @internal `ms`, if it is a time: a number from `least`, or `Infinity`, which never comes. `what` says of what it is.
 *
 * @throws {OptionError} it is not
 */
export function checkedTime(what: string, ms: number, least = 0): number {
  if (typeof ms === "number" && ms >= least) return ms;
  const given = typeof ms === "number" ? `${ms} ms` : ms === null ? "null" : `a value of type ${typeof ms}`;
  throw new OptionError(`Cannot use ${given} as ${what}: it takes a number of ms from ${least}, or Infinity`);
}

/** @internal The same for many, by name; those that are `undefined`, or a word such as `"infinity"` in `words`, are left out. */
export function checkTimes(
  times: Readonly<Record<string, unknown>>,
  { least = 0, words = [] }: { readonly least?: number; readonly words?: readonly string[] } = {},
): void {
  for (const [what, ms] of Object.entries(times)) {
    if (ms === undefined || (typeof ms === "string" && words.includes(ms))) continue;
    checkedTime(what, ms as number, least);
  }
}
