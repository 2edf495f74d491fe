/**
 * Which file a bare name starts, where a child's PATH is another than Deno's own.
 *
 * Deno looks a name in `--allow-run` up once, on the PATH that it was started with, and grants that file.
 * A start looks it up again on the PATH of the child. Where that is another one, permission is for files and never for
 * the name, and it is the file that is started: what was asked for, what was granted and what runs are the same path. A
 * relative folder in a PATH is one in the child's working directory; Deno would look for it in the runtime's, and then
 * start what is there in the child's. An empty one is passed over.
 *
 * @module
 */

import { delimiter, isAbsolute } from "node:path";
import { type CandidateFiles, candidateFiles } from "../../permissions/find_program.ts";
import { isPath, missingPermissions, readVariable, resolveProgram } from "../../permissions/permit.ts";
import type { EnvValue } from "../secrets/secret.ts";

/** What a name is looked up by: of a `Command`, or of an entry of a manifest. */
export interface ProgramLookup {
  /** The child's working directory; `undefined` for the runtime's own. */
  readonly cwd: string | undefined;
  /** Variables that are set. */
  readonly env: Readonly<Record<string, EnvValue>>;
  /** Names of variables that are passed on. */
  readonly inheritEnv: readonly string[];
}

/**
 * The files that `program` may be, the first one there counts; none: it is nowhere. There are several only where it may
 * not be looked which of them is there, and none of them, or each, may be run. `undefined`: it is a path already, or
 * Deno's own lookup finds the same file. Never prompts.
 */
export function programFiles(program: string, searching: ProgramLookup): readonly string[] | undefined {
  const resolved = resolveProgram(program, searching.cwd);
  const path = isPath(resolved) ? undefined : ownPath(searching);
  if (path === undefined) return undefined;
  return choose(candidateFiles(resolved, { path, cwd: searching.cwd }));
}

/** The PATH of the child, where Deno's lookup can't be relied on. */
function ownPath({ env, inheritEnv }: ProgramLookup): string | undefined {
  if (Object.hasOwn(env, "PATH")) return typeof env.PATH === "string" ? env.PATH : undefined;
  const path = inheritEnv.includes("PATH") ? readVariable("PATH") : undefined;
  return path?.split(delimiter).every((folder) => isAbsolute(folder)) ? undefined : path;
}

/** One that is granted, and may be there, is the one that the flags were made for: `permissions` has looked. */
function choose({ maybe, found }: CandidateFiles): readonly string[] {
  const all = found === undefined ? maybe : [...maybe, found];
  if (maybe.length === 0) return all;
  const granted = all.filter((file) => missingPermissions([{ name: "run", value: file }]).length === 0);
  return granted.length === 0 || granted.length === all.length ? all : granted.slice(0, 1);
}
