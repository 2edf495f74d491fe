/**
 * How a command says why it failed: in words, or as data.
 *
 * @module
 */

import { causesOf, readField, textOfValue } from "../actor/user_value.ts";
import { ContainmentError } from "../containment/errors.ts";
import { ControlError } from "../control/errors.ts";
import { errorLine } from "../log.ts";
import { ManifestError } from "../manifest/errors.ts";
import { PermissionFlagError } from "../manifest/permissions.ts";
import { ProcessError } from "../process/errors.ts";
import { visible } from "../text/printable.ts";
import { called } from "./called.ts";
import { explained } from "./catalogue/catalogue.ts";
import { complain, UsageError } from "./command.ts";
import { CompileError, UnpackError } from "./executable/errors.ts";
import { EXIT } from "./exit_code.ts";
import type { ExitCode } from "./exit_code.ts";
import { PermissionsMissingError } from "./ready.ts";
import { PermissionsExcessiveError } from "./strict.ts";

/** Does what a verb does, and tells what a user can get wrong; `help` is the line after that of a wrong command line. */
export async function guarded(
  act: () => Promise<ExitCode>,
  { args, help }: { readonly args: readonly string[]; readonly help: string },
): Promise<ExitCode> {
  try {
    return await act();
  } catch (error) {
    const code = exitCodeOf(error) ?? (isOfDisk(error) ? EXIT.FAILED : undefined);
    if (code === undefined || !(error instanceof Error)) throw error;
    const more = error instanceof UsageError ? [help] : [];
    const message = isOfDisk(error) ? `Cannot go on: ${error.message}` : error.message;
    await tell(error, { json: wantsJson(args), lines: [...linesOf(error, message).map(visible), ...more] });
    return code;
  }
}

/** Tells a fault of ours as Deno would, but for what a terminal obeys or hides. */
export async function unforeseen(error: unknown): Promise<ExitCode> {
  const frames = String(readField(error, "stack") ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
  await complain(`error: Uncaught ${textOfValue(error)}`, ...frames);
  return EXIT.FAILED;
}

/** Of errors that have many lines, each is one; in any other message a line break is somebody else's. */
function linesOf(error: Error, message: string): readonly string[] {
  const hasMany = error instanceof ManifestError || error instanceof PermissionsMissingError ||
    error instanceof PermissionsExcessiveError ||
    (error instanceof CompileError && /^(compile_failed|base_binary_)/.test(error.code)); // what Deno says is in it
  return hasMany ? message.split("\n") : [message];
}

/** A disk that is full or broken, also that behind standard output: nothing of it is a fault of ours. */
export function isOfDisk(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EIO"].some((code) => code === readField(error, "code"));
}

/** Of what a user can get wrong; `undefined`: it is a fault of ours. */
function exitCodeOf(error: unknown): ExitCode | undefined {
  if (error instanceof UsageError || error instanceof PermissionFlagError) return EXIT.USAGE;
  if (error instanceof PermissionsMissingError || error instanceof PermissionsExcessiveError) {
    return EXIT.PERMISSION;
  }
  if (error instanceof ManifestError) return error.missingFlag === undefined ? EXIT.USAGE : EXIT.PERMISSION;
  if (
    error instanceof CompileError || error instanceof UnpackError || error instanceof ProcessError ||
    error instanceof ContainmentError
  ) {
    return EXIT.FAILED;
  }
  if (!(error instanceof ControlError)) return undefined;
  return error.code === "bad_path" || error.code === "unsupported" ? EXIT.USAGE : EXIT.FAILED;
}

/** Whether these arguments of a verb ask for JSON; looked at also where they could not be read. */
export function wantsJson(args: readonly string[]): boolean {
  return args.some((arg, index) =>
    arg === "--json" || arg === "--log-format=json" || (arg === "json" && args[index - 1] === "--log-format")
  );
}

/** Writes to standard error: `lines`, or, as data, the error as one line. */
export async function tell(
  error: Error,
  { json, lines }: { readonly json: boolean; readonly lines: readonly string[] },
): Promise<void> {
  await complain(...(json ? [errorLine(error)] : lines));
}

/** Errors that pass on another one, which is of more interest. */
const PASSED_ON = ["start_failed", "gave_up"];

/** The line that says where more about an error is to be read, if the catalogue has it. */
export function seeAlso(error: Error): string[] {
  let found: string | undefined;
  for (const at of causesOf(error)) {
    const code = readField(at, "code");
    if (typeof code !== "string" || explained(code) === undefined) continue;
    found = code;
    if (!PASSED_ON.includes(code)) break;
  }
  return found === undefined ? [] : [`See ${called()} errors ${found}`];
}
