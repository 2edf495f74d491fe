/**
 * Refuses a start for which Deno lacks permissions. Used wherever one is about to start, or to be watched.
 */
import {
  flagFor,
  joinedFlags,
  missingPermissions,
  type RequiredPermission,
} from "../../permissions/permit.ts";
import { shellQuote } from "../../text/shell_quote.ts";
import { PermissionMissingError } from "../process_errors.ts";
import { droppedProgramHint } from "./failed/dropped_program.ts";

/** Throws unless all of `permissions`, for `program`, are granted. @throws {PermissionMissingError} with every missing flag */
export function requireStartPermissions(program: string, permissions: readonly RequiredPermission[]): void {
  const missing = missingPermissions(permissions);
  if (missing.length > 0) throw permissionMissing(program, missing);
}

/** Creates the error for `program`, which needs all of `missing`. */
export function permissionMissing(
  program: string,
  missing: readonly RequiredPermission[],
  cause?: unknown,
): PermissionMissingError {
  const flags = joinedFlags(missing).map(shellQuote).join(" ");
  const hint = droppedProgramHint(missing);
  return new PermissionMissingError(program, {
    missingFlag: missing.map(flagFor).join(" "),
    advice: hint === undefined ? `add ${flags}` : `add ${flags}; ${hint}`,
    cause,
  });
}
