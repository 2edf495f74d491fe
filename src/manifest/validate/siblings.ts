/**
 * Rules that join a child to its siblings and to its supervisor: the order of starts, and significance.
 * Like those of `rules.ts` they read the value as it is written.
 */

import { surveyDependencies } from "../../supervision/dependencies.ts";
import { type AutoShutdown, mayBeSignificant } from "../../supervision/strategy.ts";
import { neverCompleted, type Placed } from "./completion.ts";
import type { ManifestIssue } from "../issue.ts";
import { PRESETS } from "../../options/presets.ts";
import type { PresetName } from "../../options/types.ts";
import { restartTypeIn } from "../../options/fields/supervision.ts";
import { nearestKey, quote } from "../../text/words.ts";

type Path = readonly PropertyKey[];
type Value = Readonly<Record<string, unknown>>;

/** Finds the faults between the `children` of `supervisor`, which is at `path`. */
export function siblingIssues(
  supervisor: Value,
  children: readonly unknown[],
  { path, defaults }: { readonly path: Path; readonly defaults: PresetName },
): ManifestIssue[] {
  const placed = children.flatMap((child, index) =>
    typeof child === "object" && child !== null
      ? [{ child: child as Value, at: [...path, "children", index] }]
      : []
  );
  return [
    ...placed.flatMap(({ child, at }) => badlySignificant(child, supervisor.autoShutdown, at)),
    ...startedByHand(placed, supervisor, defaults),
    ...badDependencies(placed),
    ...neverCompleted(placed),
  ];
}

function badlySignificant(child: Value, written: unknown, at: Path): ManifestIssue[] {
  const restart = restartTypeIn(child.restart);
  const autoShutdown = AUTO_SHUTDOWNS.find((known) => known === (written ?? "never"));
  // An invalid restart type or autoShutdown is a fault of its own.
  if (child.significant !== true || restart === undefined || autoShutdown === undefined) return [];
  if (mayBeSignificant({ significant: true, restart }, autoShutdown)) return [];
  const path = [...at, "significant"];
  return autoShutdown === "never"
    ? [{
      path,
      message: "its supervisor never shuts down by itself",
      hint: `set the supervisor's "autoShutdown" to "any_significant" or "all_significant"`,
    }]
    : [{
      path,
      message: "a permanent child, which is always started again, can't be significant",
      hint: `set "restart" to "transient" or "temporary"`,
    }];
}

/** Where a first start is all or nothing, none can be left out of it. */
function startedByHand(
  placed: readonly Placed[],
  { onStartFailure }: Value,
  defaults: PresetName,
): ManifestIssue[] {
  const written = onStartFailure ?? PRESETS[defaults].supervisor.onStartFailure;
  if (written !== "rollback") return [];
  return placed.filter(({ child }) => child.start === false).map(({ at }) => ({
    path: [...at, "start"],
    message: `it needs "onStartFailure": "retry" of its supervisor`,
    hint: `set that, or leave out "start"`,
  }));
}

/** Dependencies that are compared with the siblings there are. */
const MAX_COMPARED = 50;

const AUTO_SHUTDOWNS: readonly AutoShutdown[] = ["never", "any_significant", "all_significant"];

function badDependencies(placed: readonly Placed[]): ManifestIssue[] {
  const paths = new Map<object, Path>();
  const dependents = placed.flatMap(({ child, at }) => {
    if (typeof child.id !== "string") return [];
    const after = Array.isArray(child.after) ? child.after : [];
    const dependencies = after.flatMap((one: unknown, index) => {
      const id = typeof one === "object" && one !== null && "id" in one ? one.id : one;
      if (typeof id !== "string") return [];
      const dependency = { id };
      paths.set(dependency, [...at, "after", index, ...(id === one ? [] : ["id"])]);
      return [dependency];
    });
    return [{ id: child.id, after: dependencies }];
  });
  const ids = dependents.map(({ id }) => id);
  let compared = 0;
  return surveyDependencies(dependents).faults.map(({ code, child, dependency, cycle }) => {
    const path = paths.get(dependency)!;
    if (dependency.id === child.id) return { path, message: "it can't start after itself" };
    if (code === "dependency_cycle") {
      return { path, message: `each waits for the next: ${cycle.join(" → ")}` };
    }
    // Each is compared with all: more than a few would take minutes, and are not read.
    const near = compared++ < MAX_COMPARED
      ? nearestKey(dependency.id, ids.filter((id) => id !== child.id))
      : undefined;
    return {
      path,
      message: `it has no sibling ${quote(dependency.id)}`,
      ...(near === undefined ? {} : { hint: `did you mean ${quote(near)}?` }),
    };
  });
}
