/**
 * The part of a manifest that one child needs. Pure.
 */

import type { Entry, Manifest } from "../fields/types.ts";

/**
 * The manifest reduced to the child at `path`, its supervisors, and all that starts before any of these, without
 * templates or a guardian. `undefined`: there is no such child.
 */
export function subsetFor(manifest: Manifest, path: string): Manifest | undefined {
  const { templates: _, ...rest }: Manifest = { ...manifest, onHostDeath: "eof" };
  return partFor(rest, [path]);
}

/**
 * The manifest reduced to the children at `paths`, their supervisors, and all that starts before any of these: where a
 * list of children has an `after`, those that it names, and those that they name; in any other list, in which each child
 * starts when the one before is ready, all that stand before it. They start by themselves, whatever their `start` says.
 * `undefined`: one of them is not there.
 */
export function partFor(manifest: Manifest, paths: readonly string[]): Manifest | undefined {
  const children = childrenFor(manifest.children, paths.map((path) => path.split("/")));
  return children && { ...manifest, children };
}

/** The same manifest for a caller who waits: a child that can't start, or fails too often, ends the tree. */
export function failingFast<Group extends { readonly children: readonly Entry[] }>(group: Group): Group {
  const children = group.children.map((child) => started("children" in child ? failingFast(child) : child));
  return { ...group, children, onLimit: "escalate", onStartFailure: "rollback" };
}

function childrenFor(children: readonly Entry[], paths: readonly (readonly string[])[]): Entry[] | undefined {
  const kept = new Map<Entry, Entry>();
  const wanted = Map.groupBy(paths, ([id]) => children.find((child) => child.id === id));
  for (const [child, paths] of wanted) {
    if (child === undefined) return undefined;
    const below = paths.map(([, ...rest]) => rest);
    if (below.some((rest) => rest.length === 0)) kept.set(child, started(child));
    else {
      const inner = "children" in child ? childrenFor(child.children, below) : undefined;
      if (inner === undefined) return undefined;
      kept.set(child, started({ ...child, children: inner } as Entry));
    }
  }
  // What starts before one of them is started whole, also where it is wanted in part.
  for (const child of wanted.keys()) {
    for (const other of before(children, child!)) kept.set(other, started(other));
  }
  return children.flatMap((child) => kept.get(child) ?? []);
}

function started(child: Entry): Entry {
  if (child.start === undefined) return child;
  const { start: _, ...rest } = child;
  return rest;
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
