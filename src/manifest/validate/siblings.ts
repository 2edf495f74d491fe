/**
 * Rules that join a child to its siblings and to its supervisor: the order of starts, and significance.
 * Like those of `rules.ts` they read the value as it is written.
 */

import { type Dependent, isElsewhere, surveyDependencies } from "../../supervision/dependencies.ts";
import { type AutoShutdown, mayBeSignificant } from "../../supervision/restart/strategy.ts";
import { neverCompleted } from "./completion.ts";
import { type Lists, nameOf, type Placed, placedIn } from "./placed.ts";
import type { ManifestIssue } from "../issue.ts";
import { PRESETS } from "../../options/presets.ts";
import type { PresetName } from "../../options/types.ts";
import { restartTypeIn } from "../../options/fields/restart.ts";
import { nearestKey, quote } from "../../text/words.ts";

type Path = readonly PropertyKey[];
type Value = Readonly<Record<string, unknown>>;

/** Finds the faults between the children of `supervisor`, which are the last of `lists`. */
export function siblingIssues(supervisor: Value, lists: Lists, defaults: PresetName): ManifestIssue[] {
  const placed = lists.at(-1) ?? [];
  return [
    ...placed.flatMap(({ child, at }) => badlySignificant(child, supervisor.autoShutdown, at)),
    ...startedByHand(placed, supervisor, defaults),
    ...badDependencies(lists),
    ...neverCompleted(lists),
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

function badDependencies(lists: Lists): ManifestIssue[] {
  const paths = new Map<object, Path>();
  const dependents = (lists.at(-1) ?? []).flatMap((one) => dependentOf(one, paths));
  const isRoot = lists.length === 1;
  let compared = 0;
  return surveyDependencies(dependents, isRoot).faults.map(({ code, child, dependency, cycle, among }) => {
    const path = paths.get(dependency)!;
    const { id } = dependency;
    if (id === child.id) return { path, message: "it can't start after itself" };
    if (code === "dependency_cycle") {
      const why = isElsewhere(id) || cycle.length === 2
        ? "; a group starts after what its members start after"
        : "";
      return { path, message: `each waits for the next: ${cycle.join(" → ")}${why}` };
    }
    if (among === undefined) return { path, message: `${quote(id)} leads out of the tree` };
    // Each is compared with all: more than a few would take minutes, and are not read.
    const near = compared++ < MAX_COMPARED
      ? nameOf(id, lists) ?? nearestName(id, among.map(({ id }) => id).filter((id) => id !== child.id))
      : undefined;
    return {
      path,
      message: isElsewhere(id) ? `there is no child ${quote(id)}` : `it has no sibling ${quote(id)}`,
      ...(near === undefined ? {} : { hint: `did you mean ${quote(near)}?` }),
    };
  });
}

/** A name in an `after` with its last step as the nearest of those that are there. */
function nearestName(name: string, ids: readonly string[]): string | undefined {
  const cut = name.lastIndexOf("/") + 1;
  const near = nearestKey(name.slice(cut), ids);
  return near === undefined ? undefined : `${name.slice(0, cut)}${near}`;
}

/** A child as written, and those below it; `paths` gets where each of its dependencies stands. */
function dependentOf({ child, at }: Placed, paths: Map<object, Path>): Dependent[] {
  if (typeof child.id !== "string") return [];
  const written = Array.isArray(child.after) ? child.after : undefined;
  const after = written?.flatMap((one: unknown, index) => {
    const id = typeof one === "object" && one !== null && "id" in one ? one.id : one;
    if (typeof id !== "string") return [];
    const dependency = { id };
    paths.set(dependency, [...at, "after", index, ...(id === one ? [] : ["id"])]);
    return [dependency];
  });
  const children = placedIn(child.children, at).flatMap((one) => dependentOf(one, paths));
  return [{ id: child.id, after, children }];
}
