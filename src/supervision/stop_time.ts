/**
 * The longest that stopping a tree may take: the way through all stops, one behind the other where children stop in turn,
 * the longest of them where they stop side by side. Of specs and of manifests alike.
 */

import type { ChildSpec } from "./child_spec.ts";
import { haveDependencies, siblingsBefore, surveyDependencies } from "./dependencies.ts";

/** What of a child says how long it may take to stop. */
export interface Stopping {
  /** Its id, as its siblings know it. */
  readonly id: string;
  /** What it starts after, and so stops before. */
  readonly after?: readonly { readonly id: string }[] | undefined;
  /** Milliseconds that it may take itself, until nothing of it is left; of a supervisor 0. */
  readonly own: number;
  /** Milliseconds of that until it is ended by force. */
  readonly steps: number;
  /** Those below it. */
  readonly children: readonly Stopping[];
  /** Whether these have no order: copies of a pool, or children of a dynamic supervisor. */
  readonly isUnordered: boolean;
}

/** How long a child may take to stop, by its spec; `below`: those below it, by default those that it starts with. */
export function stoppingOfSpec(
  { id, after, type, shutdown, timeToForce, children, supervises, takesMessages }: ChildSpec,
  below: readonly Stopping[] = children.map((child) => stoppingOfSpec(child)),
): Stopping {
  const isWorker = type === "worker";
  const own = !isWorker || shutdown === "brutal_kill" ? 0 : shutdown === "infinity" ? Infinity : shutdown;
  const isUnordered = takesMessages === true || supervises?.maxChildren !== undefined;
  return { id, after, own, steps: timeToForce ?? own, children: below, isUnordered };
}

/** Milliseconds; `Infinity` where a child may take for ever. */
export function longestStop({ own, children, isUnordered }: Stopping): number {
  if (isUnordered) return own + longestOf(children.map(longestStop));
  if (haveDependencies(children)) return own + longestChain(children);
  return children.reduce((total, child) => total + longestStop(child), own);
}

/** A child stops when those that depend on it, or have a member that does, have. */
function longestChain(children: readonly Stopping[]): number {
  const ways = new Map<string, number>();
  for (const child of surveyDependencies(children).ordered.toReversed()) {
    const way = (ways.get(child.id) ?? 0) + longestStop(child);
    for (const id of siblingsBefore(child)) ways.set(id, Math.max(ways.get(id) ?? 0, way));
    ways.set(child.id, way);
  }
  return longestOf([...ways.values()]);
}

/** The longest of these times, 0 of none; `Math.max` takes some 100,000 at most, and a supervisor may have more children. */
export function longestOf(times: readonly number[]): number {
  return times.reduce((longest, time) => Math.max(longest, time), 0);
}
