/**
 * Which child starts after which: dependencies between siblings.
 *
 * @module
 */

import { SupervisionError } from "./errors.ts";

/**
 * What must be true of a child before one that depends on it is started.
 * `started`: its start has begun. `ready`: it is ready. `completed`: it has ended
 * by itself. `completed_successfully`: the same, in order (exit code 0).
 */
export type DependencyCondition = "started" | "ready" | "completed" | "completed_successfully";

/** One dependency. */
export interface Dependency {
  /** The sibling. */
  readonly id: string;
  /** What must be true of it. */
  readonly condition: DependencyCondition;
}

interface Dependent {
  readonly id: string;
  readonly after?: readonly Dependency[] | undefined;
}

/** Whether any of `children` names dependencies: then those without are started at once, and all others as theirs allow. */
export function haveDependencies(children: readonly Dependent[]): boolean {
  return children.some(({ after }) => after !== undefined);
}

/**
 * `children` such that each comes behind those it depends on, and otherwise in the order given.
 *
 * @throws {SupervisionError} `unknown_dependency`; `dependency_cycle`, which names the cycle
 */
export function inDependencyOrder<Child extends Dependent>(children: readonly Child[]): readonly Child[] {
  const byId = new Map(children.map((child) => [child.id, child]));
  const ordered = new Set<Child>();
  const visit = (child: Child, way: readonly string[]) => {
    if (ordered.has(child)) return;
    if (way.includes(child.id)) {
      const cycle = [...way.slice(way.indexOf(child.id)), child.id].join(" → ");
      throw new SupervisionError("dependency_cycle", `Cannot start ${cycle}: each waits for the next`);
    }
    for (const { id } of child.after ?? []) {
      const dependency = byId.get(id);
      if (dependency === undefined) {
        const ids = [...byId.keys()].join(", ");
        throw new SupervisionError(
          "unknown_dependency",
          `Cannot start '${child.id}' after '${id}': its siblings are ${ids}`,
        );
      }
      visit(dependency, [...way, child.id]);
    }
    ordered.add(child);
  };
  for (const child of children) visit(child, []);
  return [...ordered];
}
