/**
 * What holds in a run, as lines.
 *
 * @module
 */

import type { Guarantees } from "../containment/guarantees.ts";
import { containmentNeeds } from "../containment/guarantees.ts";
import type { Manifest } from "../manifest/entries.ts";
import { flags, ownNeed, shellQuote } from "../manifest/permissions.ts";
import type { Need } from "../manifest/permissions.ts";
import { guaranteed } from "../report/guarantee.ts";
import { missingOf } from "./ready.ts";
import { startNeeds } from "./start_cost.ts";

/** What a run of `manifest`, which needs `all`, can use and do without: to leave nothing behind, and for cheap starts. */
export function optionalNeeds(manifest: Manifest, all: readonly Need[]): Need[] {
  return [...optionalForContainment(), ...startNeeds(manifest, all)];
}

function optionalForContainment(): Need[] {
  return containmentNeeds().flatMap(({ name, value }) => {
    if (name === "sys") return [];
    if (name !== "run") return [ownNeed({ name, value }, "ledger")];
    return [ownNeed({ name, value }, value === "kill" ? "signals" : "leftovers")];
  });
}

/** What holds, a line each; `what` is what nobody runs twice. */
export function heldLines(guarantees: Guarantees, what: "runtime on this manifest" | "run of it"): string[] {
  const { unusable } = guarantees;
  return [
    ...guaranteed(guarantees),
    ...(unusable === undefined ? [] : [unusable]),
    guarantees.exclusive ? `a second ${what} is refused` : `a second ${what} is not noticed`,
  ];
}

/** What holds, a line each, and what to add for more. */
export function guaranteeLines(guarantees: Guarantees): string[] {
  const missing = missingOf(optionalForContainment());
  return [
    ...heldLines(guarantees, "runtime on this manifest"),
    ...(missing.length === 0 ? [] : [`for all of it, add ${flags(missing).map(shellQuote).join(" ")}`]),
  ];
}
