/**
 * The rules of a supervisor: the restart set of a failed child, when the supervisor ends by itself, and what happens
 * at the limit of its restarts. The decisions are those of Erlang/OTP's supervisor, as pure functions.
 */

import type { AutoShutdown, Intensity, OnLimit, OnStartFailure, Strategy } from "../../options/types.ts";

export type { AutoShutdown, OnLimit, OnStartFailure, Strategy } from "../../options/types.ts";

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
  /** Whether a start that fails ends the first start of all, or is a death like any other. */
  readonly onStartFailure: OnStartFailure;
  /** Of a dynamic supervisor: how many children it may have. `undefined` for one with children of its own. */
  readonly maxChildren: number | undefined;
  /** Of a dynamic supervisor: how many starts beyond that may wait for their turn. Default 0. */
  readonly maxQueued?: number | undefined;
}
