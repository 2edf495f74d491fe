/**
 * Which child starts after which. An `after` names a sibling by its id, or a child of another group by its path, relative
 * to the list that the child stands in: `../db`, `../infra/db`, `infra/db`.
 *
 * Invariant: a group depends on what its members depend on, and no list has a cycle of such edges. So what depends on a
 * child of another group always stands behind that, or in a list behind that.
 */

import { type Exit, isClean } from "../actor/exit.ts";
import { SupervisionError } from "./supervision_errors.ts";
import type { DependencyCondition } from "../options/types.ts";

export type { Dependency, DependencyCondition } from "../options/types.ts";

/** A child as far as its dependencies are concerned. */
export interface Dependent {
  readonly id: string;
  readonly after?: readonly { readonly id: string }[] | undefined;
  /** Of a group: its members. */
  readonly children?: readonly Dependent[] | undefined;
}

/** What a child, or a member of it, starts after. */
interface Need {
  readonly child: Dependent;
  /** The one of its dependencies, by identity. */
  readonly dependency: { readonly id: string };
  /** Its way from the list that is looked at. */
  readonly steps: readonly string[];
}

export interface DependencyFault {
  readonly code: "unknown_dependency" | "dependency_cycle";
  readonly child: Dependent;
  /** The one of its dependencies, by identity. */
  readonly dependency: { readonly id: string };
  /** Of a cycle: the ids along it, each waiting for the next; the last is the first again. */
  readonly cycle: readonly string[];
  /** Of one that is not there: those that are, where it was looked for; `undefined`, its path leads out of the tree. */
  readonly among: readonly Dependent[] | undefined;
}

/** Whether a name in an `after` is that of a child of another group. */
export function isElsewhere(id: string): boolean {
  return id.includes("/");
}

/** What `child` and its members start after; a path that leads out of the list that it stands in begins with `..`. */
function* needsOf(child: Dependent): IterableIterator<Need> {
  for (const dependency of child.after ?? []) {
    yield { child, dependency, steps: dependency.id.split("/") };
  }
  for (const member of child.children ?? []) {
    for (const { steps: [first, ...steps], ...need } of needsOf(member)) {
      if (first === "..") yield { ...need, steps };
    }
  }
}

/** The paths of what `child` and its members start after, each relative to the list that it stands in. */
export function namedBy(child: Dependent): readonly string[] {
  return [...needsOf(child)].map(({ steps }) => steps.join("/"));
}

/** The ids of the siblings that `child`, or a member of it, starts after, as a whole or in part. */
export function siblingsBefore(child: Dependent): readonly string[] {
  return [...needsOf(child)].flatMap(({ steps: [first] }) => first === ".." ? [] : first ?? []);
}

/**
 * Whether any of `children` names dependencies, or a group of them has a member that starts after one in another: then
 * those without are started at once, and all others as theirs allow.
 */
export function haveDependencies(children: readonly Dependent[]): boolean {
  return children.some((child) => child.after !== undefined || siblingsBefore(child).length > 0);
}

/**
 * `children` such that each comes behind those it depends on, and otherwise in the order given. Paths that lead out of
 * the list are left to those above.
 *
 * @throws {SupervisionError} `unknown_dependency`; `dependency_cycle`, which names the cycle
 */
export function inDependencyOrder<Child extends Dependent>(children: readonly Child[]): readonly Child[] {
  const { ordered, faults: [fault] } = surveyDependencies(children);
  if (fault === undefined) return ordered;
  const { code, child, dependency, cycle, among } = fault;
  if (code === "dependency_cycle") {
    throw new SupervisionError(code, `Cannot start ${cycle.join(" → ")}: each waits for the next`);
  }
  throw SupervisionError.unknownDependency(child.id, dependency.id, among?.map(({ id }) => id));
}

/**
 * The order of {@linkcode inDependencyOrder}, made without those dependencies that are wrong, and what is wrong with
 * them. `isRoot`: nothing is above, so a path that leads out of the list is wrong, too.
 */
export function surveyDependencies<Child extends Dependent>(
  children: readonly Child[],
  isRoot = false,
): { readonly ordered: readonly Child[]; readonly faults: readonly DependencyFault[] } {
  const byId = new Map(children.map((child) => [child.id, child]));
  const ordered = new Set<Child>();
  const faults: DependencyFault[] = [];
  // A way of its own, not that of calls: a manifest may chain ten thousand children.
  const way: { readonly child: Child; readonly needs: Iterator<Need, undefined> }[] = [];
  const onWay = new Map<Child, number>();
  const enter = (child: Child) => {
    if (ordered.has(child)) return;
    onWay.set(child, way.length);
    way.push({ child, needs: needsOf(child) });
  };
  for (const child of children) {
    enter(child);
    for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
      const need = step.needs.next().value;
      if (need === undefined) {
        ordered.add(step.child);
        onWay.delete(step.child);
        way.pop();
        continue;
      }
      const { child, dependency, steps: [first, ...rest] } = need;
      if (first === "..") {
        const fault = { code: "unknown_dependency", child, dependency, cycle: [], among: undefined } as const;
        if (isRoot) faults.push(fault);
        continue;
      }
      const found = byId.get(first!);
      const begin = found && onWay.get(found);
      const among = found === undefined ? children : whereMissing(found, rest);
      if (among !== undefined) {
        faults.push({ code: "unknown_dependency", child, dependency, cycle: [], among });
      } else if (begin === undefined) enter(found!);
      else {
        const cycle = [...way.slice(begin).map(({ child }) => child.id), first!];
        faults.push({ code: "dependency_cycle", child, dependency, cycle, among });
      }
    }
  }
  return { ordered: [...ordered], faults };
}

/** Those that stand where a path below `child` goes wrong; `undefined`: it does not. */
function whereMissing(child: Dependent, steps: readonly string[]): readonly Dependent[] | undefined {
  let at = child;
  for (const step of steps) {
    const { children = [] }: Dependent = at;
    const next = children.find(({ id }) => id === step);
    if (next === undefined) return children;
    at = next;
  }
}

/** Whether a dependency with this condition waits for an end. */
export function isEnd(condition: DependencyCondition): boolean {
  return condition === "completed" || condition === "completed_successfully";
}

/** Where a child stands, for those that start after it. */
export interface Standing {
  readonly state: string;
  /** How it ended by itself, if it has and was not started again; `normal` where there was nothing to start. */
  readonly completion: Exit | undefined;
}

/** Where a child stands, for siblings and for children of other groups. */
export interface KnownStanding extends Standing {
  /** A supervisor of which not all children have been ready. */
  readonly isDegraded: boolean;
  /** It is about to be stopped. */
  readonly isGoing: boolean;
  /** The first round does not wait for one that needs it. */
  readonly isLate: boolean;
}

/**
 * Whether a dependency on `sibling` holds now, for a child that is added to those that run.
 *
 * | condition                | holds while the sibling                           |
 * | ------------------------ | ------------------------------------------------- |
 * | `started`                | starts or runs                                    |
 * | `ready`                  | runs                                              |
 * | `completed`              | has ended by itself and was not started again     |
 * | `completed_successfully` | the same, in order                                |
 */
export function holdsNow(condition: DependencyCondition, { state, completion }: Standing): boolean {
  switch (condition) {
    case "started":
      return state === "starting" || state === "running";
    case "ready":
      return state === "running";
    case "completed":
      return completion !== undefined;
    case "completed_successfully":
      return completion !== undefined && isClean(completion);
  }
}
