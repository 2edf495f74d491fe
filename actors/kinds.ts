/**
 * The one table from what a manifest names to the actor that does it.
 *
 * @module
 */

import type { Kinds } from "@outrider/outrider";
import { pool } from "./pool.ts";
import { sidecar } from "./sidecar.ts";
import { optionsOf } from "./sidecar_entry.ts";

export { optionsOf } from "./sidecar_entry.ts";

/** For `plant(manifest, kinds)`. */
export const kinds: Kinds = {
  sidecar: (entry) => sidecar(entry.id, optionsOf(entry)),
  pool: ({ id, sidecar, ...options }) => pool(id, optionsOf(sidecar), options),
};
