/**
 * Errors that keep a log file from being used.
 */

import { OutriderError } from "../../outrider_error.ts";

/** The stable codes of a {@linkcode LogFileError}; docs/errors.md explains each. */
export type LogFileErrorCode = "log_file_unusable" | "log_file_taken";

/** Output can't be written to a file. */
export class LogFileError extends OutriderError {
  /** Stable over versions. */
  readonly code: LogFileErrorCode;
  /** The file. */
  readonly file: string;

  /** `why` is a clause with the way out. */
  constructor(
    file: string,
    why: string,
    options: { readonly code: LogFileErrorCode; readonly cause?: unknown },
  ) {
    super(`Cannot write the log ${file}: ${why}`, { cause: options.cause });
    this.code = options.code;
    this.file = file;
  }
}
