/**
 * Adds the events of a run's containment to those of its tree.
 */

import type { SystemEvent } from "../events.ts";
import type { Containment } from "../containment/contain.ts";
import type { MoreEvents } from "../logs/pipeline.ts";
import type { Orphan, ReapedOrphans } from "../containment/sweep.ts";

/**
 * What a run adds to its events: its guarantees, the orphans of the previous run and `warnings`, behind the first event;
 * and the orphans of a child, and failures of containment, behind the event that brought them up.
 */
export function containedEvents(
  containment: Pick<Containment, "guarantees" | "reapedAtStart" | "reaped" | "warnings">,
  warnings: readonly string[] = [],
): MoreEvents {
  const { guarantees: { stop, hostDeath }, reapedAtStart } = containment;
  return function* ({ at }, isFirst) {
    if (isFirst) {
      yield { at, path: "/", generation: 0, type: "contained", stop, hostDeath };
      for (const one of reapedAtStart ? orphanEvents(reapedAtStart) : []) yield { ...one, at };
      for (const message of warnings) yield warningEvent(message, at);
    }
    for (const one of containment.reaped()) yield { ...sweptEvent(one, true), at, leftBy: "child" };
    for (const message of containment.warnings()) yield warningEvent(message, at);
  };
}

/** The events, each with what `more` gives for it behind it. */
export async function* withMore(
  events: AsyncIterable<SystemEvent>,
  more: MoreEvents,
): AsyncIterable<SystemEvent> {
  let isFirst = true;
  for await (const event of events) {
    yield event;
    yield* more(event, isFirst);
    isFirst = false;
  }
}

function warningEvent(message: string, at: number): SystemEvent {
  return { at, path: "/", generation: 0, type: "warning", message };
}

/** The orphans found when a run was over, an event each. */
export function orphanEvents({ ended, remaining }: ReapedOrphans): SystemEvent[] {
  return [...ended.map((one) => sweptEvent(one, true)), ...remaining.map((one) => sweptEvent(one, false))];
}

/** The same as sentences. */
export function orphanLines({ ended, remaining }: ReapedOrphans): string[] {
  return [
    ...ended.map((one) =>
      `Ended process ${one.pid}, which a sidecar had left behind in a session of its own${
        detail(one, "ended")
      }`
    ),
    ...remaining.map((one) =>
      `Cannot end process ${one.pid}, which a sidecar had left behind${detail(one, "there")}`
    ),
  ];
}

function detail({ program, signal }: Orphan, state: "ended" | "there"): string {
  const by = state === "ended" && signal !== undefined ? `, by ${signal}` : "";
  return program === undefined ? by : `${by}: ${program}`;
}

/** That a process was found which a run, or a child, had left behind. */
function sweptEvent(
  { pid, from, program, signal }: Orphan,
  ended: boolean,
): SystemEvent & { readonly type: "swept" } {
  return {
    at: Date.now(),
    path: from?.path ?? "/",
    generation: from?.generation ?? 0,
    type: "swept",
    pid,
    ended,
    ...program !== undefined && { program },
    ...signal !== undefined && { signal },
  };
}
