/**
 * The longest that stopping a tree may take: the way through all stops, one behind the other where children stop in turn,
 * the longest of them where they stop side by side. Of specs and of manifests alike.
 */

import type { ChildSpec } from "./child_spec.ts";
import { haveDependencies, siblingsBefore, surveyDependencies } from "./dependencies.ts";

/** What of a child says how long it may take to stop. */
export interface Stopping {
  readonly id: string;
  readonly after?: readonly { readonly id: string }[] | undefined;
  /** Milliseconds that it may take itself; of a supervisor 0. */
  readonly own: number;
  /** Those below it. */
  readonly children: readonly Stopping[];
  /** Whether these have no order: copies of a pool, or children of a dynamic supervisor. */
  readonly isUnordered: boolean;
}

/** Milliseconds; `Infinity` where a child may take for ever. */
export function longestStop({ own, children, isUnordered }: Stopping): number {
  if (isUnordered) return own + Math.max(0, ...children.map(longestStop));
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
  return Math.max(0, ...ways.values());
}

/** What a spec, with those below it, says about that. */
export function stoppingOfSpec(
  { id, after, type, shutdown, children, supervises, takesMessages }: ChildSpec,
): Stopping {
  const isWorker = type === "worker";
  const own = !isWorker || shutdown === "brutal_kill" ? 0 : shutdown === "infinity" ? Infinity : shutdown;
  const isUnordered = takesMessages === true || supervises?.maxChildren !== undefined;
  return { id, after, own, children: children.map(stoppingOfSpec), isUnordered };
}
