/**
 * The children that wait: each is started as soon as what it waits for allows, be it the first start or one after its
 * group has been stopped. Looked at after each event, as long as any child waits.
 *
 * Invariant: a child that a supervisor starts by itself has all its conditions met.
 */

import { isClean } from "../../actor/exit.ts";
import type { Dependency } from "../dependencies.ts";
import type { Draft } from "./draft.ts";
import { settleFirst } from "./first_round.ts";
import { startChild } from "./moves.ts";
import { type ChildRecord, isClosing, type StartReason, type SupervisorState } from "./state.ts";

const RESTART: StartReason = { for: "restart" };

/** The children of a supervisor, as they stand. */
export interface Children {
  readonly state: SupervisorState;
  find(id: string): ChildRecord | undefined;
}

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
  if (first === "pending" && blockers.every((blocker) => isLate(draft.find(blocker)))) {
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
  const late = needsThem && blockers.some((blocker) => isLate(draft.find(blocker)));
  if (life.told === "waits" && !late) return;
  draft.change(id, { life: { state: "waiting", told: late ? "late" : "waits" } });
  draft.emit(id, { type: "waiting", for: needsThem ? blockers : [], ...late && { late } });
}

/** Has a child that is down start as soon as what it waits for allows. */
export function startOrWait(draft: Draft, id: string): void {
  const { usesAfter, rules } = draft.state;
  if (usesAfter || rules.strategy !== "one_for_one") draft.waitToStart(id);
  else startChild(draft, id, RESTART);
}

/** Whether the first round does not wait for one that needs this child. */
function isLate(child: ChildRecord | undefined): boolean {
  const { first, life } = child ?? {};
  return first === "attempted" || ["stopped", "restarting", "quarantined"].includes(life?.state ?? "");
}

/** The siblings that keep a child from being started; `index`: its place, where that is known. */
export function blockersOf(children: Children, id: string, index?: number): readonly string[] {
  const { order, rules, stops, usesAfter } = children.state;
  const { spec, first } = children.find(id)!;
  const isGroup = rules.strategy !== "one_for_one";
  const unmet = (spec.after ?? []).filter((dependency) => !holds(children, dependency)).map(({ id }) => id);
  if (usesAfter) {
    const needsIt = (other: string) => children.find(other)?.spec.after?.some((one) => one.id === id);
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
    if (isUp(life) || (life.state === "stopped" && completion !== undefined)) return [];
    if (life.state !== "stopped" || first !== "ready") return [id];
  }
  return [];
}

function holds(children: Children, { id, condition }: Dependency): boolean {
  const child = children.find(id);
  // It was removed: nothing will come of it any more.
  if (child === undefined) return true;
  const { life, completion } = child;
  if (children.state.stops.has(id)) return false; // it is about to go
  const isOver = life.state === "stopped" && completion !== undefined;
  switch (condition) {
    case "started":
      return isOver || life.state === "starting" || life.state === "running";
    case "ready":
      return isOver || isUp(life);
    case "completed":
      return completion !== undefined;
    case "completed_successfully":
      return isOver && isClean(completion);
  }
}

function isUp(life: ChildRecord["life"]): boolean {
  return life.state === "running" && life.isDegraded !== true;
}
