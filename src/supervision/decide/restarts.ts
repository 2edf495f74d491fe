/**
 * Decides about a child that has ended by itself, or could not be started: one function a case, as in Erlang/OTP's
 * manual.
 */

import type { WhyStopped } from "../../actor/actor_errors.ts";
import {
  causeOf,
  type DeathCause,
  deathOf,
  deathOfError,
  type Exit,
  isAskedFor,
  isClean,
} from "../../actor/exit.ts";
import { innerMessage } from "../../actor/user_value.ts";
import type { ChildSpec } from "../child_spec.ts";
import { GaveUpError, type StartError, whyNotStarted } from "../supervision_errors.ts";
import { coolDownOf, countRestart, delayOf, isTooMany } from "../restart/restart_limits.ts";
import { decideRestart, rememberDeath, type RestartVerdict } from "../restart/restart_rules.ts";
import { groupOf, shutsDown, type Strategy } from "../restart/strategy.ts";
import type { Draft } from "./draft.ts";
import { end } from "./agenda.ts";
import { answerStart, callOff, carryOn, isKept, removeChild, retireChild } from "./moves.ts";
import {
  type AfterStop,
  childState,
  isActiveChild,
  isBeingStopped,
  isClosing,
  type Move,
  retriesStarts,
  type StartReason,
  type StartResult,
} from "./state.ts";
import { restartGroup } from "./stops.ts";
import { startOrWait } from "./waiting.ts";
import { formatDuration } from "../../text/words.ts";

const RESTART: StartReason = { for: "restart" };

/** A child has ended by itself, and it is its turn to be looked at. */
export function onExit(draft: Draft, id: string, { exit, chance }: { exit: Exit; chance: number }): void {
  const then = draft.state.stops.get(id);
  // It was to be stopped with its group: its death is charged to the one that the group is stopped for.
  if (then !== undefined) {
    draft.change(id, { life: { state: "stopped" } });
    return carryOn(draft, id, then);
  }
  const cause = causeOf(exit);
  if (remember(draft, id, deathOf(exit)) !== "restart") {
    return finish(draft, id, { why: whyEnded(exit), cause: isClean(exit) ? undefined : cause });
  }
  if (isAskedFor(exit)) return startAnew(draft, id);
  const delay = nextDelay(draft, id, chance);
  const isRestarted = mayRestart(draft, id, { delay, cause });
  if (retriesStarts(draft.state)) {
    if (!isClosing(draft.state)) restartGroup(draft, id);
    return isRestarted ? comeBack(draft, id, delay) : undefined;
  }
  if (!isRestarted) return;
  if (delay === 0) return planRestart(draft, id);
  // Those who depend on the one that is down are stopped before the wait, not after it.
  draft.plan([...groupMoves(draft, id).stops, { do: "wait", id, delay }]);
}

/** A child that was to end starts again, alone and at once; that counts against no budget. */
function startAnew(draft: Draft, id: string): void {
  draft.change(id, { life: { state: "restarting" } });
  if (retriesStarts(draft.state)) startOrWait(draft, id);
  else draft.plan([{ do: "start", id, reason: RESTART }]);
}

/**
 * A start has come out without success, and it is its turn to be looked at. Where it is tried again, the rest of its
 * group waits for that.
 */
export function onStartResult(
  draft: Draft,
  id: string,
  { reason, isCut, result }: { reason: StartReason; isCut: boolean; result: StartResult },
): void {
  draft.change(id, { life: { state: "stopped" } });
  if (result.outcome !== "failed") {
    retireChild(draft, id, "there was nothing to start");
    return answerStart(draft, reason, "ignore");
  }
  switch (reason.for) {
    case "supervisor":
      return end(draft, { reason: "shutdown", cause: result.cause }, { failure: result.cause });
    case "request":
      if (reason.isFirst) removeChild(draft, id, "it could not be started");
      draft.step({ do: "refuse", caller: reason.caller, error: result.cause });
      if (reason.isFirst || !retriesStarts(draft.state)) return;
      // falls through: one that is known goes on being tried
    case "restart":
      if (!isCut && !isClosing(draft.state)) onRestartFailed(draft, id, result);
  }
}

/** The next attempt is for the one that could not be started, behind what is queued already. */
function onRestartFailed(
  draft: Draft,
  id: string,
  { cause, chance }: { cause: StartError; chance: number },
): void {
  const death = deathOfError(cause);
  if (remember(draft, id, death) !== "restart") return finish(draft, id, { why: whyNotUp(cause), cause });
  const delay = nextDelay(draft, id, chance);
  if (retriesStarts(draft.state)) {
    const isHopeless = death.kind === "unstartable";
    if (mayRestart(draft, id, { delay, cause, isHopeless })) comeBack(draft, id, delay);
    return;
  }
  if (delay > 0) {
    if (mayRestart(draft, id, { delay, cause })) draft.plan([{ do: "wait", id, delay }]);
    return;
  }
  draft.change(id, { life: { state: "restarting" } });
  draft.emit(id, { type: "retrying" });
  draft.plan([]);
  draft.step({ do: "queue", event: { type: "retry_due", id, life: draft.child(id).life, cause } });
}

/**
 * A restart that failed is tried again; where that is one too many, those that were to start behind it start without
 * it.
 */
export function onRetry(draft: Draft, id: string, cause: StartError): void {
  if (mayRestart(draft, id, { delay: 0, cause })) return planRestart(draft, id);
  const { order, rules } = draft.state;
  if (isClosing(draft.state) || rules.strategy === "one_for_one") return;
  const behind = order.slice(order.indexOf(id) + 1);
  const next = behind.find((other) => childState(draft.child(other)) === "stopped");
  if (next !== undefined) planRestart(draft, next, "rest_for_one");
}

/** A child is started again after `delay` ms, once what it waits for allows. */
function comeBack(draft: Draft, id: string, delay: number): void {
  if (delay > 0) draft.step({ do: "wait", id, delay });
  else startOrWait(draft, id);
}

/** Stops and starts a child that is down, with those that are restarted with it. */
export function planRestart(draft: Draft, id: string, strategy?: Strategy): void {
  if (retriesStarts(draft.state)) return startOrWait(draft, id);
  const { stops, starts } = groupMoves(draft, id, strategy);
  draft.plan([...stops, ...starts]);
}

/**
 * The moves that restart the group of a child that does not run: its siblings stop, last to first, then all start, but
 * for temporary siblings. A sibling in quarantine is left as it is.
 */
function groupMoves(
  draft: Draft,
  id: string,
  strategy: Strategy = draft.state.rules.strategy,
): { readonly stops: readonly Move[]; readonly starts: readonly Move[] } {
  const gone: AfterStop = { do: "remove", why: "its group was restarted without it" };
  const members = groupOf(strategy, draft.state.order, id).map((member) => draft.child(member).spec)
    .filter((spec) => spec.id === id || draft.child(spec.id).life.state !== "quarantined");
  const isGone = (spec: ChildSpec) => spec.id !== id && spec.restart === "temporary";
  const siblings = members.filter((spec) => spec.id !== id).reverse();
  return {
    stops: siblings.map((spec) => ({ do: "stop", id: spec.id, then: isGone(spec) ? gone : { do: "keep" } })),
    starts: members.filter((spec) => !isGone(spec)).map(({ id }) => ({ do: "start", id, reason: RESTART })),
  };
}

/** Whether a child is started again after `death`, which is remembered. */
function remember(draft: Draft, id: string, death: DeathCause): RestartVerdict {
  const { spec, deaths: earlier } = draft.child(id);
  const deaths = rememberDeath(earlier, { at: draft.now, death });
  const { rules } = draft.state;
  const triesMissing = retriesStarts(draft.state) && rules.onLimit !== "escalate";
  const decision = decideRestart({ ...spec, triesMissing }, death, deaths);
  draft.change(id, { deaths });
  draft.decided = { spec, death, decision };
  return decision.verdict;
}

/** Milliseconds to wait before the next restart; each makes the one after it longer. */
function nextDelay(draft: Draft, id: string, chance: number): number {
  const { spec, backoffStep } = draft.child(id);
  draft.change(id, { backoffStep: backoffStep + 1 });
  return delayOf(spec.backoff, backoffStep, chance);
}

function whyNotUp(cause: StartError): WhyStopped {
  return { why: `it could not be started: ${whyNotStarted(cause)}`, cause };
}

/** A child is not started again; the supervisor may end with it. */
function finish(
  draft: Draft,
  id: string,
  { why, cause }: { readonly why: WhyStopped; readonly cause: Error | undefined },
): void {
  const { spec } = draft.child(id);
  const isForgotten = spec.restart === "temporary" && !isKept(draft, id);
  const { death, decision: { by } } = draft.decided!;
  const verdict = isForgotten ? "forget" : "keep";
  draft.emit(id, { type: "finished", verdict, by, restartType: spec.restart, death });
  retireChild(draft, id, why);
  draft.step({ do: "end_subscriptions", id });
  shutDownAfter(draft, spec, cause);
}

/** A significant child will not run again by itself: the supervisor may end with it, of its failure, if it was one. */
function shutDownAfter(draft: Draft, spec: ChildSpec, cause: Error | undefined): void {
  if (!spec.significant) return;
  const { order, rules } = draft.state;
  const isOperator = retriesStarts(draft.state);
  const others = order.filter((id) => id !== spec.id).map((id) => draft.child(id));
  const standing = others.map((other) => ({
    significant: other.spec.significant,
    // One that is being stopped by hand will not come back by itself.
    active: (isActiveChild(other) && !isBeingStopped(other) &&
      !(isOperator && other.life.state === "quarantined")) ||
      other.life.state === "waiting",
  }));
  if (!shutsDown(rules.autoShutdown, spec, standing)) return;
  const causes = [cause, ...others.map(({ life }) => life.state === "quarantined" ? life.cause : undefined)];
  const failure = isOperator ? causes.find((cause) => cause !== undefined) : undefined;
  end(draft, { reason: "shutdown", ...(failure !== undefined && { cause: failure }) });
}

/** Counts a restart; where it is one too many, the child goes into quarantine or the supervisor gives up. */
function mayRestart(
  draft: Draft,
  id: string,
  { delay, cause, isHopeless = false }: {
    readonly delay: number;
    readonly cause: Error | undefined;
    /** Whether it is held back at once: its program is missing, say. */
    readonly isHopeless?: boolean;
  },
): boolean {
  const { path, rules: { intensity, onLimit } } = draft.state;
  const isOwn = intensity.per === "child";
  const child = draft.child(id);
  const restarts = countRestart(isOwn ? child.restarts : draft.state.restarts, draft.now, intensity);
  if (isOwn) draft.change(id, { restarts });
  else draft.set({ restarts });
  const { restarts: limit, within } = intensity;
  // What a child of its own budget has used up comes back only once it was ready for long enough.
  const isOnTrial = isOwn && child.quarantines > 0;
  if (!isHopeless && !isOnTrial && !isTooMany(restarts, intensity)) {
    draft.change(id, { life: { state: "restarting" } });
    draft.emit(id, { type: "restarting", delay, restart: restarts.length, limit });
    return true;
  }
  const gaveUp = new GaveUpError(isOwn ? draft.path(id) : path, intensity, cause);
  if (onLimit === "escalate") {
    callOff(draft, id);
    draft.step({ do: "emit", event: { type: "gave_up", limit, within, cause } });
    end(draft, { reason: "shutdown", cause: gaveUp });
    return false;
  }
  // The siblings begin with a new budget: what this one has used up is not theirs.
  draft.set({ restarts: [] });
  const nth = child.quarantines + 1;
  const why = isHopeless && cause !== undefined ? cause : gaveUp;
  draft.change(id, { life: { state: "quarantined", cause: why }, quarantines: nth });
  const coolDown = coolDownOf(onLimit.quarantine, nth);
  const until = coolDown === undefined
    ? "until it is started by hand"
    : `for ${formatDuration(coolDown)}, and is then started again`;
  const held = `it is in quarantine ${until}: ${why.message}`;
  draft.step({ do: "refuse_messages", id, why: { why: held, cause: why } });
  draft.emit(id, { type: "quarantined", coolDown, cause: why, nth });
  if (coolDown !== undefined) draft.step({ do: "wait", id, delay: coolDown });
  if (retriesStarts(draft.state)) shutDownAfter(draft, child.spec, why);
  return false;
}

export function whyEnded(exit: Exit): WhyStopped {
  const cause = causeOf(exit);
  const why = (how: string) => `it has ended (${how}) and will not be started again`;
  return cause === undefined
    ? why(exit.reason)
    : { why: why(`${exit.reason}: ${innerMessage(cause)}`), cause };
}
