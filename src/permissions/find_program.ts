/**
 * Finds a program before it is started.
 */

import { delimiter, join } from "./path.ts";
import { isPath, mayRead, readVariable, resolvePath, resolveProgram } from "./permit.ts";

/** Where a program is looked for. */
export interface LookupContext {
  /** Its working directory; default the runtime's own. */
  readonly cwd?: string | undefined;
  /** The PATH for a bare name; default an empty one. */
  readonly path?: string | undefined;
}

/** The result of a lookup. */
export type ProgramLocation =
  /** It is there and executable. */
  | { readonly state: "found"; readonly path: string }
  /** No such file in any of `searched`. */
  | { readonly state: "not_found"; readonly searched: readonly string[] }
  /** The file is there, and is a folder or not executable. */
  | { readonly state: "not_executable"; readonly path: string }
  /** Some of the places may not be read. */
  | { readonly state: "unknown"; readonly unreadable: readonly string[] };

/** Where a program may be, in the order of the PATH, up to the first place where it is for certain. */
export interface CandidateFiles {
  /** Those before that one that may not be looked at. */
  readonly maybe: readonly string[];
  /** The first that is there and executable. */
  readonly found: string | undefined;
  /** The first that is there and is not executable. */
  readonly refused: string | undefined;
  /** The folders that were looked in; of a path, itself. */
  readonly searched: readonly string[];
}

/** The PATH that a process with `env` is looked up in: its own, or the runtime's, if that may be known. */
export function searchPath(env: Readonly<Record<string, unknown>>): string | undefined {
  return typeof env.PATH === "string" ? env.PATH : readVariable("PATH");
}

/**
 * Looks for `program` as a start would, on `path` (a PATH) or, with a slash in its name, at its place. Never prompts.
 */
export function findProgram(program: string, around: LookupContext): ProgramLocation {
  const { maybe, found, refused, searched } = candidateFiles(resolveProgram(program, around.cwd), around);
  if (found !== undefined) return { state: "found", path: found };
  if (maybe.length > 0) return { state: "unknown", unreadable: maybe };
  if (refused !== undefined) return { state: "not_executable", path: refused };
  return { state: "not_found", searched };
}

/** The places of a name or an absolute path; a relative folder of a PATH is in `cwd`, an empty one is passed over. */
export function candidateFiles(program: string, { cwd, path }: LookupContext): CandidateFiles {
  const searched = isPath(program)
    ? [program]
    : [...new Set(foldersOf(path).map((folder) => resolvePath(folder, cwd)))];
  const maybe: string[] = [];
  let refused: string | undefined;
  for (const where of searched) {
    const place = isPath(program) ? where : join(where, program);
    switch (look(place)) {
      case "executable":
        return { maybe, found: place, refused, searched };
      case "unknown":
        maybe.push(place);
        break;
      case "refused":
        refused ??= place;
    }
  }
  return { maybe, found: undefined, refused, searched };
}

/** The folders of a PATH; an empty one is passed over. */
export function foldersOf(path: string | undefined): string[] {
  return (path ?? "").split(delimiter).filter((folder) => folder !== "");
}

function look(place: string): "executable" | "refused" | "missing" | "unknown" {
  if (!mayRead(place)) return "unknown";
  try {
    const { isFile, mode } = Deno.statSync(place);
    return isFile && (mode === null || (mode & 0o111) !== 0) ? "executable" : "refused";
  } catch (error) {
    if (isNoSuchPlace(error)) return "missing";
    if (error instanceof Deno.errors.PermissionDenied) return "unknown";
    throw error;
  }
}

/** The result of `look`, or `undefined` where there is nothing at its path. */
export function ifThere<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** Whether a path could not be used because nothing is there, or the system or Deno does not let it be used. */
export function isOutOfReach(error: unknown): boolean {
  const { NotFound, NotADirectory, PermissionDenied, NotCapable } = Deno.errors;
  return [NotFound, NotADirectory, PermissionDenied, NotCapable].some((kind) => error instanceof kind);
}

/**
 * Whether looking at a path failed because nothing is there, or can be: such as a name that is too long for any file.
 */
export function isNoSuchPlace(error: unknown): boolean {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return true;
  return ["ENAMETOOLONG", "ELOOP", "EINVAL"].includes(
    (error as { readonly code?: string } | null)?.code ?? "",
  );
}
