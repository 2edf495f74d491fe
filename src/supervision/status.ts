/**
 * The children of a supervisor as they stand, for programs and operators.
 *
 * @module
 */

import type { ChildState } from "./child_state.ts";

/** A child as it stands, and those below it. */
export interface ChildStatus {
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
  /** Of a supervisor that is alive. */
  readonly children?: readonly ChildStatus[];
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
export function countOf(children: readonly ChildStatus[]): ChildCount {
  const supervisors = children.filter(({ type }) => type === "supervisor").length;
  return {
    specs: children.length,
    active: children.filter(({ state }) => ACTIVE.includes(state)).length,
    supervisors,
    workers: children.length - supervisors,
  };
}

const ACTIVE: readonly ChildState[] = ["starting", "running", "stopping"];
