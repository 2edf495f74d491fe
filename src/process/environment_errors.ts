/**
 * Defines the errors of a start whose environment can't be had: what a variable's value is to come from is of no use.
 */

import { UnstartableError } from "./process_errors.ts";

/** The file of a variable cannot be used: `code` is `"secret_unreadable"`. Its content is not shown. */
export class SecretFileError extends UnstartableError {
  /** The program that was to be started. */
  declare readonly program: string;
  /** The variable. */
  declare readonly variable: string;
  /** The file, absolute. */
  declare readonly file: string;
  /** The fault of the file, as a clause. */
  declare readonly why: string;

  /** `why` completes the sentence "Cannot start "x": the file /run/key for its variable KEY can't be used: …". */
  constructor(
    program: string,
    { variable, file, why, cause }: Pick<SecretFileError, "variable" | "file" | "why"> & ErrorOptions,
  ) {
    const message =
      `Cannot start "${program}": the file ${file} for its variable ${variable} can't be used: ${why}`;
    super(message, { code: "secret_unreadable", cause, program, variable, file, why });
  }
}

/** A file of variables can't be used: `code` is `"env_file_unusable"`. Its content is not shown. */
export class EnvFileError extends UnstartableError {
  /** The program that was to be started. */
  declare readonly program: string;
  /** The file, absolute. */
  declare readonly file: string;
  /** The fault of the file, as a clause. */
  declare readonly why: string;

  /** `why` completes the sentence "Cannot start "x": its envFile /srv/app/.env can't be used: …". */
  constructor(program: string, { file, why, cause }: Pick<EnvFileError, "file" | "why"> & ErrorOptions) {
    const message = `Cannot start "${program}": its envFile ${file} can't be used: ${why}`;
    super(message, { code: "env_file_unusable", cause, program, file, why });
  }
}

/** A variable is to come from the runtime, which has none of that name: `code` is `"variable_unset"`. */
export class VariableUnsetError extends UnstartableError {
  /** The program that was to be started. */
  declare readonly program: string;
  /** The variable of the program. */
  declare readonly variable: string;
  /** The variable of the runtime. */
  declare readonly from: string;

  /** Created by `spawn`. */
  constructor(program: string, { variable, from }: Pick<VariableUnsetError, "variable" | "from">) {
    const message =
      `Cannot start "${program}": its variable ${variable} comes from ${from}, which is not set here; set it for ` +
      `Outrider, or write a "default" beside "from"`;
    super(message, { code: "variable_unset", program, variable, from });
  }
}
