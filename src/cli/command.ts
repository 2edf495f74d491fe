/**
 * What a verb of the command line is, and how its arguments are read.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import type { ExitCode } from "./exit_code.ts";

/** A wrong command line; its message is for the user. */
export class UsageError extends Error {
  /** Stable, for programs. */
  readonly code = "usage";
}

/** One verb. */
export interface Verb {
  /** One line for the list of verbs. */
  readonly summary: string;
  /** The whole `--help`. */
  readonly help: string;
  /** Does it. @throws {UsageError} */
  run(args: readonly string[]): Promise<ExitCode>;
}

/** Reads options and exactly one FILE. @throws {UsageError} */
export function readFileAnd<Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
): {
  file: string;
  values: ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>["values"];
} {
  const { values, positionals } = readArgs(args, options);
  const [file, ...more] = positionals;
  if (file === undefined) throw new UsageError("Cannot go on: FILE is missing, the manifest to use");
  if (more.length > 0) throw new UsageError(`Cannot use more than one FILE: ${positionals.join(", ")}`);
  return { file, values };
}

/** Reads options and arguments. @throws {UsageError} */
export function readArgs<Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`).join(", ");
    // node:util has codes for what a user can get wrong; anything else is ours.
    if (!String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS_")) throw error;
    throw new UsageError(
      `Cannot read the command line: ${(error as Error).message}; options are ${known || "none"}`,
    );
  }
}
