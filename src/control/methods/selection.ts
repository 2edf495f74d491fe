/**
 * Which children a request names, and in which order it acts on them. Pure.
 */

import { pathNamed, splitPath } from "../../supervision/child_path.ts";
import { type ChildSpec, specsBelow } from "../../supervision/child_spec.ts";
import { haveDependencies, namedBy } from "../../supervision/dependencies.ts";
import { fitsParts } from "../../text/wildcards.ts";
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
  const ids = pattern.split("/").map((id) => [...id]);
  return (path) => {
    const found = path.split("/");
    return found.length === ids.length &&
      ids.every((id, index) =>
        fitsParts(id, [...found[index]!], (part) => part === "*", (part, char) => part === char)
      );
  };
}

function hasAncestor(path: string, among: ReadonlySet<string>): boolean {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    if (among.has(path.slice(0, at))) return true;
  }
  return false;
}

/** Those of `paths` that each of them waits for; those that start side by side wait for none. */
export function orderOf(
  action: ControlAction,
  paths: readonly string[],
  root: ChildSpec,
): ReadonlyMap<string, readonly string[]> {
  const specs = new Map(specsBelow(root));
  const before = new Map<string, string[]>();
  for (const [parent, siblings] of Map.groupBy(paths, (path) => splitPath(path).parent)) {
    const { children = [] } = parent === "/" ? root : specs.get(parent) ?? {};
    const inOrder = !haveDependencies(children);
    for (const [index, path] of siblings.entries()) {
      const named = pathsNamedBy(path, specs.get(path));
      const isNamed = (other: string) =>
        named.some((one) => isAtOrBelow(one, other) || isAtOrBelow(other, one));
      const others = inOrder ? paths.filter((other) => !siblings.includes(other)) : paths;
      before.set(path, [...inOrder ? siblings.slice(0, index) : [], ...others.filter(isNamed)]);
    }
  }
  if (action !== "stop") return before;
  // Stops mirror starts.
  return new Map(paths.map((path) => [path, paths.filter((other) => before.get(other)!.includes(path))]));
}

/** The paths of what the child at `path`, or a member of it, names in its `after`, outside of itself. */
function pathsNamedBy(path: string, spec: ChildSpec | undefined): readonly string[] {
  if (spec === undefined) return [];
  return namedBy(spec).flatMap((name) => pathNamed(splitPath(path).parent, name) ?? []);
}

function isAtOrBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}

/** The paths of the children that start after the one at `path`, or after one below it from outside of it. */
export function dependentsOf(path: string, root: ChildSpec): readonly string[] {
  return [...specsBelow(root)].flatMap(([other, { after = [] }]) => {
    const named = after.flatMap(({ id }) => pathNamed(splitPath(other).parent, id) ?? []);
    return !isAtOrBelow(other, path) && named.some((one) => isAtOrBelow(one, path)) ? [other] : [];
  });
}
