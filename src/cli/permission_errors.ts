/**
 * The errors about the permissions of this process, apart from what finds those of a manifest: a verb that needs none
 * tells of them, too.
 */

import { OutriderError } from "../outrider_error.ts";
import { joinedFlags, missingPermissions, type RequiredPermission } from "../permissions/permit.ts";
import { shellQuote } from "../text/shell_quote.ts";
import type { HeldPermission } from "../manifest/grants/excess.ts";

/** The permissions at hand are not enough; `code` is `permissions_missing`. */
export class PermissionsMissingError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "permissions_missing";
  /** The flags to add to `deno run`, separated by spaces. */
  readonly missingFlag: string;

  /** `flags` are not quoted. */
  constructor(message: string, flags: readonly string[]) {
    super(message);
    this.missingFlag = flags.join(" ");
  }
}

/** Demands permissions for what `cannot` says, such as `Cannot write FILE`. @throws {PermissionsMissingError} */
export function requireGranted(cannot: string, permissions: readonly RequiredPermission[]): void {
  const flags = joinedFlags(missingPermissions(permissions));
  if (flags.length === 0) return;
  const message = `${cannot}: permissions are missing\nAdd to deno run: ${flags.map(shellQuote).join(" ")}`;
  throw new PermissionsMissingError(message, flags);
}

/** More is granted than a manifest needs that says `"permissions": "strict"`; `code` is `permissions_excessive`. */
export class PermissionsExcessiveError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "permissions_excessive";
  /** Granted permissions that are not needed, as far as they are visible. */
  readonly excess: readonly HeldPermission[];
  /** The flags to start deno run with instead, separated by spaces. */
  readonly exactFlags: string;

  /** `flags` are not quoted. */
  constructor(message: string, excess: readonly HeldPermission[], flags: readonly string[]) {
    super(message);
    this.excess = excess;
    this.exactFlags = flags.join(" ");
  }
}
