/**
 * The first round of a supervisor that retries failed starts: it is over when each child has been ready, or its first
 * attempt has failed, takes long, or waits for such a one. Then the supervisor counts as started, and says so if not all
 * are ready.
 */

import { type Exit, isClean } from "../../actor/exit.ts";
import { isEnd } from "../dependencies.ts";
import type { Draft } from "./draft.ts";
import type { StartResult } from "./state.ts";

/** Milliseconds that a first start is waited for by those that do not depend on it. */
export const FIRST_ATTEMPT_MS = 10_000;

/** All children are to start but those that start by hand; none has. */
export function beginRound(draft: Draft): void {
  const { order } = draft.state;
  const ends = new Map<string, boolean>();
  for (const { id, condition } of order.flatMap((id) => draft.child(id).spec.after ?? [])) {
    if (isEnd(condition)) ends.set(id, ends.get(id) || condition === "completed_successfully");
  }
  const pending = order.filter((id) => draft.child(id).first === "pending").length;
  draft.set({ round: { unattempted: pending, unready: pending, isOver: false, ends } });
}

/** A child has been ready, or its first attempt has come to something else. */
export function settleFirst(draft: Draft, id: string, to: "attempted" | "ready"): void {
  const { round } = draft.state;
  const { first } = draft.child(id);
  if (round === undefined || first === "ready" || first === to) return;
  draft.change(id, { first: to });
  if (first === "pending") draft.step({ do: "cancel_wait", id });
  draft.set({
    round: {
      ...round,
      unattempted: round.unattempted - Number(first === "pending"),
      unready: round.unready - Number(to === "ready"),
    },
  });
}

/** A start has come out. Where siblings wait for the child's end, that is what counts. */
export function settleStart(draft: Draft, id: string, result: StartResult): void {
  if (result.outcome !== "ok") {
    return settleFirst(draft, id, result.outcome === "ignore" ? "ready" : "attempted");
  }
  if (draft.state.round?.ends.has(id)) return;
  settleFirst(draft, id, result.isDegraded ? "attempted" : "ready");
}

/** A child has ended by itself. */
export function settleEnd(draft: Draft, id: string, exit: Exit): void {
  const mustSucceed = draft.state.round?.ends.get(id);
  settleFirst(draft, id, mustSucceed && !isClean(exit) ? "attempted" : "ready");
}

/** Says once that the supervisor has started, and once that all its children have been ready. */
export function reportRound(draft: Draft): void {
  const { round } = draft.state;
  if (round === undefined) return;
  if (round.unready === 0) {
    draft.set({ round: undefined });
    return draft.step({ do: "report_ready" });
  }
  if (round.isOver || round.unattempted > 0) return;
  draft.set({ round: { ...round, isOver: true } });
  draft.step({ do: "report_degraded" });
}
