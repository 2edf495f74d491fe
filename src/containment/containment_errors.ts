/**
 * Errors that keep a run from being contained.
 */

import { OutriderError } from "../outrider_error.ts";

/** The stable codes of a {@linkcode ContainmentError}; docs/errors.md explains each. */
export type ContainmentErrorCode =
  | "already_running"
  | "not_taken_over"
  | "unsafe_state";

/** The run can't begin. */
export class ContainmentError extends OutriderError {
  /** Stable over versions. */
  readonly code: ContainmentErrorCode;
  /** Of the other runtime, where there is one. */
  readonly pid: number | undefined;

  /** `message` in the form "Cannot X: Y". */
  constructor(message: string, options: { readonly code: ContainmentErrorCode; readonly pid?: number }) {
    super(message);
    this.code = options.code;
    this.pid = options.pid;
  }
}
