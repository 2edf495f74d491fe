/**
 * What can keep a run from being contained.
 *
 * @module
 */

import { OutriderError } from "../outrider_error.ts";

/** The stable codes of a {@linkcode ContainmentError}. */
export type ContainmentErrorCode =
  /** Another runtime runs this manifest; `pid` says which. */
  | "already_running"
  /** It was told to stop and then killed, and is still there, or may not be signalled, or is not surely who it says. */
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
