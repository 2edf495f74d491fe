/**
 * The decisions of a supervisor, as one pure function: its state and an event in, its next state and the steps out. A
 * supervisor carries the steps out; `explain` carries them out on an imagined tree.
 *
 * It does one thing at a time. Its agenda is a list of moves, one after the other, each of which lasts until an event
 * reports its result. An event that needs a decision meanwhile is queued (a step) and comes back as a `_due` event
 * when the agenda is empty. Only a stop request interrupts the agenda.
 *
 * Most starts and stops finish at once, and are dealt with before anything else, as in Erlang/OTP. One that takes
 * more than a turn of the event loop leaves the agenda and goes on in the background where no sibling depends on it
 * (`one_for_one`); requests about a child that is being stopped in the background are deferred until it has ended.
 *
 * Where failed starts are retried (`onStartFailure`) there is no agenda: children that are to start `wait`
 * (waiting.ts), those that are to stop are in `stops` (stops.ts), and behind each event those of both whose turn it is
 * are started and stopped. So nothing is queued behind a start or a stop that takes long.
 *
 * Extensions have their place:
 *
 * - another answer at a limit, or another state: one more `ChildLife`, a clause in `mayRestart`, and one in
 *   `timer_elapsed`;
 * - replacing a child in place (its ref, mailbox and generations go on): a request whose agenda is stop, a move that
 *   gives the record another `spec`, start.
 */

import { SupervisionError } from "../supervision_errors.ts";
import { isForgiven } from "../restart/restart_limits.ts";
import { close, end, goOn } from "./agenda.ts";
import { Draft } from "./draft.ts";
import { onElsewhere } from "./elsewhere.ts";
import { reportRound, settleEnd, settleFirst, settleStart } from "./first_round.ts";
import { begin, onFirstChanged, onFirstStarted } from "./first_start.ts";
import { answerStart, carryOn, takeBack, terminate } from "./moves.ts";
import { onRequest, startNext } from "./requests.ts";
import { onExit, onRetry, onStartResult, planRestart } from "./restarts.ts";
import {
  FORGIVEN,
  isClosing,
  retriesStarts,
  type StartResult,
  type SupervisorRequest,
  type SupervisorState,
} from "./state.ts";
import type { SupervisorDecision, SupervisorEvent } from "./steps.ts";
import { stopFreed } from "./stops.ts";
import { startWaiting } from "./waiting.ts";

export { followersElsewhere, GONE, REMOVED, standingOf } from "./elsewhere.ts";
export { blockersOf } from "./waiting.ts";

/** Decides what a supervisor does next. `now` is in ms. Never throws for what a request or a child brings. */
export function decide(state: SupervisorState, event: SupervisorEvent, now: number): SupervisorDecision {
  const draft = new Draft(state, now);
  take(draft, event);
  stopFreed(draft);
  goOn(draft);
  while (startNext(draft)) goOn(draft);
  startWaiting(draft);
  reportRound(draft);
  return draft;
}

function take(draft: Draft, event: SupervisorEvent): void {
  switch (event.type) {
    // --- The supervisor itself ------------------------------------------------------
    case "began":
      return begin(draft);
    case "closed":
      if (draft.state.phase.is !== "running") return;
      draft.set({ phase: { is: "closing" } });
      return close(draft);
    case "told_to_end":
      if (event.exit.reason === "killed" && draft.state.phase.is === "ending") draft.step({ do: "kill_all" });
      return end(draft, event.exit, { isTold: true });

    // --- What becomes of children ------------------------------------------------------
    case "start_finished":
      return onStart(draft, event.id, event.result);
    case "child_exited": {
      const { id, exit, uptime, chance } = event;
      const { spec, life } = draft.child(id);
      if (life.state !== "running") return;
      draft.change(id, { life: { state: "ended" }, completion: exit });
      if (isForgiven(spec.backoff, uptime)) draft.change(id, FORGIVEN);
      settleEnd(draft, id, exit);
      draft.step({ do: "queue", event: { type: "exit_due", id, life: draft.child(id).life, exit, chance } });
      return onFirstChanged(draft, id);
    }
    case "became_ready":
      if (draft.find(event.id)?.life.state !== "running") return;
      draft.change(event.id, { life: { state: "running" } });
      return settleFirst(draft, event.id, "ready");
    case "stop_finished": {
      const { life } = draft.child(event.id);
      if (life.state !== "stopping") return;
      draft.change(event.id, { life: { state: "stopped" } });
      return carryOn(draft, event.id, life.then);
    }

    case "elsewhere_changed":
      return onElsewhere(draft, event.standings);
    case "followers_changed": {
      const followedBy = new Map(draft.state.followedBy);
      if (event.paths.length === 0) followedBy.delete(event.id);
      else followedBy.set(event.id, event.paths);
      return draft.set({ followedBy });
    }

    // --- The clock ---------------------------------------------------------------------
    case "turn_elapsed":
      return onTurn(draft);
    case "timer_elapsed": {
      const { id } = event;
      const life = draft.find(id)?.life;
      if (life?.state === "starting" || life?.state === "running") return settleFirst(draft, id, "attempted");
      if (life?.state !== "restarting" && life?.state !== "quarantined") return;
      return draft.step({ do: "queue", event: { type: "restart_due", id, life } });
    }

    // --- What was queued ------------------------------------------------------------------
    case "requested":
      return onRequested(draft, event.request);
    case "request_due":
      try {
        return onRequest(draft, event.request);
      } catch (error) {
        return draft.step({ do: "refuse", caller: event.request.caller, error });
      }
    case "exit_due":
    case "start_result_due":
    case "restart_due":
    case "retry_due": {
      const { id } = event;
      const child = draft.find(id);
      // Stopped or started by hand meanwhile: then it is not looked at any more.
      if (child === undefined || child.life !== event.life) return;
      if (child.life.state === "start_over") return onStartResult(draft, id, child.life);
      if (isClosing(draft.state)) return;
      if (event.type === "exit_due") return onExit(draft, id, event);
      if (event.type === "retry_due") return onRetry(draft, id, event.cause);
      return planRestart(draft, id);
    }
  }
}

function onStart(draft: Draft, id: string, result: StartResult): void {
  const child = draft.find(id);
  if (child?.life.state !== "starting") return;
  const { reason, isCut, then } = child.life;
  if (result.outcome === "ignore") draft.change(id, { completion: { reason: "normal" } });
  settleStart(draft, id, result);
  const { phase } = draft.state;
  if (phase.is === "ending" && reason.for === "supervisor" && result.outcome === "failed") {
    draft.set({ phase: { ...phase, start: phase.start ?? result.cause } });
  }
  if (then !== undefined) {
    takeBack(draft, id, { reason, result });
    // It got ready in spite of being told to stop.
    if (result.outcome === "ok") return terminate(draft, id, then);
    draft.change(id, { life: { state: "stopped" } });
    return carryOn(draft, id, then);
  }
  const isAwaited = draft.finish("start", id) || reason.for === "supervisor";
  if (result.outcome === "ok") {
    draft.change(id, { life: { state: "running", ...(result.isDegraded && { isDegraded: true }) } });
    answerStart(draft, reason, "ok");
  } else if (isAwaited) {
    onStartResult(draft, id, { reason, isCut, result });
  } else {
    draft.change(id, { life: { state: "start_over", reason, isCut, result } });
    draft.step({ do: "queue", event: { type: "start_result_due", id, life: draft.child(id).life } });
  }
  if (reason.for === "supervisor" && result.outcome !== "failed") onFirstStarted(draft, id);
}

/** Moves a start or stop that has not finished within a turn to the background, where no sibling depends on it. */
function onTurn(draft: Draft): void {
  const { phase, rules, terminateRequests } = draft.state;
  if (phase.is === "starting") return;
  const { move } = draft;
  if (rules.strategy === "one_for_one" && move !== undefined) draft.finish(move.do, move.id);
  // In a group a start is waited for, but not that of a child that is to be terminated.
  const granted = terminateRequests.map((wanted) => {
    const life = draft.find(wanted.id)?.life;
    if (life?.state !== "starting") return wanted;
    if (!life.isCut) {
      draft.change(wanted.id, { life: { ...life, isCut: true } });
      draft.step({ do: "cut_short", id: wanted.id });
    }
    return { ...wanted, isGranted: true };
  });
  draft.set({ terminateRequests: granted });
}

function onRequested(draft: Draft, request: SupervisorRequest): void {
  const { path, phase, terminateRequests } = draft.state;
  if (phase.is === "ending" || phase.is === "over") {
    const how = phase.is === "over" ? "has ended" : "is stopping";
    const error = new SupervisionError("no_supervisor", `Cannot reach '${path}': it ${how}`);
    return draft.step({ do: "refuse", caller: request.caller, error });
  }
  draft.step({ do: "queue", event: { type: "request_due", request } });
  if (request.ask !== "terminate" || retriesStarts(draft.state)) return;
  const { id, caller } = request;
  draft.set({ terminateRequests: [...terminateRequests, { id, caller, isGranted: false }] });
  draft.step({ do: "await_turn" });
}
