/**
 * The moves of a supervisor on one child.
 */

import type { WhyStopped } from "../../actor/actor_errors.ts";
import type { StartOutcome } from "../../actor/incarnation.ts";
import type { ChildSpec } from "../child_spec.ts";
import { StartCancelledError, SupervisionError } from "../supervision_errors.ts";
import type { Draft } from "./draft.ts";
import { FIRST_ATTEMPT_MS, settleFirst } from "./first_round.ts";
import {
  type AfterStop,
  childState,
  isClosing,
  newChild,
  retriesStarts,
  type StartReason,
  type StartResult,
  subjectOf,
} from "./state.ts";

/** Knows one child more, behind the others. */
export function addChild(draft: Draft, spec: ChildSpec): void {
  draft.set({ order: [...draft.state.order, spec.id] });
  draft.changed.set(spec.id, newChild(spec, false));
  draft.step({ do: "add", spec });
  draft.emit(spec.id, { type: "added", kind: spec.type });
}

/** Knows a child no more, which does not run. */
export function removeChild(draft: Draft, id: string, why: WhyStopped): void {
  settleFirst(draft, id, "ready"); // it is not waited for any more
  draft.endStop(id);
  draft.remove(id);
  draft.step({ do: "remove", id, why });
}

/**
 * A child does not run and will not by itself: a temporary one is removed, and so is any of a dynamic supervisor. Where
 * failed starts are retried, a job is kept, so that it can be run again and siblings can wait for that.
 */
export function retireChild(draft: Draft, id: string, why: WhyStopped, keepsMessages = false): void {
  if (!isKept(draft, id)) return removeChild(draft, id, why);
  draft.change(id, { life: { state: "stopped" } });
  if (!keepsMessages) draft.step({ do: "refuse_messages", id, why });
}

/** Whether a child stays known when it has ended for good. */
export function isKept(draft: Draft, id: string): boolean {
  const { state } = draft;
  const { spec, isInitial } = draft.child(id);
  return state.rules.maxChildren === undefined &&
    (spec.restart !== "temporary" || (isInitial && retriesStarts(state)));
}

/** Starts a child that does not run. */
export function startChild(draft: Draft, id: string, reason: StartReason): void {
  const { life, first } = draft.child(id);
  if (life.state === "quarantined") draft.step({ do: "cancel_wait", id });
  draft.change(id, {
    life: { state: "starting", reason, isCut: false, then: undefined },
    completion: undefined,
  });
  draft.step({ do: "start", id });
  const { phase, round, rules, terminateRequests } = draft.state;
  if (round !== undefined && first === "pending") draft.step({ do: "wait", id, delay: FIRST_ATTEMPT_MS });
  if (retriesStarts(draft.state)) return;
  const isAwaited = rules.strategy === "one_for_one" || terminateRequests.length > 0;
  if (phase.is === "running" && isAwaited) draft.step({ do: "await_turn" });
}

/** Stops a child wherever it stands; whether it is done. */
export function stopChild(draft: Draft, id: string, then: AfterStop): boolean {
  const life = draft.find(id)?.life;
  switch (life?.state) {
    case undefined:
      return true;
    case "starting":
      draft.change(id, { life: { ...life, isCut: true, then: life.then ?? then } });
      if (!life.isCut) draft.step({ do: "cut_short", id });
      return false;
    case "running":
      terminate(draft, id, then);
      return false;
    case "stopping":
      return false;
    case "start_over":
      takeBack(draft, id, life);
      draft.change(id, { life: { state: "stopped" } });
      break;
    default:
      callOff(draft, id);
  }
  carryOn(draft, id, then);
  return true;
}

/** Asks a child that runs to stop. */
export function terminate(draft: Draft, id: string, then: AfterStop): void {
  draft.change(id, { life: { state: "stopping", then } });
  draft.step({ do: "terminate", id });
}

/** A child has been stopped. */
export function carryOn(draft: Draft, id: string, then: AfterStop): void {
  draft.finish("stop", id);
  draft.endStop(id);
  const isWanted = !draft.state.deferred.some((request) => request.ask === "terminate" && request.id === id);
  goOnWithDeferred(draft, id);
  if (then.do === "wait" && isWanted && !isClosing(draft.state)) draft.waitToStart(id);
  if (then.do === "remove") removeChild(draft, id, then.why);
  if (then.do !== "answer") return;
  if (then.isNew) removeChild(draft, id, "it was stopped before it was ready");
  else retireChild(draft, id, "it was stopped by hand", then.keepsMessages);
  draft.step({ do: "answer", caller: then.caller, result: undefined });
}

/** The requests that waited for a child's stop come before all others. */
function goOnWithDeferred(draft: Draft, id: string): void {
  const { deferred } = draft.state;
  const due = deferred.filter((request) => subjectOf(request) === id);
  if (due.length === 0) return;
  draft.set({ deferred: deferred.filter((request) => !due.includes(request)) });
  for (const request of due.reverse()) {
    draft.step({ do: "queue_first", event: { type: "request_due", request } });
  }
}

/** Cancels the pending start or restart of a child without an incarnation. */
export function callOff(draft: Draft, id: string): void {
  const child = draft.child(id);
  if (childState(child) === "stopped") return;
  draft.step({ do: "cancel_wait", id });
  settleFirst(draft, id, "attempted");
  // Siblings that are started later are not to take it for one that has done its job.
  draft.change(id, {
    life: { state: "stopped" },
    ...(retriesStarts(draft.state) && { completion: undefined }),
  });
  draft.emit(id, { type: "called_off" });
}

/** A child was stopped before its start was looked at: who asked for the start is told that it came to nothing. */
export function takeBack(
  draft: Draft,
  id: string,
  { reason, result }: { readonly reason: StartReason; readonly result: StartResult },
): void {
  if (reason.for !== "request") return;
  const error = result.outcome === "failed" ? result.cause : new StartCancelledError(draft.path(id));
  draft.step({ do: "refuse", caller: reason.caller, error });
}

export function answerStart(draft: Draft, reason: StartReason, outcome: StartOutcome): void {
  if (reason.for === "request") draft.step({ do: "answer", caller: reason.caller, result: outcome });
}

/** Refuses the starts that wait for their turn: nothing is started any more. */
export function refuseQueued(draft: Draft): void {
  const { path, queued } = draft.state;
  for (const { spec, caller } of queued) {
    const why = `Cannot start '${spec.id}': '${path}' is about to stop`;
    draft.step({ do: "refuse", caller, error: new SupervisionError("no_supervisor", why) });
  }
  draft.set({ queued: [] });
}
