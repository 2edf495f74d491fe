/**
 * The part of a manifest that one child needs. Pure.
 */

import { pathNamed, pathOf } from "../../supervision/child_path.ts";
import { haveDependencies, namedBy } from "../../supervision/dependencies.ts";
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
 * The manifest reduced to the children at `paths`, their supervisors, and all that starts before any of these: what their
 * `after` names, here or in other groups, and what those name; in a list in which no `after` counts, where each child
 * starts when the one before is ready, all that stand before it. They start by themselves, whatever their
 * `start` says. `undefined`: one of them is not there.
 */
export function partFor(manifest: Manifest, paths: readonly string[]): Manifest | undefined {
  const whole = new Set<string>();
  const open = [...paths];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (whole.has(path)) continue;
    whole.add(path);
    const before = startsBefore(manifest.children, path);
    if (before === undefined) return undefined;
    open.push(...before);
  }
  return { ...manifest, children: keptOf(manifest.children, whole) };
}

/** The same manifest for a caller who waits: a child that can't start, or fails too often, ends the tree. */
export function failingFast<Group extends { readonly children: readonly Entry[] }>(group: Group): Group {
  const children = group.children.map((child): Entry => {
    if ("children" in child) return started(failingFast(child));
    return started("sidecar" in child ? { ...child, onStartFailure: "rollback" } : child);
  });
  return { ...group, children, onLimit: "escalate", onStartFailure: "rollback" };
}

/** The paths of what starts before the child at `path`, as far as it or a group that it is in says so. */
function startsBefore(root: readonly Entry[], path: string): readonly string[] | undefined {
  const found: string[] = [];
  const ids = path.split("/");
  let children: readonly Entry[] | undefined = root;
  for (const [depth, id] of ids.entries()) {
    const parent = ids.slice(0, depth).join("/") || "/";
    const child: Entry | undefined = children?.find((child) => child.id === id);
    if (child === undefined) return undefined;
    const named = depth === ids.length - 1 ? namedBy(child) : (child.after ?? []).map(({ id }) => id);
    const isInOrder = !haveDependencies(children!);
    const before = isInOrder ? children!.slice(0, children!.indexOf(child)).map(({ id }) => id) : [];
    found.push(...[...named, ...before].flatMap((name) => pathNamed(parent, name) ?? []));
    children = "children" in child ? child.children : undefined;
  }
  return found;
}

/** Those that are wanted, whole or in part. */
function keptOf(children: readonly Entry[], whole: ReadonlySet<string>, parent = "/"): Entry[] {
  return children.flatMap((child): Entry[] => {
    const path = pathOf(parent, child.id);
    if (whole.has(path)) return [started(child)];
    const inner = "children" in child ? keptOf(child.children, whole, path) : [];
    return inner.length === 0 ? [] : [started({ ...child, children: inner } as Entry)];
  });
}

function started(child: Entry): Entry {
  if (child.start === undefined) return child;
  const { start: _, ...rest } = child;
  return rest;
}
