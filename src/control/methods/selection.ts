/**
 * Which children a request names, and in which order it acts on them. Pure.
 */

import { splitPath } from "../../supervision/child_path.ts";
import { type ChildSpec, specsBelow } from "../../supervision/child_spec.ts";
import type { ControlAction } from "../protocol.ts";

/** All children of the root. */
const ALL = "all";

/** What was found: the paths that are named, none below another, in start order; and the patterns that name none. */
export interface Selection {
  readonly paths: readonly string[];
  readonly unmatched: readonly string[];
}

/** Finds the children that `patterns` name among `known`, all paths in start order. */
export function select(patterns: readonly string[], known: readonly string[]): Selection {
  const found = new Set<string>();
  const unmatched = patterns.filter((pattern) => {
    const matched = known.includes(pattern) ? [pattern] : known.filter(matcherOf(pattern));
    for (const path of matched) found.add(path);
    return matched.length === 0;
  });
  const paths = known.filter((path) => found.has(path) && !hasAncestor(path, found));
  return { paths, unmatched };
}

/** Whether `patterns` name the child at `path`, which need not be there yet, or one above it. */
export function isNamedBy(patterns: readonly string[], path: string): boolean {
  const parts = path.split("/");
  const line = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  return select(patterns, line).paths.length > 0;
}

/** In a pattern, `*` stands for any part of an id; `all` for all children of the root. */
function matcherOf(pattern: string): (path: string) => boolean {
  if (pattern === ALL) return (path) => !path.includes("/");
  if (!pattern.includes("*")) return () => false;
  const escaped = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const whole = new RegExp(`^${escaped.join("[^/]*")}$`);
  return (path) => whole.test(path);
}

function hasAncestor(path: string, among: ReadonlySet<string>): boolean {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    if (among.has(path.slice(0, at))) return true;
  }
  return false;
}

/** The siblings that each of `paths` waits for; those that start side by side wait for none. */
export function orderOf(
  action: ControlAction,
  paths: readonly string[],
  root: ChildSpec,
): ReadonlyMap<string, readonly string[]> {
  const specs = new Map(specsBelow(root));
  const before = new Map<string, string[]>();
  for (const [parent, siblings] of Map.groupBy(paths, (path) => splitPath(path).parent)) {
    const { children = [] } = parent === "/" ? root : specs.get(parent) ?? {};
    const areSorted = children.some(({ after }) => after !== undefined);
    for (const [index, path] of siblings.entries()) {
      const named = (specs.get(path)?.after ?? []).map(({ id }) => parent === "/" ? id : `${parent}/${id}`);
      before.set(
        path,
        areSorted ? siblings.filter((other) => named.includes(other)) : siblings.slice(0, index),
      );
    }
  }
  if (action !== "stop") return before;
  // Stops mirror starts.
  return new Map(paths.map((path) => [path, paths.filter((other) => before.get(other)!.includes(path))]));
}

/** The paths of the siblings that start after the child at `path`. */
export function dependentsOf(path: string, root: ChildSpec): readonly string[] {
  const { parent, id } = splitPath(path);
  return [...specsBelow(root)].flatMap(([other, { after = [] }]) =>
    splitPath(other).parent === parent && after.some((named) => named.id === id) ? [other] : []
  );
}
