/**
 * How a command says why it failed: in words, or as data.
 *
 * @module
 */

import { errorLine } from "../log.ts";
import { explained } from "./catalogue/catalogue.ts";
import { complain } from "./command.ts";

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
  const code = codeOf(error);
  const known = code !== undefined && explained(code) !== undefined;
  const inner = error.cause instanceof Error && (!known || PASSED_ON.includes(code))
    ? seeAlso(error.cause)
    : [];
  if (inner.length > 0) return inner;
  return known ? [`See outrider errors ${code}`] : [];
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : undefined;
}
