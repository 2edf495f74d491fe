/**
 * Stops of several children beside each other: each is told to stop as soon as those that depend on it have ended. In a
 * list without `after` that is last to first.
 */

import type { Draft } from "./draft.ts";
import { stopChild } from "./moves.ts";
import { type AfterStop, isBeingStopped } from "./state.ts";

/** Has these stopped, unless they are to be already. */
export function stopTogether(draft: Draft, stops: ReadonlyMap<string, AfterStop>): void {
  if (stops.size > 0) draft.set({ stops: new Map([...stops, ...draft.state.stops]) });
}

/** Tells those to stop that no other waits to end before. */
export function stopFreed(draft: Draft): void {
  for (let size = Infinity; draft.state.stops.size < size;) {
    const { stops } = draft.state;
    size = stops.size;
    const isHeld = heldBy(draft);
    for (const [id, then] of stops) {
      const child = draft.find(id);
      if (child === undefined) draft.endStop(id);
      else if (!isBeingStopped(child) && !isHeld(id)) stopChild(draft, id, then);
    }
  }
}

/** Whether a child is still needed by one that is to be stopped and has not ended, here or in another group. */
function heldBy(draft: Draft): (id: string) => boolean {
  const { stops, usesAfter, order, rules, followedBy } = draft.state;
  if (stops.size === 0) return () => false;
  if (usesAfter) {
    const needed = new Set([...stops.keys()].flatMap((id) => draft.find(id)?.behind ?? []));
    return (id) => needed.has(id) || followedBy.has(id);
  }
  if (rules.strategy === "one_for_one") return (id) => followedBy.has(id);
  const last = order.findLast((id) => stops.has(id));
  return (id) => id !== last || followedBy.has(id);
}
