/**
 * Which child starts after which: dependencies between siblings.
 */

import { type Exit, isClean } from "../actor/exit.ts";
import { SupervisionError } from "./supervision_errors.ts";
import type { DependencyCondition } from "../options/types.ts";

export type { Dependency, DependencyCondition } from "../options/types.ts";

/** A child as far as its dependencies are concerned. */
export interface Dependent {
  readonly id: string;
  readonly after?: readonly { readonly id: string }[] | undefined;
}

export interface DependencyFault<Child extends Dependent> {
  readonly code: "unknown_dependency" | "dependency_cycle";
  readonly child: Child;
  /** The one of its dependencies, by identity. */
  readonly dependency: { readonly id: string };
  /** Of a cycle: the ids along it, each waiting for the next; the last is the first again. */
  readonly cycle: readonly string[];
}

/**
 * Whether any of `children` names dependencies: then those without are started at once, and all others as theirs
 * allow.
 */
export function haveDependencies(children: readonly Dependent[]): boolean {
  return children.some(({ after }) => after !== undefined);
}

/**
 * `children` such that each comes behind those it depends on, and otherwise in the order given.
 *
 * @throws {SupervisionError} `unknown_dependency`; `dependency_cycle`, which names the cycle
 */
export function inDependencyOrder<Child extends Dependent>(children: readonly Child[]): readonly Child[] {
  const { ordered, faults: [fault] } = surveyDependencies(children);
  if (fault === undefined) return ordered;
  const { code, child, dependency, cycle } = fault;
  if (code === "dependency_cycle") {
    throw new SupervisionError(code, `Cannot start ${cycle.join(" → ")}: each waits for the next`);
  }
  throw SupervisionError.unknownDependency(child.id, dependency.id, children.map(({ id }) => id));
}

/**
 * The order of {@linkcode inDependencyOrder}, made without those dependencies that are wrong, and what is wrong with
 * them.
 */
export function surveyDependencies<Child extends Dependent>(
  children: readonly Child[],
): { readonly ordered: readonly Child[]; readonly faults: readonly DependencyFault<Child>[] } {
  const byId = new Map(children.map((child) => [child.id, child]));
  const ordered = new Set<Child>();
  const faults: DependencyFault<Child>[] = [];
  // A way of its own, not that of calls: a manifest may chain ten thousand children.
  const way: { readonly child: Child; next: number }[] = [];
  const onWay = new Map<Child, number>();
  const enter = (child: Child) => {
    if (ordered.has(child)) return;
    onWay.set(child, way.length);
    way.push({ child, next: 0 });
  };
  for (const child of children) {
    enter(child);
    for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
      const { child } = step;
      const dependency = child.after?.[step.next++];
      if (dependency === undefined) {
        ordered.add(child);
        onWay.delete(child);
        way.pop();
        continue;
      }
      const found = byId.get(dependency.id);
      const begin = found && onWay.get(found);
      if (found === undefined) faults.push({ code: "unknown_dependency", child, dependency, cycle: [] });
      else if (begin === undefined) enter(found);
      else {
        const cycle = [...way.slice(begin).map(({ child }) => child.id), dependency.id];
        faults.push({ code: "dependency_cycle", child, dependency, cycle });
      }
    }
  }
  return { ordered: [...ordered], faults };
}

/** Whether a dependency with this condition waits for an end. */
export function isEnd(condition: DependencyCondition): boolean {
  return condition === "completed" || condition === "completed_successfully";
}

export interface Standing {
  readonly state: string;
  /** How it ended by itself, if it has and was not started again; `normal` where there was nothing to start. */
  readonly completion: Exit | undefined;
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
