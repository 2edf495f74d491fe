/**
 * Which children of a tree are well, for those who watch it from outside: a service manager, a load balancer, a person.
 */

import { type ChildStatus, leavesOf } from "../supervision/status.ts";

/** A child that is not well, and why. */
export interface Unwell {
  readonly path: string;
  /** A clause, such as `restarting: exit code 1`. */
  readonly why: string;
}

/** How a tree stands. */
export interface Wellness {
  /** How many children without children of their own there are. */
  readonly of: number;
  /** Those that are not well; a job that has ended in order is, and so is a child that was stopped by hand. */
  readonly unwell: readonly Unwell[];
}

/** Looks at all children without children of their own. */
export function wellnessOf(children: readonly ChildStatus[]): Wellness {
  const leaves = leavesOf(children);
  return { of: leaves.length, unwell: leaves.flatMap(unwellness) };
}

/** `18 of 20 well`. */
export function wellnessText({ of, unwell }: Wellness): string {
  return `${of - unwell.length} of ${of} well`;
}

function unwellness({ path, state, ready, lastExit }: ChildStatus): Unwell[] {
  const failed = lastExit !== undefined && lastExit.how !== "stopped" && lastExit.death.kind !== "completed";
  const why = failed && lastExit.message !== undefined ? `: ${lastExit.message}` : "";
  if (state === "running") return ready === false ? [{ path, why: "its readiness probe fails" }] : [];
  if (state === "stopped") return failed ? [{ path, why: `it has failed${why}` }] : [];
  return [{ path, why: `${state}${why}` }];
}
