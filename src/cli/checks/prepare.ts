/**
 * Reads a manifest and compares its needs with the granted permissions: the first step of every verb that takes a FILE.
 */

import type { IgnoredPart } from "../../manifest/resolve/platform.ts";
import { formatCount } from "../../text/words.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import { load, type Loaded } from "../../manifest/load.ts";
import { childrenWithPaths, withoutTemplates } from "../../manifest/resolve/children.ts";
import { partFor } from "../../manifest/resolve/subset.ts";
import { unknownChild } from "../verb.ts";
import {
  type ManifestPermission,
  ownPermission,
  permissionFlags,
  requiredPermissions,
} from "../../manifest/grants/permissions.ts";
import { shellQuote } from "../../text/shell_quote.ts";
import { listenPermissions, locateToListen } from "../../control/socket_place.ts";
import { findProgram, searchPath } from "../../permissions/find_program.ts";
import { isDenied, missingPermissions } from "../../permissions/permit.ts";
import { exchangeReason } from "../../permissions/trusted_path.ts";
import { droppedProgramHint } from "../../process/start/failed/dropped_program.ts";
import { programFiles } from "../../process/start/program_file.ts";
import { visible } from "../../text/printable.ts";
import { withoutAbsent } from "./absent.ts";
import { PermissionsMissingError } from "../permission_errors.ts";

/**
 * Reads the manifest in `file`, the needs of its run, with a control socket at `control` if one is wanted, and which of
 * that is missing now. The needs of templates count where `templates` says so, or nothing else is there.
 *
 * @throws {ManifestError}
 */
export async function prepare(
  file: string,
  { control, own = [], only = [], templates = false, loaded: known }: {
    readonly control?: string | undefined;
    /** Further needs of Outrider itself. */
    readonly own?: readonly ManifestPermission[];
    /** The children to start, with what they need. Default: all. */
    readonly only?: readonly string[];
    readonly templates?: boolean | undefined;
    /** What is in `file`, where that has been read. */
    readonly loaded?: Loaded | undefined;
  } = {},
): Promise<Loaded & { all: readonly ManifestPermission[]; missing: readonly ManifestPermission[] }> {
  const loaded = withoutAbsent(known ?? await load(file));
  const { manifest, reads } = loaded;
  const isWhole = templates || manifest.children.length === 0;
  const started = isWhole ? manifest : withoutTemplates(manifest);
  const whole = permissionsFor(started, reads, control, own);
  if (only.length === 0) return { ...loaded, ...whole };
  const part = partOf(manifest, only);
  // More than the part needs is no excess.
  const { missing } = permissionsFor(withoutTemplates(part), reads, control, own);
  return { ...loaded, manifest: part, all: whole.all, missing };
}

/** The part of a manifest with these children. @throws {UsageError} one of them is not there */
function partOf(manifest: Manifest, paths: readonly string[]): Manifest {
  const known = childrenWithPaths(manifest).map(({ path }) => path);
  const unknown = paths.find((path) => !known.includes(path));
  if (unknown !== undefined) throw unknownChild(unknown, known);
  return partFor(manifest, paths)!;
}

/** Finds the permissions that a run of `manifest` needs, with `reads` readable, and those that are missing now. */
export function permissionsFor(
  manifest: Manifest,
  reads: string,
  control?: string,
  own: readonly ManifestPermission[] = [],
): { all: readonly ManifestPermission[]; missing: readonly ManifestPermission[] } {
  const execPath = Deno.build.standalone ? undefined : Deno.execPath();
  const socket = control === undefined ? [] : listenPermissions(locateToListen(control));
  const all = [
    ...requiredPermissions(manifest, { file: reads, execPath, find: programFiles, locate: located }),
    ...socket.map((need) => ownPermission(need, "control")),
    ...own,
  ];
  return { all, missing: missingOf(all) };
}

/** Those that are not granted now. */
export function missingOf(permissions: readonly ManifestPermission[]): ManifestPermission[] {
  return permissions.filter(({ name, value = "" }) => missingPermissions([{ name, value }]).length > 0);
}

/** The error for the tree `name`: its message lists which sidecar needs which permission. */
export function missingError(name: string, missing: readonly ManifestPermission[]): PermissionsMissingError {
  return new PermissionsMissingError(
    missingLines(name, missing).map(visible).join("\n"),
    permissionFlags(missing),
  );
}

/** Where a program is; unknown where its folders may not be read. */
function located(command: string, path: string | undefined): string | undefined {
  const found = findProgram(command, { path: searchPath({ PATH: path }) });
  return found.state === "found" ? found.path : undefined;
}

/** Lists the missing permissions with their reasons, a line each; then all of them as one would type them. */
export function missingLines(name: string, missing: readonly ManifestPermission[]): string[] {
  return [
    `Cannot start '${name}': ${formatCount(missing.length, "permission")} missing`,
    ...neededLines(missing),
    `Add to deno run: ${permissionFlags(missing).map(shellQuote).join(" ")}`,
    ...deniedLines(missing),
    ...droppedLines(missing),
  ];
}

/** Lists each flag with its reasons, a line each. */
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

/** Lists the permissions that `--deny-…` forbids, a line each. */
function deniedLines(missing: readonly ManifestPermission[]): string[] {
  const denied = missing.filter(({ name, value }) => isDenied({ name, value: value ?? "" }));
  return [...Map.groupBy(denied, ({ name }) => name)].map(([name, permissions]) => {
    const values = permissions.map(({ value }) => value ?? "all of it").join(", ");
    return `That alone is not enough: --deny-${name} forbids ${values}`;
  });
}

/** Says that a flag may be there in vain, on a line. */
function droppedLines(missing: readonly ManifestPermission[]): string[] {
  const hint = droppedProgramHint(missing.map(({ name, value = "" }) => ({ name, value })));
  return hint === undefined ? [] : [`${hint[0]!.toUpperCase()}${hint.slice(1)}`];
}

/** All of it, a line each. */
export function ignoredLines(ignored: readonly IgnoredPart[]): string[] {
  return ["Left out:", ...ignored.map(({ path, why }) => `  ${path}: ${why}`)];
}

/** The sidecars that do not start and what else is to know, a line each, and how many settings have no counterpart. */
export function ignoredBriefly(ignored: readonly IgnoredPart[]): string[] {
  const named = ignored.filter(({ kind }) => kind !== "setting");
  const settings = ignored.length - named.length;
  const more = settings === 0 ? [] : [
    `  ${formatCount(settings, "setting")} of no effect here; 'outrider check' names ${
      settings === 1 ? "it" : "them"
    }`,
  ];
  return ["Left out:", ...named.map(({ path, why }) => `  ${path}: ${why}`), ...more];
}

/**
 * Warns where other users may exchange a manifest (absolute), as sentences without a full stop. Only readable files are
 * looked at; of a manifest that is a module, its own file and not its imports.
 */
export function manifestWarnings(file: string): string[] {
  const why = exchangeReason(file);
  return why === undefined ? [] : [
    `the manifest can be exchanged: ${why}; whoever may has Outrider run what they like: take their right to write`,
  ];
}
