/**
 * Which children of a tree are well, for those who watch it from outside: a service manager, a load balancer, a person.
 */

import { type ChildStatus, leavesOf, type NotReady } from "../supervision/status.ts";
import { formatDuration } from "../text/words.ts";

/** A child that is not well, and why. */
export interface Unwell {
  readonly path: string;
  /** In a word or two, such as `restarting`. */
  readonly state: string;
  /** A clause with all that is known, such as `restarting in 4 s: the process of 'web' exited with code 1`. */
  readonly why: string;
}

/** How a tree stands. */
export interface Wellness {
  /** How many children without children of their own there are. */
  readonly of: number;
  /** Those that are not well; a job that has ended in order is, and so is a child that was stopped by hand. */
  readonly unwell: readonly Unwell[];
}

/** Looks at all children without children of their own, at `now`, in milliseconds since 1970. */
export function wellnessOf(children: readonly ChildStatus[], now: number): Wellness {
  const leaves = leavesOf(children);
  return { of: leaves.length, unwell: leaves.flatMap((leaf) => unwellness(leaf, now)) };
}

/** What a readiness probe got, and for how long it has failed. */
export function notReadyText({ since, why }: NotReady, now: number): string {
  return `its readiness probe has failed for ${formatDuration(Math.max(0, now - since))}: ${why}`;
}

/** `18 of 20 well`. */
export function wellnessText({ of, unwell }: Wellness): string {
  return `${of - unwell.length} of ${of} well`;
}

function unwellness(child: ChildStatus, now: number): Unwell[] {
  const { path, state, ready, notReady, lastExit } = child;
  const failed = lastExit !== undefined && lastExit.how !== "stopped" && lastExit.death.kind !== "completed";
  const cause = failed && lastExit.message !== undefined ? `: ${lastExit.message}` : "";
  if (state === "running") {
    if (ready !== false) return [];
    const why = notReady === undefined ? "its readiness probe fails" : notReadyText(notReady, now);
    return [{ path, state: "not ready", why }];
  }
  if (state === "stopped") return failed ? [{ path, state: "failed", why: `it has failed${cause}` }] : [];
  return [{ path, state, why: `${state}${whatNext(child, now)}${cause}` }];
}

/** What one that does not run waits for. */
function whatNext({ state, until, waitsFor }: ChildStatus, now: number): string {
  if (waitsFor !== undefined) return waitsFor.length === 0 ? " for its turn" : ` for ${waitsFor.join(", ")}`;
  if (state === "quarantined" && until === undefined) return " until it is started by hand";
  if (until === undefined || until <= now) return "";
  const left = formatDuration(until - now);
  return state === "quarantined" ? `, tried again in ${left}` : ` in ${left}`;
}
