/**
 * Errors of making an executable, and of unpacking its programs.
 */

import { OutriderError } from "../../outrider_error.ts";

/** The stable codes of {@linkcode CompileError}; docs/errors.md explains each. */
export type CompileErrorCode =
  | "no_compiler"
  | "embed_unreadable"
  | "embed_not_pinned"
  | "output_unwritable"
  | "base_binary_missing"
  | "base_binary_unfit"
  | "compile_failed";

/** No executable was made. */
export class CompileError extends OutriderError {
  /** Stable, for programs. */
  readonly code: CompileErrorCode;

  /** Made by `outrider compile`. */
  constructor(code: CompileErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

/** The stable codes of {@linkcode UnpackError}; docs/errors.md explains each. */
export type UnpackErrorCode =
  | "embedded_damaged"
  | "unpack_folder_taken"
  | "unpack_folder_unusable";

/** An executable could not unpack its programs; nothing was started. */
export class UnpackError extends OutriderError {
  /** Stable, for programs. */
  readonly code: UnpackErrorCode;

  /** Made at the start of an executable. */
  constructor(code: UnpackErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
