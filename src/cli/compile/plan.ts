/**
 * Plans the content of an executable. Pure.
 *
 * Permissions are fixed when it is made, so every path that they name must be known by then. Therefore embedded
 * programs are unpacked to a folder whose name follows from its content, and not to a new one each time.
 */

import { basename, dirname, isAbsolute, join, relative } from "node:path";
import type { Manifest } from "../../manifest/fields/types.ts";
import { type ManifestPermission, ownPermission } from "../../manifest/grants/permissions.ts";
import { sidecarsOf } from "../../manifest/resolve/children.ts";
import { mapPrograms } from "../../manifest/resolve/each_program.ts";
import { CompileError } from "./compile_errors.ts";

/** A program in the executable. */
export interface Embedded {
  /** Where it is unpacked to: a name in the folder. */
  readonly name: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Stands for the cache of a user who is not known yet. Nothing can exist there: its parent is not a folder. */
export const CACHE = "/dev/null/cache";

/** All that an executable knows; plain data. */
export interface Compiled {
  /** Which Outrider made it. */
  readonly version: string;
  /** Resolved: nothing is to be filled in. */
  readonly manifest: Manifest;
  /** The flags that it was made with. */
  readonly flags: readonly string[];
  /** Where it listens for `status`, `restart` and `terminate`; absolute. */
  readonly control?: string | undefined;
  /** The state folder; absolute. Without it, a second run is not noticed. */
  readonly state?: string | undefined;
  /**
   * The programs to unpack before anything starts, and their folder: absolute; below {@linkcode CACHE}, the folder
   * stands for one in the cache of the user who runs the executable.
   */
  readonly unpack?: { readonly folder: string; readonly programs: readonly Embedded[] } | undefined;
}

/** A program to embed. */
export interface ProgramToEmbed {
  /** Absolute. */
  readonly path: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** The programs that a resolved manifest gives by path, each once, in its order; those of probes too. */
export function programPaths(manifest: Manifest): string[] {
  const found: string[] = [];
  mapPrograms(manifest, { program: (command) => (found.push(command), command) });
  return [...new Set(found.filter(isAbsolute))];
}

/**
 * Holds the programs to embed against the pins of the manifest: one that is not the pinned one could never start.
 *
 * @throws {CompileError} `embed_not_pinned`
 */
export function compareChecksums(manifest: Manifest, programs: readonly ProgramToEmbed[]): void {
  const sums = new Map(programs.map(({ path, sha256 }) => [path, sha256]));
  for (const { path, entry } of sidecarsOf(manifest)) {
    const found = sums.get(entry.command);
    if (found === undefined || entry.sha256 === undefined || entry.sha256.toLowerCase() === found) continue;
    throw new CompileError(
      "embed_not_pinned",
      `Cannot embed ${entry.command}: its SHA-256 is ${found}, and '${path}' is pinned to ${entry.sha256}`,
    );
  }
}

/** The folder under `parent` that programs are unpacked to: its name follows from its content. */
export async function unpackFolder(parent: string, programs: readonly Embedded[]): Promise<string> {
  const text = programs.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join("");
  return join(parent, `outrider-${(await sha256Hex(new TextEncoder().encode(text))).slice(0, 16)}`);
}

/** The names that programs are unpacked under: their own, with a number where two have the same. */
export function embeddedNames(programs: readonly ProgramToEmbed[]): Embedded[] {
  const taken = new Set<string>(["lock"]);
  return programs.map(({ path, sha256 }) => {
    const own = basename(path);
    let name = own;
    for (let number = 2; taken.has(name); number++) name = `${number}-${own}`;
    taken.add(name);
    return { name, sha256 };
  });
}

/**
 * Returns the manifest with its programs in `folder`. Programs that ran in the manifest's folder `dir`, or below it,
 * run in the folder that the executable is started in, or below that: its own may not be there.
 */
export function relocateManifest(
  manifest: Manifest,
  { programs, names, folder, dir }: {
    readonly programs: readonly ProgramToEmbed[];
    readonly names: readonly Embedded[];
    readonly folder: string;
    readonly dir: string;
  },
): Manifest {
  const places = new Map(programs.map(({ path }, index) => [path, join(folder, names[index]!.name)]));
  return mapPrograms(manifest, {
    program: (command) => places.get(command) ?? command,
    cwd(cwd) {
      const below = relative(dir, cwd);
      return below.startsWith("..") || isAbsolute(below) ? cwd : below || ".";
    },
  });
}

/**
 * Returns the permissions to unpack programs and to run them. A process that may write a program and start it may start
 * anything, so Deno does not let one be written to whose path `--allow-run` names: it takes all of `--allow-run`. To
 * look at the folders above its own it takes all of `--allow-read`, as Deno grants a folder with all that is in it.
 * Besides, there is {@linkcode WHOSE}.
 */
export function unpackPermissions(folder: string): ManifestPermission[] {
  const isKnown = !isInCache(folder);
  return [
    ownPermission({ name: "run", value: undefined }, "embedded"),
    ownPermission({ name: "read", value: undefined }, "embedded"),
    ownPermission({ name: "write", value: isKnown ? folder : undefined }, "embedded"),
    ...(isKnown ? [] : CACHE_VARIABLES.map((value) => ownPermission({ name: "env", value }, "embedded"))),
  ];
}

/** The flag that lets it know this user's uid, for the owner of the folder; no manifest needs a similar one. */
export const WHOSE = "--allow-sys=uid";

/** The variables that locate a user's cache. */
export const CACHE_VARIABLES: readonly ["XDG_CACHE_HOME", "HOME"] = ["XDG_CACHE_HOME", "HOME"];

/** Whether `folder` stands for one in a cache that is not known yet. */
export function isInCache(folder: string): boolean {
  return dirname(folder) === CACHE;
}

/** In hexadecimal. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
