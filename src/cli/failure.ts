/**
 * Reports a failure on the command line: its exit code, its lines, and the place to read more.
 */

import { causesOf } from "../actor/user_value.ts";
import { ContainmentError } from "../containment/containment_errors.ts";
import { ControlError } from "../control/control_errors.ts";
import { LogFileError } from "../logs/files/log_file_errors.ts";
import { ManifestError } from "../manifest/manifest_errors.ts";
import { PermissionFlagError } from "../manifest/grants/permissions.ts";
import { ProcessError } from "../process/process_errors.ts";
import { OutriderError } from "../outrider_error.ts";
import { outcomeText } from "../report/cause.ts";
import type { LaunchedTree } from "../launch/app.ts";
import type { Outcome } from "../launch/options.ts";
import { ServiceError } from "../service/service_errors.ts";
import { NotStartableError } from "./checks/not_startable.ts";
import { CompileError, UnpackError } from "./compile/compile_errors.ts";
import { PermissionsExcessiveError, PermissionsMissingError } from "./permission_errors.ts";
import { commandName, EXIT, type ExitCode, reportError, UsageError } from "./verb.ts";

/** Of what a user can get wrong; `undefined`: it is a fault of ours. */
export function exitCodeOf(error: unknown): ExitCode | undefined {
  if (error instanceof UsageError || error instanceof PermissionFlagError) return EXIT.USAGE;
  if (error instanceof PermissionsMissingError || error instanceof PermissionsExcessiveError) {
    return EXIT.PERMISSION;
  }
  if (error instanceof ManifestError) return error.missingFlag === undefined ? EXIT.USAGE : EXIT.PERMISSION;
  if (
    error instanceof CompileError || error instanceof UnpackError || error instanceof ProcessError ||
    error instanceof ContainmentError || error instanceof LogFileError || error instanceof NotStartableError
  ) {
    return EXIT.FAILED;
  }
  if (error instanceof ServiceError) return error.code === "address_in_use" ? EXIT.FAILED : EXIT.USAGE;
  if (!(error instanceof ControlError)) return undefined;
  const isUsage = error.code === "bad_path" || error.code === "unsupported" || error.refusal === "usage";
  return isUsage ? EXIT.USAGE : EXIT.FAILED;
}

/** The lines of an error; in a message of one line, a line break comes from elsewhere and is escaped. */
export function linesOf(error: Error, message: string): readonly string[] {
  const hasMany = error instanceof ManifestError || error instanceof PermissionsMissingError ||
    error instanceof PermissionsExcessiveError || error instanceof NotStartableError ||
    (error instanceof CompileError && /^(compile_failed|base_binary_)/.test(error.code)); // what Deno says is in it
  return hasMany ? message.split("\n") : [message];
}

/** Errors that pass on another one, which is of more interest. */
const PASSED_ON = ["start_failed", "gave_up", "dependency_failed"];

/** The line that says where more about an error is to be read, if it is one of ours: each of those is explained. */
export function seeAlso(error: Error): string[] {
  let found: string | undefined;
  for (const at of causesOf(error)) {
    if (!(at instanceof OutriderError) || typeof at.code !== "string") continue;
    found = at.code;
    if (!PASSED_ON.includes(found)) break;
  }
  return found === undefined ? [] : [`See ${commandName()} errors ${found}`];
}

/** Whether a program could not be run: others of the tree may have the same fault. */
function isOfProgram(error: Error): boolean {
  return [...causesOf(error)].some((cause) =>
    cause instanceof ProcessError &&
    (cause.code === "program_not_found" || cause.code === "program_not_executable")
  );
}

/** How a verb tells of its end. */
export interface EndingOptions {
  /** Of the manifest. */
  readonly name: string;
  /** After an orderly end. */
  readonly stopped: ExitCode;
  /** Whether a failure is told as data. Default: in words. */
  readonly json?: boolean;
  /** The command that looks at all of its programs. */
  readonly check?: string | undefined;
}

/** Starts a tree, and returns how it came out. */
export async function outcomeOf(tree: LaunchedTree): Promise<Outcome> {
  await tree.start().catch(() => {}); // the outcome has it
  return await tree.outcome;
}

/** The exit code after `outcome`, and a word on standard error where the tree failed. */
export async function codeAfter(
  outcome: Outcome,
  { name, stopped, json = false, check }: EndingOptions,
): Promise<ExitCode> {
  switch (outcome.how) {
    case "stopped":
    case "finished":
      return stopped;
    case "overdue":
    case "start_failed":
    case "gave_up":
      await reportError(outcome.cause, {
        json,
        lines: [
          outcomeText(outcome.cause, name),
          ...check !== undefined && isOfProgram(outcome.cause)
            ? [`Each program is looked at by: ${check}`]
            : [],
          ...seeAlso(outcome.cause),
        ],
      });
      return EXIT.FAILED;
    case "forced":
      return EXIT.FORCED;
  }
}
