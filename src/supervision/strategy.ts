/**
 * Who is restarted when a child ends: the decisions of Erlang/OTP's supervisor as
 * pure functions.
 *
 * @module
 */

import type { AutoShutdown, Strategy } from "../options/types.ts";

export type { AutoShutdown, Strategy } from "../options/types.ts";

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
  readonly state: string;
}

/** What the restart of a group does. */
export interface GroupRestart<Child> {
  /** Those to stop, in that order; who does not run is not stopped again. */
  readonly stop: readonly Child[];
  /** Those of them to forget once they are stopped. */
  readonly forget: ReadonlySet<Child>;
  /** Those to start after that, in that order. */
  readonly start: readonly Child[];
}

/** What a restart of the child at `failed`, which does not run, stops and starts: its group, but for those held back. */
export function groupRestart<Child extends Member>(
  strategy: Strategy,
  children: readonly Child[],
  failed: Child,
): GroupRestart<Child> {
  const group = groupOf(strategy, children, failed)
    .filter((member) => member === failed || member.state !== "quarantined");
  const stop = group.filter((member) => member !== failed).reverse();
  const forget = new Set(stop.filter(({ spec }) => spec.restart === "temporary"));
  return { stop, forget, start: group.filter((member) => !forget.has(member)) };
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
