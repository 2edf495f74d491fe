/**
 * Runs what a verb does, and tells why it failed: in words, or as data.
 *
 * Every verb loads this, so it imports what tells failures apart only when there is one.
 */

import { readField, textOfValue } from "../actor/user_value.ts";
import { visible } from "../text/printable.ts";
import { EXIT, type ExitCode, printErrors, reportError, UsageError } from "./verb.ts";

/** Runs a verb, and reports a user's mistakes; `help` is the line after that of a wrong command line. */
export async function runGuarded(
  act: () => Promise<ExitCode>,
  { args, help }: { readonly args: readonly string[]; readonly help: string },
): Promise<ExitCode> {
  try {
    return await act();
  } catch (thrown) {
    const error = folderError(thrown) ?? thrown;
    const { exitCodeOf, linesOf } = await import("./failure.ts");
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

/** Of a working directory whose name Deno can't have: it has no text. */
function folderError(error: unknown): UsageError | undefined {
  if (!(error instanceof Deno.errors.InvalidData) || !/ is not valid UTF-8$/.test(error.message)) {
    return undefined;
  }
  return new UsageError(
    `Cannot go on in this folder: ${error.message}; rename it, or go to another one and name the manifest from there`,
  );
}

/** Reports a bug of ours as Deno would, with unprintable characters escaped. */
export async function reportBug(error: unknown): Promise<ExitCode> {
  const frames = String(readField(error, "stack") ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
  await printErrors(`error: Uncaught ${textOfValue(error)}`, ...frames);
  return EXIT.FAILED;
}

/** A disk that is full or broken, also that behind standard output: nothing of it is a fault of ours. */
export function isOfDisk(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EIO"].some((code) => code === readField(error, "code"));
}

/** Whether these arguments of a verb ask for JSON; looked at also where they could not be read. */
export function wantsJson(args: readonly string[]): boolean {
  return args.some((arg, index) =>
    arg === "--json" || arg === "--log-format=json" || (arg === "json" && args[index - 1] === "--log-format")
  );
}
