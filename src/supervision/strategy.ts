/**
 * The rules of a supervisor: the restart set of a failed child, when the supervisor ends by itself, and what happens
 * at the limit of its restarts. The decisions are those of Erlang/OTP's supervisor, as pure functions.
 */

import type { AutoShutdown, Intensity, OnLimit, Strategy } from "../options/types.ts";

export type { AutoShutdown, OnLimit, Strategy } from "../options/types.ts";

/** The children, in start order, that a restart of the one at `failed` stops (last to first) and starts. */
export function groupOf<Child>(
  strategy: Strategy,
  children: readonly Child[],
  failed: Child,
): readonly Child[] {
  switch (strategy) {
    case "one_for_one":
      return [failed];
    case "one_for_all":
      return children;
    case "rest_for_one":
      return children.slice(children.indexOf(failed));
  }
}

/** A child as far as the restart of its group is concerned. */
export interface Member {
  /** Temporary ones are not started again with their group. */
  readonly spec: { readonly restart: string };
  /** Those that are `quarantined` are left as they are. */
  readonly life: { readonly state: string };
}

/** The children that a restart stops, removes and starts. */
export interface RestartSet<Child> {
  /** In that order; who does not run is not stopped again. */
  readonly stop: readonly Child[];
  /** Those of them to remove once they are stopped. */
  readonly remove: ReadonlySet<Child>;
  /** In that order, after that. */
  readonly start: readonly Child[];
}

/**
 * The restart set of `failed`, which does not run, among its `group`: all but those held back are stopped and
 * started.
 */
export function restartSet<Child extends Member>(group: readonly Child[], failed: Child): RestartSet<Child> {
  const members = group.filter((member) => member === failed || member.life.state !== "quarantined");
  const stop = members.filter((member) => member !== failed).reverse();
  const remove = new Set(stop.filter(({ spec }) => spec.restart === "temporary"));
  return { stop, remove, start: members.filter((member) => !remove.has(member)) };
}

/** Whether `child` may be under a supervisor with that automatic shutdown. */
export function mayBeSignificant(
  child: { readonly significant: boolean; readonly restart: string },
  autoShutdown: AutoShutdown,
): boolean {
  return !child.significant || (autoShutdown !== "never" && child.restart !== "permanent");
}

/**
 * Whether a supervisor shuts down now that `ended`, by itself and for good, has; `others` are its other children.
 *
 * | `autoShutdown`    | shuts down when                                                       |
 * | ----------------- | --------------------------------------------------------------------- |
 * | `never`           | never                                                                 |
 * | `any_significant` | a significant child has ended                                          |
 * | `all_significant` | a significant child has ended, and no other significant one is active |
 */
export function shutsDown(
  autoShutdown: AutoShutdown,
  ended: { readonly significant: boolean },
  others: readonly { readonly significant: boolean; readonly active: boolean }[],
): boolean {
  if (!ended.significant || autoShutdown === "never") return false;
  return autoShutdown === "any_significant" ||
    !others.some(({ significant, active }) => significant && active);
}

/** The rules of a supervisor. */
export interface SupervisorRules {
  /** Whom a failure concerns. */
  readonly strategy: Strategy;
  /** How many restarts are allowed. */
  readonly intensity: Intensity;
  /** Decides what happens at more restarts. */
  readonly onLimit: OnLimit;
  /** Whether it ends when significant children have ended by themselves. */
  readonly autoShutdown: AutoShutdown;
  /** Of a dynamic supervisor: how many children it may have. `undefined` for one with children of its own. */
  readonly maxChildren: number | undefined;
}
