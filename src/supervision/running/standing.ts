/**
 * How a supervisor and all below it stand, read from their states. Used by `supervisor.ts`.
 */

import { isClean } from "../../actor/exit.ts";
import type { Degraded } from "../../actor/incarnation.ts";
// @ts-types="../decide/decide.d.ts"
import { blockersOf } from "../decide/decide.ts";
import { childPath, childState, isActiveChild, type SupervisorState } from "../decide/state.ts";
import type { BareChildStatus } from "../status.ts";
import { type Stopping, stoppingOfSpec } from "../stop_time.ts";

/** A supervisor that runs, as far as it is looked at. */
export interface SupervisorView {
  state(): SupervisorState;
  /** How often the child of that id has been started. */
  generationOf(id: string): number;
  /** The supervisor that the child of that id is, if it runs. */
  below(id: string): SupervisorView | undefined;
}

/** The children as they stand, in start order. */
export function statusIn(view: SupervisorView): readonly BareChildStatus[] {
  const state = view.state();
  const children = { state, find: (id: string) => state.children.get(id) };
  return state.order.map((id) => {
    const record = state.children.get(id)!;
    const { type, startsByHand, description } = record.spec;
    const below = view.below(id);
    const stands = childState(record);
    const status = {
      ...{ id, path: childPath(state, id), type, state: stands, generation: view.generationOf(id) },
      ...(stands === "waiting" && { waitsFor: blockersOf(children, id) }),
      ...(startsByHand && { startsByHand }),
      ...(description !== undefined && { description }),
    };
    return below === undefined ? status : { ...status, children: statusIn(below) };
  });
}

/** How many leaves below are ready, and which are not. */
export function readinessIn(view: SupervisorView): Omit<Degraded, "whole"> {
  const leaves = leavesIn(view);
  const waiting = leaves.filter(({ isReady }) => !isReady).map(({ path }) => path);
  return { ready: leaves.length - waiting.length, of: leaves.length, waiting };
}

/** Those below that have no children, and run or are to; a job that has succeeded has had what it needs. */
function leavesIn(view: SupervisorView): readonly { readonly path: string; readonly isReady: boolean }[] {
  const state = view.state();
  return state.order.flatMap((id) => {
    const { spec, life, completion } = state.children.get(id)!;
    if (spec.startsByHand && life.state === "stopped") return [];
    const below = view.below(id);
    if (below !== undefined) return leavesIn(below);
    const isDone = life.state === "stopped" && completion !== undefined && isClean(completion);
    return [{ path: childPath(state, id), isReady: life.state === "running" || isDone }];
  });
}

/** What stops below, in start order; a child that does not run takes no time. */
export function stopsIn(view: SupervisorView): readonly Stopping[] {
  const state = view.state();
  return state.order.map((id) => {
    const { spec, life } = state.children.get(id)!;
    const below = view.below(id);
    if (TO_STOP.includes(life.state)) return stoppingOfSpec(spec, below && stopsIn(below));
    return { ...stoppingOfSpec(spec, []), own: 0, steps: 0 };
  });
}

const TO_STOP: readonly string[] = ["starting", "start_over", "running", "stopping"];

/** Whether anything below runs, or will by itself. */
export function isAnyActive(view: SupervisorView): boolean {
  const state = view.state();
  return state.order.some((id) => {
    const record = state.children.get(id)!;
    const below = record.life.state === "starting" ? undefined : view.below(id);
    return below === undefined ? isActiveChild(record) : isAnyActive(below);
  });
}
