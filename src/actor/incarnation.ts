/**
 * One life of a child, as its supervisor sees it.
 *
 * An actor's cell is one, a supervisor is one, and so is whatever a test puts in
 * their place: this is the whole contract between a supervisor and its children.
 *
 * @module
 */

import type { Exit } from "./exit.ts";

/** How a start came out: running, or deliberately nothing to run (Erlang/OTP's `ignore`). */
export type StartOutcome = "ok" | "ignore";

/** After being ended by force, an incarnation is given so many milliseconds before it counts as ended all the same. */
export const KILL_GRACE_MS = 5_000;

/** One life of a child. Neither promise may stay pending after {@linkcode Incarnation.kill}. */
export interface Incarnation {
  /** Fulfilled when it is ready; rejects when the start failed, and then nothing of it is left. */
  readonly started: Promise<StartOutcome>;
  /** How it ended. Never rejects. Pending for ever only where `started` was no success. */
  readonly ended: Promise<Exit>;
  /** Asks it to stop; also while it starts. */
  stop(): void;
  /** Ends it by force; `ended` follows within {@linkcode KILL_GRACE_MS}. */
  kill(): void;
  /**
   * Of one that is no supervisor itself but lives together with one, whose children are below its place: that
   * supervisor. Whoever sets it starts and ends both as one.
   */
  readonly supervisor?: Incarnation | undefined;
}
