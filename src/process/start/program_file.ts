/**
 * Finds the file that a bare name starts, where the PATH of a child differs from Deno's own.
 *
 * Deno looks up a name in `--allow-run` once, on the PATH that it was started with, and grants that file. A start looks it
 * up again on the PATH of the child. Where that differs, permission is for files and never for the name, and the file is
 * started: the path that was requested, granted and run is one. A relative folder in a PATH is relative to the child's
 * working directory; Deno would look for it in the runtime's, and then start the file in the child's. An empty one is
 * skipped.
 */

import { delimiter, isAbsolute } from "../../permissions/path.ts";
import { type CandidateFiles, candidateFiles } from "../../permissions/find_program.ts";
import { isPath, mayRun, readVariable, resolveProgram } from "../../permissions/permit.ts";
import type { Command } from "../command.ts";

/** The part of a {@linkcode Command}, or of a manifest's entry, that decides where a name is looked up. */
export type ProgramLookup = Pick<Command, "cwd" | "env" | "inheritEnv">;

/**
 * Returns the files that `program` may be: the first that exists counts, and without any there is no such program. There
 * are several only where they may not be read, and none of them, or each, may be run. Returns `undefined` for a path, or
 * where Deno's own lookup finds the same file. Never prompts.
 */
export function programFiles(program: string, searching: ProgramLookup): readonly string[] | undefined {
  const resolved = resolveProgram(program, searching.cwd);
  const path = isPath(resolved) ? undefined : ownPath(searching);
  if (path === undefined) return undefined;
  return choose(candidateFiles(resolved, { path, cwd: searching.cwd }));
}

/** Returns the PATH of the child, where Deno's lookup is not reliable. */
function ownPath({ env, inheritEnv }: ProgramLookup): string | undefined {
  if (Object.hasOwn(env, "PATH")) return typeof env.PATH === "string" ? env.PATH : undefined;
  const path = inheritEnv.includes("PATH") ? readVariable("PATH") : undefined;
  return path?.split(delimiter).every((folder) => isAbsolute(folder)) ? undefined : path;
}

/** Chooses a file that is granted and may exist: the flags were made for it, as `permissions` has looked. */
function choose({ maybe, found }: CandidateFiles): readonly string[] {
  const all = found === undefined ? maybe : [...maybe, found];
  if (maybe.length === 0) return all;
  const granted = all.filter(mayRun);
  return granted.length === 0 || granted.length === all.length ? all : granted.slice(0, 1);
}
