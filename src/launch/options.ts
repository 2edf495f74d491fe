/**
 * The options of a launched tree, and how it comes out, apart from the code that runs it.
 */

import type { System } from "../supervision/tree.ts";

export type { AppOptions, LaunchOptions, OnSignal } from "./option_types.ts";

/** How a tree came out. */
export type Outcome =
  /** Stopped as asked. */
  | { readonly how: "stopped" }
  /** Every child has ended for good. */
  | { readonly how: "finished" }
  /**
   * Something could not be started: at the start, and everything that ran was stopped again, or when it was to be
   * restarted, and all else has ended for good.
   */
  | { readonly how: "start_failed"; readonly cause: Error }
  /** Some had not ended by the deadline of the stop, and were ended by force: a {@linkcode StopOverdueError} names them. */
  | { readonly how: "overdue"; readonly cause: Error }
  /** Too many restarts. */
  | { readonly how: "gave_up"; readonly cause: Error }
  /** Ended by force by a second signal: another one, or the same half a second later. */
  | { readonly how: "forced" };

/**
 * A tree that `launch` has started: a {@linkcode System} that ends with its program. `stop` and `await using`
 * return when nothing of it is left; the latter rejects with what its report failed with.
 */
export interface App extends System {
  /** How it came out, once nothing of it is left. Rejects only with what its report failed with. */
  readonly outcome: Promise<Outcome>;
}
