/**
 * A manifest, read and held against the permissions at hand: what every verb
 * that takes a FILE begins with.
 *
 * @module
 */

import type { IgnoredPart } from "../../manifest/resolve/platform.ts";
import { formatCount } from "../../text/words.ts";
import type { Manifest } from "../../manifest/fields/entries.ts";
import { load, type Loaded } from "../../manifest/load.ts";
import {
  type ManifestPermission,
  ownPermission,
  permissionFlags,
  requiredPermissions,
  shellQuote,
} from "../../manifest/grants/permissions.ts";
import { socketPermissions } from "../../control/socket.ts";
import { findProgram, searchPath } from "../../permissions/find_program.ts";
import { isDenied, missingPermissions } from "../../permissions/permit.ts";
import { programFiles } from "../../process/start/program_file.ts";
import { visible } from "../../text/printable.ts";
import { OutriderError } from "../../outrider_error.ts";

/**
 * The manifest in `file`, what its run needs, with a control socket at `control` if there is to be one, and what of
 * that is missing now.
 *
 * @throws {ManifestError}
 */
export async function prepare(
  file: string,
  { control }: { readonly control?: string | undefined } = {},
): Promise<Loaded & { all: readonly ManifestPermission[]; missing: readonly ManifestPermission[] }> {
  const loaded = await load(file);
  return { ...loaded, ...permissionsFor(loaded.manifest, loaded.reads, control) };
}

/** What a run of `manifest`, for which `reads` must be readable, needs, and what of that is missing now. */
export function permissionsFor(
  manifest: Manifest,
  reads: string,
  control?: string,
): { all: readonly ManifestPermission[]; missing: readonly ManifestPermission[] } {
  const execPath = Deno.build.standalone ? undefined : Deno.execPath();
  const socket = control === undefined ? [] : socketPermissions(control, "listen");
  const all = [
    ...requiredPermissions(manifest, { file: reads, execPath, find: programFiles, locate: located }),
    ...socket.map((need) => ownPermission(need, "control")),
  ];
  return { all, missing: missingOf(all) };
}

/** Those that are not granted now. */
export function missingOf(permissions: readonly ManifestPermission[]): ManifestPermission[] {
  return permissions.filter(({ name, value = "" }) => missingPermissions([{ name, value }]).length > 0);
}

/** The permissions at hand are not enough; `code` is `permissions_missing`. */
export class PermissionsMissingError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "permissions_missing";
  /** What to add to `deno run`; several flags are separated by a space. */
  readonly missingFlag: string;

  /** `flags` are not quoted. */
  constructor(message: string, flags: readonly string[]) {
    super(message);
    this.missingFlag = flags.join(" ");
  }

  /** Of the tree `name`: its message says who needs what. */
  static of(name: string, missing: readonly ManifestPermission[]): PermissionsMissingError {
    return new PermissionsMissingError(
      missingLines(name, missing).map(visible).join("\n"),
      permissionFlags(missing),
    );
  }
}

/** Where a program is; unknown where its folders may not be read. */
function located(command: string, path: string | undefined): string | undefined {
  const found = findProgram(command, { path: searchPath({ PATH: path }) });
  return found.state === "found" ? found.path : undefined;
}

/** What is missing and who needs it, a line each; then all of it as one would type it. */
export function missingLines(name: string, missing: readonly ManifestPermission[]): string[] {
  return [
    `Cannot start '${name}': ${formatCount(missing.length, "permission")} missing`,
    ...neededLines(missing),
    `Add to deno run: ${permissionFlags(missing).map(shellQuote).join(" ")}`,
    ...deniedLines(missing),
  ];
}

/** Each flag and who needs it, a line each. */
export function neededLines(permissions: readonly ManifestPermission[]): string[] {
  const wanted = permissions.map((permission) => ({
    flag: permissionFlags([permission])[0]!,
    need: permission,
  }));
  const width = Math.max(...wanted.map(({ flag }) => flag.length));
  return wanted.map(({ flag, need: permission }) =>
    `  ${flag.padEnd(width)}  needed by ${neededBy(permission)}`
  );
}

function neededBy({ children, why }: ManifestPermission): string {
  const itself = why.some(({ child }) => child === undefined) ? ["Outrider itself"] : [];
  return [...children, ...itself].join(", ");
}

/** What `--deny-…` forbids, a line a permission. */
function deniedLines(missing: readonly ManifestPermission[]): string[] {
  const denied = missing.filter(({ name, value }) => isDenied({ name, value: value ?? "" }));
  return [...Map.groupBy(denied, ({ name }) => name)].map(([name, permissions]) => {
    const values = permissions.map(({ value }) => value ?? "all of it").join(", ");
    return `That alone is not enough: --deny-${name} forbids ${values}`;
  });
}

/** All of it, a line each. */
export function ignoredLines(ignored: readonly IgnoredPart[]): string[] {
  return ["Left out:", ...ignored.map(({ path, why }) => `  ${path}: ${why}`)];
}

/** The sidecars that do not start, a line each, and how many settings have no counterpart. */
export function ignoredBriefly(ignored: readonly IgnoredPart[]): string[] {
  const sidecars = ignored.filter(({ kind }) => kind === "sidecar");
  const settings = ignored.length - sidecars.length;
  const more = settings === 0 ? [] : [
    `  ${formatCount(settings, "setting")} of no effect here; 'outrider check' names ${
      settings === 1 ? "it" : "them"
    }`,
  ];
  return ["Left out:", ...sidecars.map(({ path, why }) => `  ${path}: ${why}`), ...more];
}
