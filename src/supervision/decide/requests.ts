/**
 * Decides about a request when its turn has come. An error thrown here refuses the request, and then nothing has
 * changed. Starts beyond the `maxChildren` of a dynamic supervisor may wait: they are made in their order, as children
 * end.
 */

import { resolveMailbox } from "../../actor/mailbox/options.ts";
import { checkedId } from "../child_spec.ts";
import { holdsNow, isElsewhere } from "../dependencies.ts";
import {
  DependencyFailedError,
  StartCancelledError,
  StartError,
  SupervisionError,
} from "../supervision_errors.ts";
import { mayBeSignificant } from "../restart/strategy.ts";
import type { Draft } from "./draft.ts";
import { standingOf } from "./elsewhere.ts";
import { addChild, callOff, removeChild, startChild } from "./moves.ts";
import {
  type AfterStop,
  type ChildRecord,
  FORGIVEN,
  hasIncarnation,
  isBeingStopped,
  isBusy,
  isClosing,
  retriesStarts,
  type StartReason,
  type StartRequest,
  subjectOf,
  type SupervisorRequest,
} from "./state.ts";
import { followersOf, stopsOf, stopTogether } from "./stops.ts";

/** Does what is asked for. @throws {SupervisionError} {@linkcode StartError} */
export function onRequest(draft: Draft, request: SupervisorRequest): void {
  const subject = draft.find(subjectOf(request));
  const isToStop = draft.state.stops.has(subjectOf(request));
  if (subject !== undefined && (isToStop || isBeingStopped(subject))) {
    return draft.set({ deferred: [...draft.state.deferred, request] });
  }
  switch (request.ask) {
    case "start":
      return start(draft, request);
    case "terminate":
      return terminate(draft, request);
    case "restart": {
      mayStart(draft, request.id);
      const { id } = idle(draft, request).spec;
      draft.change(id, FORGIVEN);
      return begin(draft, id, { for: "request", caller: request.caller, isFirst: false });
    }
    case "delete": {
      idle(draft, request);
      callOff(draft, request.id); // what a quarantine has in store for it
      removeChild(draft, request.id, "it was deleted");
      return draft.step({ do: "answer", caller: request.caller, result: undefined });
    }
  }
}

/** Starts a child for a caller, whatever it waits for. */
function begin(draft: Draft, id: string, reason: StartReason): void {
  if (retriesStarts(draft.state)) startChild(draft, id, reason);
  else draft.plan([{ do: "start", id, reason }]);
}

/** Makes the start whose turn it is, if there is one; whether there was. */
export function startNext(draft: Draft): boolean {
  const next = nextStart(draft);
  if (next === undefined) return false;
  try {
    start(draft, next);
  } catch (error) {
    draft.step({ do: "refuse", caller: next.caller, error });
  }
  return true;
}

function start(draft: Draft, request: StartRequest): void {
  const { spec, caller } = request;
  const { order, rules } = draft.state;
  const id = checkedId(spec.id);
  mayStart(draft, id);
  if (!mayBeSignificant(spec, rules.autoShutdown)) throw SupervisionError.badCombination(id);
  const known = draft.find(id);
  if (known !== undefined) {
    throw new SupervisionError(
      hasIncarnation(known) ? "already_started" : "already_present",
      `Cannot start a second '${draft.path(id)}': delete the first, or start that again`,
    );
  }
  const { maxChildren = Infinity } = rules;
  if (order.length >= maxChildren) return queueStart(draft, request);
  const { after = [] } = spec;
  const standing = (id: string) => standingOf(draft, id);
  for (const dependency of after) {
    if (standing(dependency.id) !== undefined || isElsewhere(dependency.id)) continue;
    throw SupervisionError.unknownDependency(id, dependency.id, draft.state.order);
  }
  resolveMailbox(draft.path(id), spec.mailbox);
  addChild(draft, spec);
  const unmet = after.find(({ id, condition }) => {
    const known = standing(id);
    return known === undefined || !holdsNow(condition, known);
  });
  if (unmet === undefined) {
    return begin(draft, id, { for: "request", caller, isFirst: true });
  }
  removeChild(draft, id, "it could not be started");
  throw new StartError(draft.path(id), new DependencyFailedError(unmet, standing(unmet.id)?.completion));
}

function terminate(
  draft: Draft,
  { id, caller, keepsMessages = false }: SupervisorRequest & { readonly ask: "terminate" },
): void {
  const { terminateRequests, rules } = draft.state;
  const isGranted = terminateRequests.find((wanted) => wanted.caller === caller)?.isGranted ?? false;
  draft.set({ terminateRequests: terminateRequests.filter((wanted) => wanted.caller !== caller) });
  // Where its start was cut short, it may have been removed already; a dynamic supervisor removes what does not run.
  const child = isGranted || rules.maxChildren !== undefined ? draft.find(id) : known(draft, id);
  if (child === undefined) {
    withdrawStart(draft, id);
    return draft.step({ do: "answer", caller, result: undefined });
  }
  const { life } = child;
  const isStarting = life.state === "starting" || life.state === "start_over";
  const isNew = isStarting && life.reason.for === "request" && life.reason.isFirst;
  const then: AfterStop = { do: "answer", caller, isNew, keepsMessages };
  if (retriesStarts(draft.state)) {
    return stopTogether(draft, new Map([[id, then], ...stopsOf(draft, followersOf(draft, [id]))]));
  }
  draft.plan([{ do: "stop", id, then }]);
  if (rules.strategy === "one_for_one") draft.step({ do: "await_turn" });
}

/** @throws {SupervisionError} `no_supervisor`: it is to stop */
function mayStart(draft: Draft, id: string): void {
  if (!isClosing(draft.state)) return;
  const { path } = draft.state;
  throw new SupervisionError("no_supervisor", `Cannot start '${id}': '${path}' is about to stop`);
}

/** The child of that id. @throws {SupervisionError} `not_found` */
function known(draft: Draft, id: string): ChildRecord {
  const child = draft.find(id);
  if (child !== undefined) return child;
  throw new SupervisionError(
    "not_found",
    `Cannot find '${id}' in '${draft.state.path}': its children are ${idsOf(draft)}`,
  );
}

/**
 * The child of that id, which does not run. @throws {SupervisionError} `not_found`, `running`, `restarting`,
 * `dynamic`
 */
function idle(
  draft: Draft,
  { ask, id }: { readonly ask: string; readonly id: string },
): ChildRecord {
  const { path, rules } = draft.state;
  if (rules.maxChildren !== undefined) {
    throw new SupervisionError(
      "dynamic",
      `Cannot ${ask} '${id}': '${path}' forgets children that do not run`,
    );
  }
  const child = known(draft, id);
  const { state } = child.life;
  if (hasIncarnation(child)) {
    const isStarting = state === "starting" || state === "start_over";
    throw new SupervisionError(
      "running",
      `Cannot ${ask} '${draft.path(id)}': it is ${isStarting ? "starting" : "running"}; terminate it first`,
    );
  }
  if (state === "restarting") {
    throw new SupervisionError(
      "restarting",
      `Cannot ${ask} '${draft.path(id)}': it is about to be started again`,
    );
  }
  return child;
}

function idsOf({ state: { order } }: Draft): string {
  return order.join(", ") || "none";
}

// --- Starts that wait for their turn ------------------------------------------------

/** Has a start wait. @throws {SupervisionError} `max_children`, `already_present` */
function queueStart(draft: Draft, request: StartRequest): void {
  const { path, queued, rules: { maxChildren, maxQueued = 0 } } = draft.state;
  const { id } = request.spec;
  if (queued.some(({ spec }) => spec.id === id)) {
    const why = `Cannot start a second '${draft.path(id)}': the first waits for its turn`;
    throw new SupervisionError("already_present", why);
  }
  if (queued.length >= maxQueued) {
    const has = maxChildren === 1 ? "1 child" : `${maxChildren} children`;
    const more = maxQueued === 0 ? "" : `, and ${maxQueued} starts wait for their turn`;
    throw new SupervisionError("max_children", `Cannot start '${id}': '${path}' has ${has}${more}`);
  }
  draft.set({ queued: [...queued, request] });
}

/** The start whose turn it is, which waits no longer. */
function nextStart(draft: Draft): StartRequest | undefined {
  const { queued, order, rules: { maxChildren = Infinity } } = draft.state;
  if (queued.length === 0 || order.length >= maxChildren || isBusy(draft.state)) return undefined;
  draft.set({ queued: queued.slice(1) });
  return queued[0];
}

/** The start of a child of that id waits no longer, if it did; whether it did. */
function withdrawStart(draft: Draft, id: string): boolean {
  const { queued } = draft.state;
  const request = queued.find(({ spec }) => spec.id === id);
  if (request === undefined) return false;
  draft.set({ queued: queued.filter((other) => other !== request) });
  draft.step({ do: "refuse", caller: request.caller, error: new StartCancelledError(draft.path(id)) });
  return true;
}
