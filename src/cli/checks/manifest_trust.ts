/**
 * Warns when other users may write to the files that decide which programs run: in `check`, and at the start of `up`.
 *
 * Only readable files are examined; of a manifest that is a module, its own file and not its imports.
 *
 * @module
 */

import type { SystemEvent } from "../../events.ts";
import { exchangeReason } from "../../permissions/exchangeable.ts";

/** Lists the faults of the place of a manifest (absolute), as sentences without a full stop. */
export function manifestWarnings(file: string): string[] {
  const why = exchangeReason(file);
  return why === undefined ? [] : [
    `the manifest can be exchanged: ${why}; whoever may has Outrider run what they like: take their right to write`,
  ];
}

/** The events of a tree with `warnings` behind the first one. */
export async function* withWarnings(
  events: AsyncIterable<SystemEvent>,
  warnings: readonly string[],
): AsyncIterable<SystemEvent> {
  let told = false;
  for await (const event of events) {
    yield event;
    if (told) continue;
    told = true;
    for (const message of warnings) {
      yield { at: event.at, path: "/", generation: 0, type: "warning", message };
    }
  }
}
