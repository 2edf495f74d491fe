/**
 * Stops of several children beside each other: each is told to stop as soon as those that depend on it have ended. In a
 * list without `after` that is last to first. And which children are stopped and started with one that is restarted,
 * where each starts as soon as what it waits for allows: the group that the strategy says, and those whose `after` says
 * so. The others live on.
 */

import { groupOf, type Strategy } from "../restart/strategy.ts";
import type { Draft } from "./draft.ts";
import { stopChild } from "./moves.ts";
import { type AfterStop, hasIncarnation, isBeingStopped } from "./state.ts";

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

/**
 * Stops those that are restarted with `id`, which is down. Those that run start again once they have ended and what they
 * wait for allows; a job that has ended is run again, unless it starts by hand. One that was stopped by hand stays so, and one that waits for a
 * restart of its own, or is held back, goes on waiting for that.
 */
export function restartGroup(draft: Draft, id: string): void {
  const { rules, order } = draft.state;
  // Those before one that is held back are not to wait for it.
  const isHeld = draft.child(id).life.state === "quarantined" && rules.strategy === "one_for_all";
  const strategy: Strategy = isHeld ? "rest_for_one" : rules.strategy;
  const group = groupOf(strategy, order, id);
  const members = [...group, ...followersOf(draft, group)].filter((member) => member !== id);
  stopTogether(draft, stopsOf(draft, members));
  for (const member of members) {
    const { spec, life, completion } = draft.child(member);
    const isJobDone = life.state === "stopped" && completion !== undefined && spec.restart !== "temporary" &&
      !spec.startsByHand;
    if (isJobDone) draft.waitToStart(member);
  }
}

/** The stops of those of `members` that run. A temporary one is not started again. */
export function stopsOf(draft: Draft, members: readonly string[]): ReadonlyMap<string, AfterStop> {
  const running = members.filter((id) => hasIncarnation(draft.child(id)));
  const afterStop = (id: string): AfterStop =>
    draft.child(id).spec.restart === "temporary" ? { do: "keep" } : { do: "wait" };
  return new Map(running.map((id) => [id, afterStop(id)]));
}

/** The children that are restarted whenever one of `ids` is, as their `after` says, and those that follow these. */
export function followersOf(draft: Draft, ids: readonly string[]): readonly string[] {
  const { hasFollowers, order } = draft.state;
  if (!hasFollowers) return [];
  const found = new Set(ids);
  // In dependency order: those that follow come behind.
  for (const id of order) {
    if (draft.child(id).spec.after?.some((one) => one.restart && found.has(one.id))) found.add(id);
  }
  return [...found].slice(ids.length);
}
