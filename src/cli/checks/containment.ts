/**
 * Says what holds in a run, as lines.
 */

import { containmentPermissions, type Guarantees } from "../../containment/guarantees.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import {
  type ManifestPermission,
  ownPermission,
  permissionFlags,
} from "../../manifest/grants/permissions.ts";
import { shellQuote } from "../../text/shell_quote.ts";
import { guaranteeSentences } from "../../report/cause.ts";
import { missingOf } from "./prepare.ts";
import { startPermissions } from "./start_cost.ts";

/** The optional permissions of a run of `manifest`, which needs `all`: for containment, and for cheap starts. */
export function optionalPermissions(
  manifest: Manifest,
  all: readonly ManifestPermission[],
): ManifestPermission[] {
  return [...optionalForContainment(), ...startPermissions(manifest, all)];
}

function optionalForContainment(): ManifestPermission[] {
  return containmentPermissions().flatMap(({ name, value }) => {
    if (name === "sys") return [];
    if (name !== "run") return [ownPermission({ name, value }, "ledger")];
    return [ownPermission({ name, value }, value === "kill" ? "signals" : "leftovers")];
  });
}

/** Lists the guarantees that hold, a line each; `what` names the thing that runs only once. */
export function guaranteeSummary(
  guarantees: Guarantees,
  what: "runtime on this manifest" | "run of it",
): string[] {
  const { unusable } = guarantees;
  return [
    ...guaranteeSentences(guarantees),
    ...(unusable === undefined ? [] : [unusable]),
    guarantees.exclusive ? `a second ${what} is refused` : `a second ${what} is not noticed`,
  ];
}

/** Lists the guarantees that hold, a line each, and the flags to add for more. */
export function guaranteeLines(guarantees: Guarantees): string[] {
  const missing = missingOf(optionalForContainment());
  return [
    ...guaranteeSummary(guarantees, "runtime on this manifest"),
    ...(missing.length === 0
      ? []
      : [`for all of it, add ${permissionFlags(missing).map(shellQuote).join(" ")}`]),
  ];
}
