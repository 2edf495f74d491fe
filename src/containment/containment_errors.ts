/**
 * Errors that keep a run from being contained.
 *
 * @module
 */

import { OutriderError } from "../outrider_error.ts";

/** The stable codes of a {@linkcode ContainmentError}. */
export type ContainmentErrorCode =
  /** Another runtime runs this manifest; `pid` says which. */
  | "already_running"
  /**
   * It survived a stop request and SIGKILL, or may not be signalled, or may be another process than its record says.
   */
  | "not_taken_over"
  /** A file in the folder for ledgers is a link, or belongs to another user. */
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
