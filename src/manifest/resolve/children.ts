/**
 * The children and programs of a manifest, with their paths in its tree.
 */

import { pathOf } from "../../supervision/child_path.ts";
import type { LogEntry } from "../../options/types.ts";
import type { CopyEntry, Entry, Manifest, PoolEntry, SidecarEntry, TemplateEntry } from "../fields/types.ts";

/** A sidecar of a manifest, and its path in the tree; for a pool, the program of its copies, and the pool's path. */
export interface PlacedSidecar {
  readonly path: string;
  readonly entry: SidecarEntry | CopyEntry;
}

/** The common part of a sidecar, a pool's copy and a template: the program, and all but its arguments. */
export type ProgramEntry = Omit<CopyEntry, "args" | "on">;

/** A sidecar or a template of a manifest, and how to name it. */
export interface PlacedProgram {
  readonly path: string;
  readonly entry: SidecarEntry | CopyEntry | TemplateEntry;
}

/** A manifest as `outrider up` runs it: it starts no template, so they are to cost nothing. */
export function withoutTemplates({ templates: _, ...manifest }: Manifest): Manifest {
  return manifest;
}

/** All sidecars of a manifest, in start order; a pool counts as one. */
export function sidecarsOf(manifest: Manifest): readonly PlacedSidecar[] {
  return childrenWithPaths(manifest).flatMap(({ path, entry }) =>
    "children" in entry ? [] : [{ path, entry: programOf(entry) }]
  );
}

/** A log of a manifest; `of`: the path of the child whose it is, with those below it. */
export type PlacedLog = LogEntry & { readonly of?: string | undefined };

/** All logs of a manifest: the tree's first. */
export function logsOf(manifest: Manifest): readonly PlacedLog[] {
  const own = childrenWithPaths(manifest).flatMap(({ path, entry }) => {
    const { log } = "sidecar" in entry ? entry.sidecar : entry;
    return log === undefined ? [] : [{ ...log, of: path }];
  });
  return manifest.log === undefined ? own : [manifest.log, ...own];
}

/** What a sidecar, or each copy of a pool, runs. */
export function programOf(entry: SidecarEntry | PoolEntry): SidecarEntry | CopyEntry {
  return "sidecar" in entry ? entry.sidecar : entry;
}

/** All programs of a manifest: its sidecars by path, and its templates by id, as `render (template)`. */
export function programsOf(manifest: Manifest): readonly PlacedProgram[] {
  const templates = (manifest.templates ?? []).map((entry) => ({ path: `${entry.id} (template)`, entry }));
  return [...sidecarsOf(manifest), ...templates];
}

/** The paths of all children: supervisors too, and the copies that pools start with. */
export function pathsOf(manifest: Manifest): readonly string[] {
  return childrenWithPaths(manifest).flatMap(({ path, entry }) => [
    path,
    ...("sidecar" in entry
      ? Array.from({ length: entry.min }, (_, index) => pathOf(path, `${index + 1}`))
      : []),
  ]);
}

/** All children of a manifest with their paths, each before its own. */
export function childrenWithPaths(
  { children }: { readonly children: readonly Entry[] },
  parent = "/",
): readonly { readonly path: string; readonly entry: Entry }[] {
  return children.flatMap((entry) => {
    const path = pathOf(parent, entry.id);
    return [{ path, entry }, ...("children" in entry ? childrenWithPaths(entry, path) : [])];
  });
}
