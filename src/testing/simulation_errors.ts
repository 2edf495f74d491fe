/**
 * How a test on virtual time fails where it would hang, or never notice, on real time.
 */

import { OutriderError } from "../outrider_error.ts";

/** The stable codes of {@linkcode SimulationError}; docs/errors.md explains each. */
export type SimulationErrorCode =
  | "never_at_rest"
  | "timers_left"
  | "promise_pending"
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
