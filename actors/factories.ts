/**
 * The table from the kinds that a manifest names to the factories of their actors.
 *
 * @module
 */

import type { ChildFactories } from "@outrider/outrider/manifest";
import { pool } from "./pool/pool.ts";
import { isServer, optionsOf, sidecarOf } from "./sidecar_entry.ts";

export { optionsOf } from "./sidecar_entry.ts";

/** For `buildTree(manifest, factories)`. */
export const factories: ChildFactories = {
  sidecar: (entry) => sidecarOf(entry.id, entry),
  pool({ id, sidecar, ...options }) {
    if (!isServer(sidecar.protocol)) return pool(id, optionsOf(sidecar), options);
    const { onDeath, attempts } = sidecar;
    const copy = (id: string) => sidecarOf(id, sidecar);
    return pool(id, copy, { onDeath, attempts, ...options, whenGivenUp: options.whenGivenUp ?? "cancel" });
  },
};
