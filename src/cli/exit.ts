/**
 * How a command says why it failed: in words, or as data.
 *
 * @module
 */

import { outcomeText } from "../report/cause.ts";
import type { Outcome } from "../runtime.ts";
import { complain, EXIT, type ExitCode, UsageError } from "./verb.ts";
import { basename } from "node:path";
import { causesOf, readField, textOfValue } from "../actor/user_value.ts";
import { ContainmentError } from "../containment/errors.ts";
import { ControlError } from "../control/errors.ts";
import { errorLine } from "../log.ts";
import { ManifestError } from "../manifest/errors.ts";
import { PermissionFlagError } from "../manifest/grants/permissions.ts";
import { ProcessError } from "../process/errors.ts";
import { visible } from "../text/printable.ts";
import { explainCode } from "./catalogue/catalogue.ts";
import { CompileError, UnpackError } from "./compile/errors.ts";
import { PermissionsMissingError } from "./checks/prepare.ts";
import { PermissionsExcessiveError } from "./checks/permissions.ts";

/** Does what a verb does, and tells what a user can get wrong; `help` is the line after that of a wrong command line. */
export async function runGuarded(
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
    await reportError(error, {
      json: wantsJson(args),
      lines: [...linesOf(error, message).map(visible), ...more],
    });
    return code;
  }
}

/** Tells a fault of ours as Deno would, but for what a terminal obeys or hides. */
export async function reportBug(error: unknown): Promise<ExitCode> {
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
export async function reportError(
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
    if (typeof code !== "string" || explainCode(code) === undefined) continue;
    found = code;
    if (!PASSED_ON.includes(code)) break;
  }
  return found === undefined ? [] : [`See ${commandName()} errors ${found}`];
}

/** `outrider`, or the file name of an executable. */
export function commandName(): string {
  return Deno.build.standalone ? basename(Deno.execPath()) : "outrider";
}

/** How a verb tells of its end. */
export interface EndingOptions {
  /** Of the manifest. */
  readonly name: string;
  /** After an orderly end. */
  readonly stopped: ExitCode;
  /** Whether a failure is told as data. Default: in words. */
  readonly json?: boolean;
}

/** The exit code after `outcome`, and a word on standard error where the tree failed. */
export async function codeAfter(
  outcome: Outcome,
  { name, stopped, json = false }: EndingOptions,
): Promise<ExitCode> {
  switch (outcome.how) {
    case "stopped":
    case "finished":
      return stopped;
    case "start_failed":
    case "gave_up":
      await reportError(outcome.cause, {
        json,
        lines: [outcomeText(outcome.cause, name), ...seeAlso(outcome.cause)],
      });
      return EXIT.FAILED;
    case "forced":
      return EXIT.FORCED;
  }
}
