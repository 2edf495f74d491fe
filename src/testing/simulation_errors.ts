/**
 * How a test on virtual time fails where it would hang, or never notice, on real time.
 *
 * @module
 */

import { OutriderError } from "../outrider_error.ts";

/** The stable codes of {@linkcode SimulationError}. */
export type SimulationErrorCode =
  /** Actors keep each other busy without end, at one moment of virtual time. */
  | "never_at_rest"
  /** Timers are left where none should be. */
  | "timers_left"
  /** A promise that was waited for does not settle. */
  | "promise_pending"
  /** A fake process was never started. */
  | "never_started";

/**
 * Thrown when the tree under test does something that a virtual clock, a simulation or a fake process cannot handle.
 */
export class SimulationError extends OutriderError {
  /** Stable, for programs. */
  readonly code: SimulationErrorCode;

  /** Made by `@outrider/outrider/testing`. */
  constructor(code: SimulationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
