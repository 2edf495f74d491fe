/**
 * The children of a supervisor as they stand, for programs and operators.
 */

import type { DeathCause } from "../actor/exit.ts";
import type { ChildState } from "./child_state.ts";

/** The longest message of a failure in a status, in characters. */
export const MAX_EXIT_MESSAGE = 500;

/** Where a tree stands: until its first start is over, then, and once it is to stop. */
export type TreePhase = "starting" | "running" | "stopping";

/** How an incarnation ended. */
export interface LastExit {
  /** Which incarnation. */
  readonly generation: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `exited`: by itself; `stopped`: on request; `start_failed`: it never became ready. */
  readonly how: "exited" | "stopped" | "start_failed";
  /** The cause of its death. */
  readonly death: DeathCause;
  /** The failure in words, if it was one; at most 500 characters. */
  readonly message?: string | undefined;
}

/** A readiness probe that fails, in an incarnation that goes on. */
export interface NotReady {
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** What the probe got then, as a clause; at most 500 characters. */
  readonly why: string;
}

/** A child as its supervisor has it, and those below it. */
export interface BareChildStatus {
  /** Its id among its siblings. */
  readonly id: string;
  /** Its place in the tree. */
  readonly path: string;
  /** Whether it has children of its own. */
  readonly type: "worker" | "supervisor";
  /** Where it stands. */
  readonly state: ChildState;
  /** Which incarnation runs or ran last, counted from 1. */
  readonly generation: number;
  /** Of one that waits to be started: the ids of the siblings that it needs, or whose turn it is before. */
  readonly waitsFor?: readonly string[];
  /** What it is for. */
  readonly description?: string;
  /** It starts only once it is started by hand. */
  readonly startsByHand?: boolean;
  /** Of a supervisor that is alive. */
  readonly children?: readonly BareChildStatus[];
}

/** A child as it stands, with what its events have told, and those below it. */
export interface ChildStatus extends BareChildStatus {
  /** How often it was started again, by its supervisor or on request. */
  readonly restarts: number;
  /** Since when it is in that state, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** When it is to be started again, if it is restarting or cools down in quarantine. */
  readonly until?: number | undefined;
  /** `false`: its readiness probe fails, or, of a supervisor, not all of its children have been ready. */
  readonly ready?: boolean | undefined;
  /** Of one whose readiness probe fails. */
  readonly notReady?: NotReady | undefined;
  /** Of a sidecar that is stopping: the step of its stop sequence, such as `SIGTERM`. */
  readonly step?: string | undefined;
  /** Of its process, while there is one. */
  readonly pid?: number | undefined;
  /** How its last incarnation ended. */
  readonly lastExit?: LastExit | undefined;
  /** Of a supervisor that is alive. */
  readonly children?: readonly ChildStatus[];
}

/** All children of a tree, each before those below it. */
export function allOf(children: readonly ChildStatus[]): readonly ChildStatus[] {
  return children.flatMap((child) => [child, ...allOf(child.children ?? [])]);
}

/** The child at that path, if there is one. */
export function childAt(children: readonly ChildStatus[], path: string): ChildStatus | undefined {
  for (const child of children) {
    if (child.path === path) return child;
    const below = path.startsWith(`${child.path}/`) ? childAt(child.children ?? [], path) : undefined;
    if (below !== undefined) return below;
  }
}

/** Those without children of their own, of which nothing is below. */
export function leavesOf(children: readonly ChildStatus[]): readonly ChildStatus[] {
  return allOf(children).filter((child) => child.children === undefined);
}

/** How many children a supervisor has. */
export interface ChildCount {
  /** All that it knows, whether they run or not. */
  readonly specs: number;
  /** Those with an incarnation: starting, running or stopping. */
  readonly active: number;
  /** All supervisors that it knows, whether they run or not. */
  readonly supervisors: number;
  /** All other children that it knows, whether they run or not. */
  readonly workers: number;
}

/** Counts children as they stand. */
export function countOf(children: readonly Pick<ChildStatus, "type" | "state">[]): ChildCount {
  const supervisors = children.filter(({ type }) => type === "supervisor").length;
  return {
    specs: children.length,
    active: children.filter(({ state }) => ACTIVE.includes(state)).length,
    supervisors,
    workers: children.length - supervisors,
  };
}

const ACTIVE: readonly ChildState[] = ["starting", "running", "stopping"];
