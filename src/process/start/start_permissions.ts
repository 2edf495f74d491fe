/**
 * Refuses a start for which Deno lacks permissions. Used wherever one is about to start, or to be watched.
 */
import { flagFor, missingPermissions, type RequiredPermission } from "../../permissions/permit.ts";
import { PermissionMissingError } from "../process_errors.ts";

/** Throws unless all of `permissions`, for `program`, are granted. @throws {PermissionMissingError} with every missing flag */
export function requireStartPermissions(program: string, permissions: readonly RequiredPermission[]): void {
  const missing = missingPermissions(permissions);
  if (missing.length === 0) return;
  throw new PermissionMissingError(program, { missingFlag: missing.map(flagFor).join(" ") });
}
