/**
 * Which children are restarted with one that is, where each starts as soon as what it waits for allows: the group that
 * the strategy says, and those whose `after` says so. The others live on.
 */

import { groupOf, type Strategy } from "../strategy.ts";
import type { Draft } from "./draft.ts";
import { type AfterStop, hasIncarnation } from "./state.ts";
import { stopTogether } from "./stops.ts";

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
