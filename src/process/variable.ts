/**
 * The runtime's own environment, as far as it may be known.
 *
 * @module
 */

import { missingPermissions } from "./permit.ts";

/** The value of a variable of the runtime; `undefined` where it is not set, or may not be read. Never prompts. */
export function variable(name: string): string | undefined {
  return missingPermissions([{ name: "env", value: name }]).length === 0 ? Deno.env.get(name) : undefined;
}
