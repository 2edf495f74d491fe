/**
 * The children that wait: each is started as soon as what it waits for allows, be it the first start or one after its
 * group has been stopped. Looked at after each event, as long as any child waits.
 *
 * Invariant: a child that a supervisor starts by itself has all its conditions met.
 */

import { isClean } from "../../actor/exit.ts";
import { type Dependency, isElsewhere, type KnownStanding } from "../dependencies.ts";
import type { Draft } from "./draft.ts";
import { type Children, standingOf } from "./elsewhere.ts";
import { settleFirst } from "./first_round.ts";
import { startChild } from "./moves.ts";
import { isClosing, type StartReason } from "./state.ts";

const RESTART: StartReason = { for: "restart" };

/** Starts those that wait no longer, and says once of the others what they wait for. */
export function startWaiting(draft: Draft): void {
  for (let left = Infinity; draft.state.waiting.length < left;) {
    const { order, waiting, usesAfter } = draft.state;
    left = waiting.length;
    if (left === 0 || isClosing(draft.state)) return;
    if (usesAfter) { for (const id of waiting) consider(draft, id); }
    else for (const [index, id] of order.entries()) consider(draft, id, index);
  }
}

function consider(draft: Draft, id: string, index?: number): void {
  const { life, first } = draft.child(id);
  if (life.state !== "waiting") return;
  const blockers = blockersOf(draft, id, index);
  if (blockers.length === 0) return startChild(draft, id, RESTART);
  tellWait(draft, id, blockers);
  if (first === "pending" && blockers.every((blocker) => standingOf(draft, blocker)?.isLate)) {
    settleFirst(draft, id, "attempted");
  }
}

/** Says what a child waits for: once, and once more if that is for long. */
function tellWait(draft: Draft, id: string, blockers: readonly string[]): void {
  const { life } = draft.child(id);
  const { rules, usesAfter } = draft.state;
  if (life.state !== "waiting" || life.told === "late") return;
  // In such a list a child needs none before it: it waits for its turn.
  const needsThem = usesAfter || rules.strategy !== "one_for_one";
  const late = needsThem && blockers.some((blocker) => standingOf(draft, blocker)?.isLate);
  if (life.told === "waits" && !late) return;
  draft.change(id, { life: { state: "waiting", told: late ? "late" : "waits" } });
  draft.emit(id, { type: "waiting", for: needsThem ? blockers : [], ...late && { late } });
}

/** Has a child that is down start as soon as what it waits for allows. */
export function startOrWait(draft: Draft, id: string): void {
  const { usesAfter, rules, followedBy } = draft.state;
  if (usesAfter || rules.strategy !== "one_for_one" || followedBy.has(id)) draft.waitToStart(id);
  else startChild(draft, id, RESTART);
}

/**
 * The children that keep one from being started, siblings by their ids and others by their names in its `after`, or their
 * paths; `index`: its place, where that is known.
 */
export function blockersOf(children: Children, id: string, index?: number): readonly string[] {
  const { order, rules, stops, usesAfter, followedBy } = children.state;
  const { spec, first } = children.find(id)!;
  const isGroup = rules.strategy !== "one_for_one";
  const named = (spec.after ?? []).filter((dependency) => !holds(children, dependency)).map(({ id }) => id);
  const unmet = [...named, ...followedBy.get(id) ?? []];
  if (usesAfter) {
    const needsIt = (other: string) => children.find(other)?.behind.includes(id);
    return [...unmet, ...[...stops.keys()].filter(needsIt)];
  }
  if (!isGroup && first !== "pending") return unmet;
  const at = index ?? order.indexOf(id);
  if (isGroup) {
    const behind = [...stops.keys()].filter((other) => order.indexOf(other) > at);
    return [...unmet, ...needsBefore(children, at), ...behind];
  }
  const before = order[at - 1];
  return before !== undefined && children.find(before)?.first === "pending" ? [...unmet, before] : unmet;
}

/** In a group each child needs the one before it: of those that take part, which a stopped one does only if it never ran. */
function needsBefore(children: Children, index: number): readonly string[] {
  for (const id of children.state.order.slice(0, index).reverse()) {
    const { life, first, completion } = children.find(id)!;
    if (children.state.stops.has(id)) return [id];
    if (isUp(standingOf(children, id)!) || (life.state === "stopped" && completion !== undefined)) return [];
    if (life.state !== "stopped" || first !== "ready") return [id];
  }
  return [];
}

function holds(children: Children, { id, condition }: Dependency): boolean {
  const standing = standingOf(children, id);
  // A sibling was removed: nothing will come of it any more. One of another group is still to come.
  if (standing === undefined) return !isElsewhere(id);
  const { state, completion, isGoing } = standing;
  if (isGoing) return false;
  const isOver = state === "stopped" && completion !== undefined;
  switch (condition) {
    case "started":
      return isOver || state === "starting" || state === "running";
    case "ready":
      return isOver || isUp(standing);
    case "completed":
      // An end that is not looked at yet may restart its group, and those that wait with it.
      return completion !== undefined && state !== "ended";
    case "completed_successfully":
      return isOver && isClean(completion);
  }
}

function isUp({ state, isDegraded }: KnownStanding): boolean {
  return state === "running" && !isDegraded;
}
