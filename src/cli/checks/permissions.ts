/**
 * Whether a manifest may start under the permissions at hand: with all that it needs, and, where it says
 * `"permissions": "strict"`, with nothing more.
 */

import type { Manifest } from "../../manifest/fields/types.ts";
import { type ManifestPermission, permissionFlags } from "../../manifest/grants/permissions.ts";
import { shellQuote } from "../../text/shell_quote.ts";
import { reasonsText } from "../../manifest/grants/reasons.ts";
import { type FollowLinks, unrestrictedPrograms } from "../../manifest/grants/wide_programs.ts";
import { findProgram, searchPath } from "../../permissions/find_program.ts";
import { isGranted, missingPermissions } from "../../permissions/permit.ts";
import { formatCount } from "../../text/words.ts";
import { setsidLine } from "./start_cost.ts";
import { excessPermissions, type HeldPermission, isEverything } from "../../manifest/grants/excess.ts";
import { runsAnything } from "../../manifest/grants/run_anything.ts";
import { visible } from "../../text/printable.ts";
import { optionalPermissions } from "./containment.ts";
import { PermissionsExcessiveError } from "../permission_errors.ts";
import { missingError, neededLines } from "./prepare.ts";

/** The permissions that a start needs, and those of them that are not granted. */
export interface PermissionState {
  /** The permissions of the run; of a part of a manifest, those of the whole. */
  readonly all: readonly ManifestPermission[];
  /** The missing permissions of the part that starts. */
  readonly missing: readonly ManifestPermission[];
}

/**
 * Lets a start go on, or names everything that keeps it from that.
 *
 * @throws {PermissionsMissingError} something is missing
 * @throws {PermissionsExcessiveError} the manifest is strict, and more is granted
 */
export function requirePermissions(manifest: Manifest, { all, missing }: PermissionState): void {
  const found = manifest.permissions === "strict" ? excessFor(manifest, all) : [];
  if (found.length > 0) {
    const exact = permissionFlags(all);
    const lines = [
      `Cannot start '${manifest.name}': its permissions are "strict", and more is granted than it needs`,
      ...excessLines(found),
      // Both at once, as the last line is the answer to both.
      ...(missing.length === 0
        ? []
        : [`And ${formatCount(missing.length, "permission")} missing`, ...neededLines(missing)]),
      `Give deno run these instead: ${exact.map(shellQuote).join(" ")}`,
    ];
    throw new PermissionsExcessiveError(lines.map(visible).join("\n"), found, exact);
  }
  if (missing.length > 0) throw missingError(manifest.name, missing);
}

/** Finds the permissions of this process beyond `all`, which `manifest` needs, and beyond the optional ones. */
export function excessFor(manifest: Manifest, all: readonly ManifestPermission[]): HeldPermission[] {
  return excessPermissions([...all, ...optionalPermissions(manifest, all)], {
    cwd: Deno.cwd(),
    holds: isGranted,
  });
}

/** A strict manifest listens where that is said in words. */
const FOR_SOCKET = ", or, if that is for a control socket, start it with --control PATH";

/** Lists the permissions to remove, a line each. */
export function excessLines(found: readonly HeldPermission[]): string[] {
  if (isEverything(found)) return ["  remove -A (--allow-all), which grants everything"];
  return found.map(({ name, value }) => {
    if (value === undefined) return `  remove --allow-${name} without values, which grants all of it`;
    const what = name === "run" ? runsAnything(value) : undefined;
    const why = what !== undefined ? `: it ${what}` : value.startsWith("unix:") ? FOR_SOCKET : "";
    return `  remove ${value} from --allow-${name}${why}`;
  });
}

/** Lists each permission with its purpose, then the programs that can run any other. */
export function explainedLines(manifest: Manifest, permissions: readonly ManifestPermission[]): string[] {
  const told = permissions.map((permission) => ({
    flag: permissionFlags([permission])[0]!,
    why: reasonsText(permission.why),
  }));
  const width = Math.max(0, ...told.map(({ flag }) => flag.length));
  const wide = [
    ...unrestrictedLines(manifest),
    ...(permissions.some(({ why }) => why.some(({ purpose }) => purpose === "starts")) ? [setsidLine()] : []),
  ];
  return [
    `${manifest.name}: ${formatCount(permissions.length, "permission")}`,
    ...told.map(({ flag, why }) => `  ${flag.padEnd(width)}  ${why}`),
    ...(wide.length === 0 ? [] : ["Wider than they look:", ...wide]),
  ];
}

/** The programs that can run any other, a line each. */
export function unrestrictedLines(manifest: Manifest): string[] {
  return unrestrictedPrograms(manifest, linkEnd).map(({ program, what, why }) =>
    `  "${program}" ${what}, so the permission to run it is that to run everything: ${reasonsText(why)}`
  );
}

/** See {@linkcode FollowLinks}. */
const linkEnd: FollowLinks = (program, { cwd, env }) => {
  const found = findProgram(program, { cwd, path: searchPath(env) });
  if (found.state !== "found" || missingPermissions([{ name: "read", value: found.path }]).length > 0) {
    return undefined;
  }
  try {
    const file = Deno.realPathSync(found.path);
    return file === found.path ? undefined : file;
  } catch (error) {
    // The path may lead through folders that the system or Deno does not let us read.
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
      return undefined;
    }
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
};

/** Lists the reasons for which `up` would refuse under the permissions of this process, if the manifest is strict. */
export function strictLines(manifest: Manifest, all: readonly ManifestPermission[]): string[] {
  const found = manifest.permissions === "strict" ? excessFor(manifest, all) : [];
  if (found.length === 0) return [];
  return [
    `  its permissions are "strict": 'up' refuses those of this process, of which 'check' itself may need some`,
    ...excessLines(found).map((line) => `  ${line}`),
    `    and give deno run these instead: ${permissionFlags(all).map(shellQuote).join(" ")}`,
  ];
}
