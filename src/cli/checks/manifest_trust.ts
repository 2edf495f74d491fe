/**
 * Warns when other users may write to the files that decide which programs run: in `check`, and at the start of `up`.
 *
 * Only readable files are examined; of a manifest that is a module, its own file and not its imports.
 *
 * @module
 */

import { exchangeReason } from "../../permissions/trusted_path.ts";

/** Lists the faults of the place of a manifest (absolute), as sentences without a full stop. */
export function manifestWarnings(file: string): string[] {
  const why = exchangeReason(file);
  return why === undefined ? [] : [
    `the manifest can be exchanged: ${why}; whoever may has Outrider run what they like: take their right to write`,
  ];
}
