/**
 * The first start of a supervisor: one child after the other, or, where there are dependencies between them, each as
 * soon as its own allow. It is all or nothing, unless a failed start is retried: then all wait to start, and each death
 * is dealt with at once.
 */

import { type Dependency, holdsNow, isElsewhere } from "../dependencies.ts";
import { DependencyFailedError, StartError } from "../supervision_errors.ts";
import type { Draft } from "./draft.ts";
import { end } from "./agenda.ts";
import { beginRound } from "./first_round.ts";
import { startChild } from "./moves.ts";
import { childState, retriesStarts, type StartReason } from "./state.ts";

const REASON: StartReason = { for: "supervisor" };
const BY_HAND = "it starts only by hand, and has not been started";

export function begin(draft: Draft): void {
  const { phase, order, usesAfter } = draft.state;
  if (phase.is !== "starting") return;
  if (retriesStarts(draft.state)) {
    draft.set({ phase: { is: "running" } });
    beginRound(draft);
    for (const id of order) {
      if (draft.child(id).spec.startsByHand) draft.step({ do: "refuse_messages", id, why: BY_HAND });
      else draft.waitToStart(id);
    }
    return;
  }
  const specs = order.map((id) => draft.child(id).spec);
  if (specs.length === 0) return ready(draft);
  if (!usesAfter) return draft.plan(order.map((id) => ({ do: "start", id, reason: REASON })));
  const dependents = new Map<string, string[]>(order.map((id) => [id, []]));
  for (const { id, after = [] } of specs) {
    for (const dependency of after) {
      dependents.set(dependency.id, [...dependents.get(dependency.id) ?? [], id]);
    }
  }
  draft.set({ phase: { ...phase, dependents } });
  startAllowed(draft, order);
}

/** One of the first children is ready, or had nothing to start. */
export function onFirstStarted(draft: Draft, id: string): void {
  const { phase } = draft.state;
  if (phase.is !== "starting") return;
  draft.set({ phase: { ...phase, waiting: phase.waiting - 1 } });
  if (phase.waiting === 1) return ready(draft);
  onFirstChanged(draft, id);
}

/** Something has become of one of the first children that others may wait for. */
export function onFirstChanged(draft: Draft, id: string): void {
  const { phase } = draft.state;
  if (phase.is === "starting") startAllowed(draft, phase.dependents.get(id) ?? []);
}

function ready(draft: Draft): void {
  draft.set({ phase: { is: "running" } });
  draft.plan([]);
  draft.step({ do: "report_ready" });
}

/** Starts those of `candidates` whose dependencies hold, and those that are waiting for no more than that. */
function startAllowed(draft: Draft, candidates: readonly string[]): void {
  const todo = [...candidates];
  for (const id of todo) {
    const { phase } = draft.state;
    if (phase.is !== "starting") return;
    const child = draft.find(id);
    if (child === undefined || child.life.state !== "stopped" || child.completion !== undefined) continue;
    const { after = [] } = child.spec;
    const failed = after.find((dependency) => holds(draft, dependency) === "never");
    if (failed !== undefined) return fail(draft, id, failed);
    if (!after.every((dependency) => holds(draft, dependency) === "yes")) continue;
    startChild(draft, id, REASON);
    todo.push(...phase.dependents.get(id)!);
  }
}

function fail(draft: Draft, id: string, dependency: Dependency): void {
  const completion = (draft.find(dependency.id) ?? draft.state.elsewhere.get(dependency.id))?.completion;
  const cause = new StartError(draft.path(id), new DependencyFailedError(dependency, completion));
  end(draft, { reason: "shutdown", cause }, { failure: cause });
}

/** Whether a dependency holds: once it has, it does for the rest of the start. */
function holds(draft: Draft, { id, condition }: Dependency): "yes" | "not yet" | "never" {
  if (isElsewhere(id)) return holdsElsewhere(draft, { id, condition });
  const child = draft.find(id);
  // It had nothing to start, and was not kept.
  if (child === undefined) return "yes";
  const { completion } = child;
  if (holdsNow(condition, { state: childState(child), completion })) return "yes";
  if (completion === undefined) return "not yet";
  return condition === "completed_successfully" ? "never" : "yes";
}

/** A group that is all or nothing does not wait for one whose supervisor has ended: that may wait for the group. */
function holdsElsewhere(draft: Draft, { id, condition }: Dependency): "yes" | "not yet" | "never" {
  const standing = draft.state.elsewhere.get(id);
  if (standing === undefined) return "not yet";
  if (standing.state === "gone") return "never";
  if (holdsNow(condition, standing)) return "yes";
  const hasFailed = standing.state === "stopped" && standing.completion !== undefined;
  if (!hasFailed) return "not yet";
  return condition === "completed_successfully" ? "never" : "yes";
}
