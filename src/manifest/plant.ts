/**
 * From a manifest to the child specs of its tree. Pure: nothing starts here.
 *
 * How a sidecar becomes an actor is not this layer's to know: `kinds` says it.
 *
 * @module
 */

import { pathOf } from "../supervision/child_spec.ts";
import type { ChildSpec } from "../supervision/child_spec.ts";
import { supervisor } from "../supervision/supervisor_spec.ts";
import type { Entry, Manifest, SidecarEntry, TemplateEntry } from "./entries.ts";

/** From each kind of entry to the actor that it stands for; `@outrider/outrider/actors/kinds` has the table. */
export interface Kinds {
  /** A program to run. */
  readonly sidecar: (entry: SidecarEntry) => ChildSpec;
}

/**
 * The root supervisor of a manifest, for `start` or `run`. `more` are children of
 * your own, started after those of the manifest.
 */
export function plant(manifest: Manifest, kinds: Kinds, more: readonly ChildSpec[] = []): ChildSpec {
  const { name, children, strategy, intensity, onLimit, autoShutdown } = manifest;
  return supervisor(name, [...children.map((child) => plantEntry(child, kinds)), ...more], {
    strategy,
    intensity,
    onLimit,
    autoShutdown,
  });
}

function plantEntry(entry: Entry, kinds: Kinds): ChildSpec {
  if (!("children" in entry)) return kinds.sidecar(entry);
  const { id, children, ...options } = entry;
  return supervisor(id, children.map((child) => plantEntry(child, kinds)), options);
}

/** A sidecar of a manifest, and its path in the tree. */
export interface PlacedSidecar {
  readonly path: string;
  readonly entry: SidecarEntry;
}

/** A sidecar or a template of a manifest, and how to name it. */
export interface PlacedProgram {
  readonly path: string;
  readonly entry: SidecarEntry | TemplateEntry;
}

/** All sidecars of a manifest, in start order. */
export function sidecarsOf(manifest: Manifest): readonly PlacedSidecar[] {
  return placed(manifest).flatMap(({ path, entry }) => "children" in entry ? [] : [{ path, entry }]);
}

/** All programs of a manifest: its sidecars by path, and its templates by id, as `render (template)`. */
export function programsOf(manifest: Manifest): readonly PlacedProgram[] {
  const templates = (manifest.templates ?? []).map((entry) => ({ path: `${entry.id} (template)`, entry }));
  return [...sidecarsOf(manifest), ...templates];
}

/** The paths of all children, supervisors too. */
export function pathsOf(manifest: Manifest): readonly string[] {
  return placed(manifest).map(({ path }) => path);
}

function placed(
  { children }: { readonly children: readonly Entry[] },
  parent = "/",
): { path: string; entry: Entry }[] {
  return children.flatMap((entry) => {
    const path = pathOf(parent, entry.id);
    return [{ path, entry }, ...("children" in entry ? placed(entry, path) : [])];
  });
}
