/**
 * Whose turn it is to be started for the first time, as far as siblings are concerned.
 *
 * @module
 */

import type { DependencyCondition } from "@outrider/outrider/actor";
import type { Plan } from "./plan.ts";
import { parentOf, type Seen } from "./seen.ts";

/** What is known of a child and its siblings. */
export interface Family {
  readonly plans: ReadonlyMap<string, Plan>;
  readonly of: (path: string) => Seen;
}

/** What was not so yet when the child at `path` was started with its supervisor: one after the other, or by dependencies. */
export function startedTooEarly(path: string, order: readonly string[], { plans, of }: Family): string[] {
  const faults: string[] = [];
  const at = order.indexOf(path);
  const afters = order.map((child) => afterOf(child, plans));
  if (afters.every((after) => after.length === 0)) {
    const early = order.slice(0, at).filter((child) => !of(child).ready);
    if (early.length > 0) faults.push(`${path} started before ${early} was ready`);
  }
  for (const { sibling, condition } of afters[at] ?? []) {
    const on = of(sibling);
    const met = condition === "started"
      ? on.begun
      : condition === "ready"
      ? on.ready
      : on.ready && !on.alive && (condition === "completed" || on.clean);
    if (!met) faults.push(`${path} started before ${sibling} was ${condition}`);
  }
  return faults;
}

/** The same for one that was added by hand: it does not wait. */
export function addedTooEarly(path: string, { plans, of }: Family): string[] {
  if (!isAdded(path)) return [];
  return (plans.get(path)?.after ?? []).flatMap(({ back, condition }) => {
    const sibling = siblingOf(path, back - 1);
    const on = of(sibling);
    const isThere = on.alive && on.last !== "stopping";
    const met = condition === "started"
      ? isThere
      : condition === "ready"
      ? isThere && on.ready
      : on.completed && (condition === "completed" || on.clean);
    return met ? [] : [`${path} was added before ${sibling} was ${condition}`];
  });
}

/** Those of the living children `later` in the list of `family` that had to end before the one at `path` was told to stop. */
export function stoppedTooEarly(
  path: string,
  { family, later }: { readonly family: readonly Plan[]; readonly later: readonly string[] },
  { plans }: Pick<Family, "plans">,
): readonly string[] {
  if (family.every(({ after }, at) => after.every(({ back }) => back > at))) return later;
  return later.filter((child) =>
    !isAdded(child) && afterOf(child, plans).some(({ sibling }) => sibling === path)
  );
}

/** The plan has one that was added by hand as x0, x1 and so on. */
function isAdded(path: string): boolean {
  return /(^|\/)x\d+$/.test(path);
}

function afterOf(
  path: string,
  plans: ReadonlyMap<string, Plan>,
): { readonly sibling: string; readonly condition: DependencyCondition }[] {
  const at = Number(path.slice(path.lastIndexOf("/") + 2));
  return (plans.get(path)?.after ?? []).filter(({ back }) => back <= at)
    .map(({ back, condition }) => ({ sibling: siblingOf(path, at - back), condition }));
}

function siblingOf(path: string, at: number): string {
  const parent = parentOf(path);
  return parent === "/" ? `c${at}` : `${parent}/c${at}`;
}
