/**
 * Who is restarted when a child ends: the decisions of Erlang/OTP's supervisor as
 * pure functions.
 *
 * @module
 */

import { isClean } from "../actor/exit.ts";
import type { Exit } from "../actor/exit.ts";

/** Whom the failure of one child concerns. */
export type Strategy =
  /** That child alone. */
  | "one_for_one"
  /** All children. */
  | "one_for_all"
  /** That child and those started after it. */
  | "rest_for_one";

/** Whether a child that ended is started again. */
export type RestartType = "permanent" | "transient" | "temporary";

/** Automatic shutdown of a supervisor when significant children end by themselves. */
export type AutoShutdown = "never" | "any_significant" | "all_significant";

/** What a supervisor does about a child that ended by itself. */
export type Verdict =
  /** Starts it again. */
  | "restart"
  /** Leaves it stopped, and remembers it. */
  | "keep"
  /** Forgets it. */
  | "forget";

/**
 * | restart     | `normal`, `shutdown` | `crash`, `killed` |
 * | ----------- | -------------------- | ----------------- |
 * | `permanent` | restart              | restart           |
 * | `transient` | keep                 | restart           |
 * | `temporary` | forget               | forget            |
 */
export function verdictOn(restart: RestartType, exit: Exit): Verdict {
  switch (restart) {
    case "permanent":
      return "restart";
    case "transient":
      return isClean(exit) ? "keep" : "restart";
    case "temporary":
      return "forget";
  }
}

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
  child: { readonly significant: boolean; readonly restart: RestartType },
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
  return autoShutdown === "any_significant" || !others.some(({ significant, active }) => significant && active);
}
