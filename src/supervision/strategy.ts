/**
 * Who is restarted when a child ends: the decisions of Erlang/OTP's supervisor as
 * pure functions.
 *
 * @module
 */

/** Whom the failure of one child concerns. */
export type Strategy =
  /** That child alone. */
  | "one_for_one"
  /** All children. */
  | "one_for_all"
  /** That child and those started after it. */
  | "rest_for_one";

/** Automatic shutdown of a supervisor when significant children end by themselves. */
export type AutoShutdown = "never" | "any_significant" | "all_significant";

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
