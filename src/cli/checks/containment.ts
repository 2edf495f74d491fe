/**
 * Reports a run's containment, as events and as lines.
 *
 * @module
 */

import type { SystemEvent } from "../../events.ts";
import type { Containment } from "../../containment/contain.ts";
import { containmentPermissions, type Guarantees } from "../../containment/guarantees.ts";
import type { Orphan, ReapedOrphans } from "../../containment/sweep.ts";
import { jsonLine } from "../../log.ts";
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

/**
 * Adds to the events of a run: its guarantees, and the orphans of the previous run, behind the first event; and the
 * orphans of a child, and failures of containment, behind the event that brought them up.
 */
export async function* withContainment(
  events: AsyncIterable<SystemEvent>,
  containment: Pick<Containment, "guarantees" | "swept" | "reaped" | "warnings">,
): AsyncIterable<SystemEvent> {
  const { guarantees, swept: reaped } = containment;
  let told = false;
  for await (const event of events) {
    const { at } = event;
    const root = { at, path: "/", generation: 0 };
    yield event;
    if (!told) {
      told = true;
      const { stop, hostDeath } = guarantees;
      yield { ...root, type: "contained", stop, hostDeath };
      for (const one of reaped?.ended ?? []) yield { at, ...sweptEvent(one, true) };
      for (const one of reaped?.remaining ?? []) yield { at, ...sweptEvent(one, false) };
    }
    for (const one of containment.reaped()) yield { at, ...sweptEvent(one, true), leftBy: "child" };
    for (const message of containment.warnings()) yield { ...root, type: "warning", message };
  }
}

function sweptEvent({ pid, from }: Orphan, ended: boolean) {
  return {
    path: from?.path ?? "/",
    generation: from?.generation ?? 0,
    type: "swept",
    pid,
    ended,
  } as const;
}

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

/** Lists the orphans found at the end of a run, a line each; as data, each as the event of a start. */
export function orphanLines(
  { ended, remaining }: ReapedOrphans,
  { json }: { readonly json: boolean },
): string[] {
  if (json) {
    const at = Date.now();
    const events = [
      ...ended.map((one) => sweptEvent(one, true)),
      ...remaining.map((one) => sweptEvent(one, false)),
    ];
    return events.map((event) => jsonLine({ at, ...event }));
  }
  return [
    ...ended.map(({ pid }) =>
      `Ended process ${pid}, which a sidecar had left behind in a session of its own`
    ),
    ...remaining.map(({ pid }) => `Cannot end process ${pid}, which a sidecar had left behind`),
  ];
}
