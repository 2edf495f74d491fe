/**
 * Starts beyond the `maxChildren` of a dynamic supervisor that wait for their turn: they are made in their order, as
 * children end. Such a supervisor has no order of its own, so nothing but the number of its children holds them back.
 */

import { StartCancelledError, SupervisionError } from "../supervision_errors.ts";
import type { Draft } from "./draft.ts";
import { isBusy, type StartRequest } from "./state.ts";

/** Has a start wait. @throws {SupervisionError} `max_children`, `already_present` */
export function queueStart(draft: Draft, request: StartRequest): void {
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
export function nextStart(draft: Draft): StartRequest | undefined {
  const { queued, order, rules: { maxChildren = Infinity } } = draft.state;
  if (queued.length === 0 || order.length >= maxChildren || isBusy(draft.state)) return undefined;
  draft.set({ queued: queued.slice(1) });
  return queued[0];
}

/** The start of a child of that id waits no longer, if it did; whether it did. */
export function withdrawStart(draft: Draft, id: string): boolean {
  const { queued } = draft.state;
  const request = queued.find(({ spec }) => spec.id === id);
  if (request === undefined) return false;
  draft.set({ queued: queued.filter((other) => other !== request) });
  draft.step({ do: "refuse", caller: request.caller, error: new StartCancelledError(draft.path(id)) });
  return true;
}

/** Nothing is started any more. */
export function refuseQueued(draft: Draft): void {
  const { path, queued } = draft.state;
  for (const { spec, caller } of queued) {
    const why = `Cannot start '${spec.id}': '${path}' is about to stop`;
    draft.step({ do: "refuse", caller, error: new SupervisionError("no_supervisor", why) });
  }
  draft.set({ queued: [] });
}
