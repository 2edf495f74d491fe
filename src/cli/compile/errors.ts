/**
 * How making an executable fails, and how one fails to unpack what is in it.
 *
 * @module
 */

import { OutriderError } from "../../outrider_error.ts";

/** The stable codes of {@linkcode CompileError}. */
export type CompileErrorCode =
  /** This is a compiled program itself: there is no deno in it that could compile. */
  | "no_compiler"
  /** A program that is to be embedded can't be read. */
  | "embed_unreadable"
  /** A program that is to be embedded is not the one that the manifest pins by its SHA-256. */
  | "embed_not_pinned"
  /** There is no folder for the executable, or it may not be written to. */
  | "output_unwritable"
  /** What Deno makes executables from can't be had. */
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
  /** The folder for what is embedded is another user's, or another user could exchange it. */
  | "unpack_folder_taken"
  /** No folder for what is embedded is known, or programs can't be put or run there. */
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
