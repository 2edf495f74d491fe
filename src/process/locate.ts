/**
 * Where a program is, before anybody starts it.
 *
 * @module
 */

import { delimiter, join } from "node:path";
import { isPath, missingPermissions, resolveProgram } from "./permit.ts";

/** What is known of a program that is not running. */
export type Located =
  /** It is there and executable. */
  | { readonly state: "found"; readonly path: string }
  /** There is no such file in any of `searched`. */
  | { readonly state: "not_found"; readonly searched: readonly string[] }
  /** The file is there, and is a folder or not executable. */
  | { readonly state: "not_executable"; readonly path: string }
  /** Some of the places may not be read. */
  | { readonly state: "unknown"; readonly unreadable: readonly string[] };

/** Looks for `program` as a start would, on `path` (a PATH) or, with a slash in its name, at its place. Never prompts. */
export function locate(program: string, { cwd, path }: { cwd?: string; path?: string }): Located {
  const resolved = resolveProgram(program, cwd);
  const places = isPath(resolved) ? [resolved] : folders(path).map((folder) => join(folder, resolved));
  const unreadable: string[] = [];
  let refused: string | undefined;
  for (const place of places) {
    switch (look(place)) {
      case "executable":
        return { state: "found", path: place };
      case "unknown":
        unreadable.push(place);
        break;
      case "refused":
        refused ??= place;
    }
  }
  if (unreadable.length > 0) return { state: "unknown", unreadable };
  if (refused !== undefined) return { state: "not_executable", path: refused };
  return { state: "not_found", searched: isPath(resolved) ? places : folders(path) };
}

function folders(path: string | undefined): string[] {
  return (path ?? "").split(delimiter).filter((folder) => folder !== "");
}

function look(place: string): "executable" | "refused" | "missing" | "unknown" {
  if (missingPermissions([{ name: "read", value: place }]).length > 0) return "unknown";
  try {
    const { isFile, mode } = Deno.statSync(place);
    return isFile && (mode === null || (mode & 0o111) !== 0) ? "executable" : "refused";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return "missing";
    if (error instanceof Deno.errors.PermissionDenied) return "unknown";
    throw error;
  }
}
