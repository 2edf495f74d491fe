/**
 * Adds the events of a run's containment to those of its tree.
 */

import type { SystemEvent } from "../events.ts";
import type { Containment } from "../containment/contain.ts";
import type { Orphan, ReapedOrphans } from "../containment/sweep.ts";

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

/**
 * Adds to the events of a run: its guarantees, and the orphans of the previous run, behind the first event; and the
 * orphans of a child, and failures of containment, behind the event that brought them up.
 */
export async function* withContainment(
  events: AsyncIterable<SystemEvent>,
  containment: Pick<Containment, "guarantees" | "reapedAtStart" | "reaped" | "warnings">,
): AsyncIterable<SystemEvent> {
  const { guarantees, reapedAtStart: reaped } = containment;
  let told = false;
  for await (const event of events) {
    const { at } = event;
    const root = { at, path: "/", generation: 0 };
    yield event;
    if (!told) {
      told = true;
      const { stop, hostDeath } = guarantees;
      yield { ...root, type: "contained", stop, hostDeath };
      for (const one of reaped?.ended ?? []) yield { ...sweptEvent(one, true), at };
      for (const one of reaped?.remaining ?? []) yield { ...sweptEvent(one, false), at };
    }
    for (const one of containment.reaped()) yield { ...sweptEvent(one, true), at, leftBy: "child" };
    for (const message of containment.warnings()) yield { ...root, type: "warning", message };
  }
}

/** The orphans found when a run was over, an event each. */
export function orphanEvents({ ended, remaining }: ReapedOrphans): SystemEvent[] {
  return [...ended.map((one) => sweptEvent(one, true)), ...remaining.map((one) => sweptEvent(one, false))];
}

/** The same as sentences. */
export function orphanLines({ ended, remaining }: ReapedOrphans): string[] {
  return [
    ...ended.map(({ pid }) =>
      `Ended process ${pid}, which a sidecar had left behind in a session of its own`
    ),
    ...remaining.map(({ pid }) => `Cannot end process ${pid}, which a sidecar had left behind`),
  ];
}

/** That a process was found which a run, or a child, had left behind. */
function sweptEvent({ pid, from }: Orphan, ended: boolean): SystemEvent & { readonly type: "swept" } {
  return {
    at: Date.now(),
    path: from?.path ?? "/",
    generation: from?.generation ?? 0,
    type: "swept",
    pid,
    ended,
  };
}
