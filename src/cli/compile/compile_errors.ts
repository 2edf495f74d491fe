/**
 * Errors of making an executable, and of unpacking its programs.
 *
 * @module
 */

import { OutriderError } from "../../outrider_error.ts";

/** The stable codes of {@linkcode CompileError}. */
export type CompileErrorCode =
  /** This is a compiled program itself: it holds no deno that could compile. */
  | "no_compiler"
  /** A program that is to be embedded can't be read. */
  | "embed_unreadable"
  /** A program that is to be embedded is not the one that the manifest pins by its SHA-256. */
  | "embed_not_pinned"
  /** There is no folder for the executable, or it may not be written to. */
  | "output_unwritable"
  /** The base binary from which Deno makes executables is not available. */
  | "base_binary_missing"
  /** The executable was made, and does not run: its base binary is of another version of Deno. */
  | "base_binary_unfit"
  /** Deno failed for another reason. */
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

/** The stable codes of {@linkcode UnpackError}. */
export type UnpackErrorCode =
  /** A program in the executable is not the one that was put there. */
  | "embedded_damaged"
  /** The folder for embedded programs is another user's, or another user could exchange it. */
  | "unpack_folder_taken"
  /** No folder for embedded programs is known, or programs cannot be written or run there. */
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
