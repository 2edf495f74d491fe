/**
 * What one types to run this.
 *
 * @module
 */

import { basename } from "node:path";

/** `outrider`, or the file name of an executable. */
export function called(): string {
  return Deno.build.standalone ? basename(Deno.execPath()) : "outrider";
}
