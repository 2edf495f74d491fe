/**
 * The moves of a supervisor: those on one child, and those on all of them at its end.
 */

import type { WhyStopped } from "../../actor/actor_errors.ts";
import type { Exit } from "../../actor/exit.ts";
import type { StartOutcome } from "../../actor/incarnation.ts";
import type { ChildSpec } from "../child_spec.ts";
import { StartCancelledError } from "../supervision_errors.ts";
import type { Draft } from "./draft.ts";
import {
  type AfterStop,
  childState,
  isClosing,
  type Move,
  newChild,
  type StartReason,
  type StartResult,
  subjectOf,
} from "./state.ts";

const KEEP: AfterStop = { do: "keep" };

/** Knows one child more, behind the others. */
export function addChild(draft: Draft, spec: ChildSpec): void {
  draft.set({ order: [...draft.state.order, spec.id] });
  draft.changed.set(spec.id, newChild(spec, false));
  draft.step({ do: "add", spec });
  draft.emit(spec.id, { type: "added", kind: spec.type });
}

/** Knows a child no more, which does not run. */
export function removeChild(draft: Draft, id: string, why: WhyStopped): void {
  draft.set({ order: draft.state.order.filter((other) => other !== id) });
  draft.changed.set(id, undefined);
  draft.step({ do: "remove", id, why });
}

/** A child does not run and will not by itself: a temporary one is removed, and so is any of a dynamic supervisor. */
export function retireChild(draft: Draft, id: string, why: WhyStopped, keepsMessages = false): void {
  const isDynamic = draft.state.rules.maxChildren !== undefined;
  if (draft.child(id).spec.restart === "temporary" || isDynamic) return removeChild(draft, id, why);
  draft.change(id, { life: { state: "stopped" } });
  if (!keepsMessages) draft.step({ do: "refuse_messages", id, why });
}

/** Starts a child that does not run. */
export function startChild(draft: Draft, id: string, reason: StartReason): void {
  if (draft.child(id).life.state === "quarantined") draft.step({ do: "cancel_wait", id });
  draft.change(id, {
    life: { state: "starting", reason, isCut: false, then: undefined },
    completion: undefined,
  });
  draft.step({ do: "start", id });
  const { phase, rules, terminateRequests } = draft.state;
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
  goOnWithDeferred(draft, id);
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
  draft.change(id, { life: { state: "stopped" } });
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

// --- The agenda and the end ----------------------------------------------------------

/** Goes on with the agenda until a move takes time; behind the last one, with the supervisor's own end. */
export function goOn(draft: Draft): void {
  while (draft.move !== undefined) if (!isDone(draft, draft.move)) return;
  const { phase } = draft.state;
  if (phase.is !== "ending") return;
  let left = Math.min(phase.left, draft.state.order.length);
  while (left > 0 && stopChild(draft, draft.state.order[left - 1]!, KEEP)) left--;
  draft.set({ phase: { ...phase, left } });
  if (left === 0) over(draft, phase.exit, phase.start);
}

/** Begins a move, if it is not begun yet; whether it is done. */
function isDone(draft: Draft, move: Move): boolean {
  const { id } = move;
  const life = draft.find(id)?.life;
  if (life === undefined || (move.do === "start" && isClosing(draft.state) && life.state !== "starting")) {
    return draft.finish(move.do, id);
  }
  switch (move.do) {
    case "wait":
      draft.step({ do: "wait", id, delay: move.delay });
      return draft.finish("wait", id);
    case "start":
      if (life.state !== "starting") startChild(draft, id, move.reason);
      return false;
    case "stop":
      return stopChild(draft, id, move.then);
  }
}

/** Nothing is started any more, here and below. */
export function close(draft: Draft): void {
  for (const id of draft.state.order) {
    const { life } = draft.child(id);
    if (life.state !== "starting" || life.isCut) continue;
    draft.change(id, { life: { ...life, isCut: true } });
    draft.step({ do: "cut_short", id });
  }
  draft.step({ do: "close_below" });
}

/**
 * Ends the supervisor: all children are stopped, last to first; those of a dynamic one have no order and stop
 * together.
 */
export function end(draft: Draft, exit: Exit, failure?: Error): void {
  const { phase, order, agenda, done, rules } = draft.state;
  if (phase.is === "ending" || phase.is === "over") return;
  if (phase.is !== "closing") close(draft);
  const start = phase.is === "starting" ? failure : "ok";
  draft.set({ phase: { is: "ending", exit, left: order.length, start } });
  // A group's stops come first. Where there is none, what was asked for goes on beside the others.
  const stops = agenda.slice(done).filter((move) => move.do === "stop");
  draft.plan(rules.strategy === "one_for_one" ? [] : stops);
  if (exit.reason === "killed") draft.step({ do: "kill_all" });
  if (rules.maxChildren !== undefined) { for (const id of [...order].reverse()) stopChild(draft, id, KEEP); }
}

function over(draft: Draft, exit: Exit, start: "ok" | Error | undefined): void {
  // Should the supervisor start again, it will know only those that it was given.
  for (const id of [...draft.state.order].reverse()) {
    if (!draft.child(id).isInitial) removeChild(draft, id, "its supervisor has ended");
  }
  draft.set({ phase: { is: "over" } });
  const cancelled = () => new StartCancelledError(draft.state.path);
  draft.step({ do: "end", exit, failure: start === "ok" ? undefined : start ?? cancelled() });
}
