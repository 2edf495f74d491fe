/**
 * What `workspace/didChangeWatchedFiles` has a server told: which folders to watch, and which changes it gets. Pure; the
 * watching itself is in `file_watcher.ts`.
 */

import { isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isObject } from "./capabilities.ts";
import { globMatcher } from "./globs.ts";
import type { LspRegistration } from "./methods.ts";
import type { LspWorkspaceFolder } from "./workspace.ts";

/** The method that registrations of watched files have. */
export const WATCHED_FILES = "workspace/didChangeWatchedFiles";

/** LSP's numbers for what happened to a file; a watcher's `kind` has the bits 1, 2 and 4 for them. */
export const FILE_CHANGES = { created: 1, changed: 2, deleted: 3 } as const;

/** What happened to a file. */
export type FileChange = keyof typeof FILE_CHANGES;

/** A part of a folder that a server wants to hear of. */
export interface WatchedFiles {
  /** The folder, as an absolute path; it may not be there yet. */
  readonly folder: string;
  /** The folder that the pattern is relative to; it has `folder` in it, or is the same. */
  readonly base: string;
  /** Whether the folders in it are meant, too. */
  readonly isDeep: boolean;
  /** Whether a change of that file, by its absolute path, is meant. */
  readonly includes: (path: string, change: FileChange) => boolean;
}

/** Returns what a registration wants watched; a pattern without a base is meant for each of `folders`. */
export function watchedFiles(
  { registerOptions }: LspRegistration,
  folders: readonly LspWorkspaceFolder[] | null,
): readonly WatchedFiles[] {
  const watchers = isObject(registerOptions) && Array.isArray(registerOptions.watchers)
    ? registerOptions.watchers.filter(isObject)
    : [];
  return watchers.flatMap(({ globPattern, kind }) => {
    const kinds = typeof kind === "number" ? kind : 7;
    if (isObject(globPattern)) {
      const { baseUri, pattern } = globPattern;
      const uri = isObject(baseUri) ? baseUri.uri : baseUri;
      return typeof pattern === "string" && typeof uri === "string"
        ? watched(filePathOf(uri), pattern, kinds)
        : [];
    }
    if (typeof globPattern !== "string") return [];
    return (folders ?? []).flatMap(({ uri }) => watched(filePathOf(uri), globPattern, kinds));
  });
}

function watched(base: string | undefined, pattern: string, kinds: number): WatchedFiles[] {
  const glob = slashed(pattern);
  const fits = globMatcher(glob);
  if (base === undefined || fits === undefined) return [];
  // No deeper than the names that hold for all that is meant: a server may want one file of a large tree.
  const names = glob.split("/");
  const plain = names.slice(0, names.findIndex((name, at) => /[*?[{]/.test(name) || at === names.length - 1));
  const isWhole = isAbsolute(pattern);
  const folder = isWhole ? resolve(plain.join("/") || "/") : resolve(base, ...plain);
  return [{
    folder,
    base: isWhole ? folder : base,
    isDeep: names.length - plain.length > 1 || glob.includes("**"),
    includes(path, change) {
      if ((kinds & 1 << FILE_CHANGES[change] - 1) === 0) return false;
      if (isWhole) return fits(slashed(path));
      const within = slashed(relative(base, path));
      return !within.startsWith("../") && fits(within);
    },
  }];
}

function slashed(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

/** The path of a `file:` URL; `undefined`: it is not one. */
export function filePathOf(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

/** What was seen of a path first: it was made, or it is a name that was given or taken away, or anything else. */
export type SeenChange = "made" | "renamed" | "other";

/** Returns what happened to a file that is or is not there at the end; `undefined`: it came and went. */
export function changeOf(seen: SeenChange, exists: boolean): FileChange | undefined {
  if (exists) return seen === "other" ? "changed" : "created";
  return seen === "made" ? undefined : "deleted";
}

/** Returns the params of `workspace/didChangeWatchedFiles` for changes by path; `undefined`: none of them is wanted. */
export function watchedChanges(
  changes: ReadonlyMap<string, FileChange>,
  wanted: readonly WatchedFiles[],
): { readonly changes: readonly { readonly uri: string; readonly type: number }[] } | undefined {
  const told = [...changes]
    .filter(([path, change]) => wanted.some(({ includes }) => includes(path, change)))
    .map(([path, change]) => ({ uri: pathToFileURL(path).href, type: FILE_CHANGES[change] }));
  return told.length === 0 ? undefined : { changes: told };
}
