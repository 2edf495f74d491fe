/**
 * Whether a manifest may start under the permissions at hand: with all that it needs, and, where it says
 * `"permissions": "strict"`, with nothing more.
 *
 * @module
 */

import type { Manifest } from "../manifest/entries.ts";
import { excessPermissions, isEverything } from "../manifest/excess.ts";
import type { Permission } from "../manifest/excess.ts";
import { flags, shellQuote } from "../manifest/permissions.ts";
import type { Need } from "../manifest/permissions.ts";
import { runsAnything } from "../manifest/run_anything.ts";
import { isHeld } from "../process/held.ts";
import { count } from "../report/words.ts";
import { visible } from "../text/printable.ts";
import { optionalNeeds } from "./contained.ts";
import { neededLines, PermissionsMissingError } from "./ready.ts";

/** More is granted than a manifest needs that says `"permissions": "strict"`; `code` is `permissions_excessive`. */
export class PermissionsExcessiveError extends Error {
  /** The class's name. */
  override readonly name = "PermissionsExcessiveError";
  /** Stable, for programs. */
  readonly code = "permissions_excessive";
  /** What is granted and not needed, as far as it can be seen. */
  readonly excess: readonly Permission[];
  /** What to start deno run with instead; several flags are separated by a space. */
  readonly exactFlags: string;

  /** `flags` are not quoted. */
  constructor(message: string, excess: readonly Permission[], flags: readonly string[]) {
    super(message);
    this.excess = excess;
    this.exactFlags = flags.join(" ");
  }
}

/** What a start needs, and what of that is not granted. */
export interface Standing {
  /** What the run needs; of a part of a manifest, what the whole of it needs. */
  readonly all: readonly Need[];
  /** What is missing of what is to start. */
  readonly missing: readonly Need[];
}

/**
 * Lets a start go on, or names everything that keeps it from that.
 *
 * @throws {PermissionsMissingError} something is missing
 * @throws {PermissionsExcessiveError} the manifest is strict, and more is granted
 */
export function demandPermissions(manifest: Manifest, { all, missing }: Standing): void {
  const found = manifest.permissions === "strict" ? unneeded(manifest, all) : [];
  if (found.length > 0) {
    const exact = flags(all);
    const lines = [
      `Cannot start '${manifest.name}': its permissions are "strict", and more is granted than it needs`,
      ...excessLines(found),
      // Both at once, as the last line is the answer to both.
      ...(missing.length === 0
        ? []
        : [`And ${count(missing.length, "permission")} missing`, ...neededLines(missing)]),
      `Give deno run these instead: ${exact.map(shellQuote).join(" ")}`,
    ];
    throw new PermissionsExcessiveError(lines.map(visible).join("\n"), found, exact);
  }
  if (missing.length > 0) throw PermissionsMissingError.of(manifest.name, missing);
}

/** What this process holds beyond `all`, which `manifest` needs, and beyond what it can use besides. */
export function unneeded(manifest: Manifest, all: readonly Need[]): Permission[] {
  return excessPermissions([...all, ...optionalNeeds(manifest, all)], { cwd: Deno.cwd(), holds: isHeld });
}

/** What to remove, a line each. */
export function excessLines(found: readonly Permission[]): string[] {
  if (isEverything(found)) return ["  remove -A (--allow-all), which grants everything"];
  return found.map(({ name, value }) => {
    if (value === undefined) return `  remove --allow-${name} without values, which grants all of it`;
    const what = name === "run" ? runsAnything(value) : undefined;
    return `  remove ${value} from --allow-${name}${what === undefined ? "" : `: it ${what}`}`;
  });
}
