/**
 * The part of a manifest that one child needs. Pure.
 */

import type { Entry, Manifest } from "../fields/types.ts";

/**
 * The manifest reduced to the child at `path`, its supervisors, and all that starts before any of these, without
 * templates or a guardian: where a list of children has an `after`, those that it names, and those that they name; in
 * any other list, in which each child starts when the one before is ready, all that stand before it. `undefined`:
 * there is no such child.
 */
export function subsetFor(manifest: Manifest, path: string): Manifest | undefined {
  const { templates: _, ...rest }: Manifest = { ...manifest, onHostDeath: "eof" };
  const children = childrenFor(manifest.children, path.split("/"));
  return children && { ...rest, children };
}

/** The same manifest for a caller who waits: a child that can't start, or fails too often, ends the tree. */
export function failingFast<Group extends { readonly children: readonly Entry[] }>(group: Group): Group {
  const children = group.children.map((child) => "children" in child ? failingFast(child) : child);
  return { ...group, children, onLimit: "escalate", onStartFailure: "rollback" };
}

function childrenFor(children: readonly Entry[], [id, ...below]: readonly string[]): Entry[] | undefined {
  const wanted = children.find((child) => child.id === id);
  if (wanted === undefined) return undefined;
  let kept = wanted;
  if (below.length > 0) {
    const inner = "children" in wanted ? childrenFor(wanted.children, below) : undefined;
    if (inner === undefined) return undefined;
    kept = { ...wanted, children: inner } as Entry;
  }
  const needed = before(children, wanted);
  return children.flatMap((child) => child === wanted ? [kept] : needed.has(child) ? [child] : []);
}

/** The siblings that start before `wanted`. */
function before(children: readonly Entry[], wanted: Entry): ReadonlySet<Entry> {
  if (children.every(({ after }) => after === undefined)) {
    return new Set(children.slice(0, children.indexOf(wanted)));
  }
  const byId = new Map(children.map((child) => [child.id, child]));
  const found = new Set<Entry>();
  const open = [wanted];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { id } of next.after ?? []) {
      const sibling = byId.get(id);
      if (sibling === undefined || found.has(sibling)) continue;
      found.add(sibling);
      open.push(sibling);
    }
  }
  return found;
}
