/**
 * The agenda of a supervisor, move by move, and its end.
 */

import type { Exit } from "../../actor/exit.ts";
import { StartCancelledError } from "../supervision_errors.ts";
import type { Draft } from "./draft.ts";
import { settleFirst } from "./first_round.ts";
import { refuseQueued, removeChild, startChild, stopChild } from "./moves.ts";
import { type AfterStop, isClosing, type Move } from "./state.ts";
import { stopFreed } from "./stops.ts";

const KEEP: AfterStop = { do: "keep" };

/** Goes on with the agenda until a move takes time; behind the last one, with the supervisor's own end. */
export function goOn(draft: Draft): void {
  while (draft.move !== undefined) if (!isDone(draft, draft.move)) return;
  const { phase } = draft.state;
  if (phase.is !== "ending") return;
  if (draft.state.usesAfter) {
    stopFreed(draft);
    if (draft.state.stops.size === 0) over(draft, phase.exit, phase.start);
    return;
  }
  let left = Math.min(phase.left, draft.state.order.length);
  const { order, followedBy } = draft.state;
  while (left > 0 && !followedBy.has(order[left - 1]!) && stopChild(draft, order[left - 1]!, KEEP)) left--;
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
  refuseQueued(draft);
  draft.step({ do: "close_below" });
}

/**
 * Ends the supervisor: all children are stopped, last to first; where they name siblings that they start after, each as
 * soon as those that depend on it have ended; those of a dynamic one have no order and stop together. `isTold`: one
 * above it wants that.
 */
export function end(
  draft: Draft,
  exit: Exit,
  { failure, isTold = false }: { readonly failure?: Error; readonly isTold?: boolean } = {},
): void {
  const { phase, order, agenda, done, rules, round, usesAfter } = draft.state;
  if (phase.is === "ending" || phase.is === "over") return;
  if (phase.is !== "closing") close(draft);
  const isStarting = round !== undefined && !round.isOver;
  const start = phase.is === "starting" || (isStarting && isTold) ? failure : "ok";
  // One that ends by itself has started, though not with all its children.
  if (isStarting && !isTold) draft.step({ do: "report_degraded" });
  draft.set({ phase: { is: "ending", exit, left: order.length, start } });
  // A group's stops come first. Where there is none, what was asked for goes on beside the others.
  const stops = agenda.slice(done).filter((move) => move.do === "stop");
  draft.plan(rules.strategy === "one_for_one" || usesAfter ? [] : stops);
  if (exit.reason === "killed") draft.step({ do: "kill_all" });
  // Side by side; or else last to first, whatever was to stop before.
  const all = usesAfter
    ? [...order].reverse().map((id) => [id, draft.state.stops.get(id) ?? KEEP] as const)
    : [];
  for (const id of round === undefined ? [] : order) settleFirst(draft, id, "attempted"); // no timer is to be left
  draft.set({ round: undefined, stops: new Map(all) });
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
