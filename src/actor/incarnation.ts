/**
 * One life of a child, as its supervisor sees it.
 *
 * An actor's cell is one, a supervisor is one, and so is a test's fake:
 * this is the whole contract between a supervisor and its children.
 */

import type { Exit } from "./exit.ts";

/** The outcome of a start: running, or deliberately nothing to run (Erlang/OTP's `ignore`). */
export type StartOutcome = "ok" | "ignore";

/** A supervisor that has started, though not all below it is ready. */
export interface Degraded {
  /** How many leaves are ready. */
  readonly ready: number;
  /** Of how many. */
  readonly of: number;
  /** The paths of those that are not. */
  readonly waiting: readonly string[];
  /** Settles once each of its children has been ready; pending for ever if that never comes. */
  readonly whole: Promise<void>;
}

/** Milliseconds from the end by force until an incarnation counts as ended all the same. */
export const KILL_GRACE_MS = 5_000;

/** One life of a child. Neither promise may stay pending after {@linkcode Incarnation.kill}. */
export interface Incarnation {
  /** Fulfilled when it is ready; rejects when the start failed, and then nothing of it is left. */
  readonly started: Promise<StartOutcome>;
  /** The exit. Never rejects. Pending for ever only if the start failed. */
  readonly ended: Promise<Exit>;
  /** Asks it to stop; also while it starts. */
  stop(): void;
  /** Ends it by force; `ended` follows within {@linkcode KILL_GRACE_MS}. */
  kill(): void;
  /** What a start that has taken `within` ms, all that it may, waits for: a clause for its error, or the error. */
  describeStart?(within: number): Error | string | undefined;
  /**
   * The supervisor that lives together with this incarnation, whose children are below its address. Code that sets it
   * starts and ends both as one.
   */
  readonly supervisor?: Incarnation | undefined;
  /** Of a supervisor that was not ready when it had started. */
  readonly degraded?: Degraded | undefined;
}
