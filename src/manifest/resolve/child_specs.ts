/**
 * From a manifest to the child specs of its tree. Pure: nothing starts here.
 *
 * How a sidecar becomes an actor is not this layer's to know: `factories` say it.
 */

import type { ChildSpec } from "../../supervision/child_spec.ts";
import { supervisor } from "../../supervision/supervisor_spec.ts";
import type { Entry, Manifest, PoolEntry, SidecarEntry } from "../fields/types.ts";

/** From each kind of entry to the actor that it stands for; `@outrider/outrider/actors/factories` has the table. */
export interface ChildFactories {
  /** A program to run. */
  readonly sidecar: (entry: SidecarEntry) => ChildSpec;
  /** Copies of a program behind one address. */
  readonly pool: (entry: PoolEntry) => ChildSpec;
}

/**
 * The root supervisor of a manifest, for `start` or `launch`. `more` are children of
 * your own, started after those of the manifest.
 */
export function buildTree(
  manifest: Manifest,
  factories: ChildFactories,
  more: readonly ChildSpec[] = [],
): ChildSpec {
  const { name, children, strategy, intensity, onLimit, onStartFailure, autoShutdown } = manifest;
  return supervisor(name, [...children.map((child) => buildChildSpec(child, factories)), ...more], {
    strategy,
    intensity,
    onLimit,
    onStartFailure,
    autoShutdown,
  });
}

function buildChildSpec(entry: Entry, factories: ChildFactories): ChildSpec {
  const { start = true, description } = entry;
  return {
    ...specOf(entry, factories),
    ...!start && { startsByHand: true },
    ...description !== undefined && { description },
  };
}

function specOf(entry: Entry, factories: ChildFactories): ChildSpec {
  if ("sidecar" in entry) return factories.pool(entry);
  if (!("children" in entry)) return factories.sidecar(entry);
  const { id, children, log: _log, start: _start, description: _description, ...options } = entry;
  return supervisor(id, children.map((child) => buildChildSpec(child, factories)), options);
}
