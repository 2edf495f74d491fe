/**
 * Whether a program or a working directory of a tree is missing, found before anything of it starts: then all that
 * `outrider check` says is told at once. Used by `up` and by executables.
 *
 * Cheap where all is there: what explains a fault is loaded for one. What may not be looked for is left to the start.
 */

import type { Entry, Manifest } from "../../manifest/fields/types.ts";
import { type ProgramEntry, programOf, withoutTemplates } from "../../manifest/resolve/children.ts";
import { launcherProgram } from "../../options/launcher.ts";
import { findProgram, searchPath } from "../../permissions/find_program.ts";
import { isPath, mayRead } from "../../permissions/permit.ts";
import { isEnd } from "../../supervision/dependencies.ts";
import { visible } from "../../text/printable.ts";
import type { FixedPermissions } from "./issues/issues.ts";

/** @throws {NotStartableError} something is missing, as far as it may be looked for */
export async function requirePrograms(manifest: Manifest, fixed?: FixedPermissions): Promise<void> {
  const children = thoseAtOnce(manifest.children);
  if (!children.some((child) => lacksSomething(child, fixed))) return;
  const [{ checkIssues, issueLines }, { NotStartableError }] = await Promise.all([
    import("./issues/issues.ts"),
    import("./not_startable.ts"),
  ]);
  const issues = checkIssues(withoutTemplates({ ...manifest, children }), fixed);
  const faults = issues.filter(({ kind }) => kind === "fault").map(({ path, text }) => ({ path, text }));
  if (faults.length === 0) return;
  const lines = issueLines(issues, "fault", fixed).map(visible);
  throw new NotStartableError(manifest.name, faults, lines);
}

/** Without those that start by hand, or wait for the end of a job, which may make their programs. */
function thoseAtOnce(children: readonly Entry[]): Entry[] {
  return children.flatMap((child): Entry[] => {
    if (child.start === false || child.after?.some(({ condition }) => isEnd(condition))) return [];
    if (!("children" in child)) return [child];
    const inner = thoseAtOnce(child.children);
    return inner.length === 0 ? [] : [{ ...child, children: inner }];
  });
}

function lacksSomething(child: Entry, fixed: FixedPermissions | undefined): boolean {
  if ("children" in child) return child.children.some((inner) => lacksSomething(inner, fixed));
  const entry = programOf(child);
  const isMissing = (program: string) => isProgramMissing(program, entry);
  // What an executable holds is checked where it is unpacked.
  const own = fixed?.unpacked === undefined ? [entry.command] : [];
  return [...own, ...launcherProgram(entry)].some(isMissing) || isFolderMissing(entry.cwd);
}

function isProgramMissing(program: string, { cwd, env }: ProgramEntry): boolean {
  const path = searchPath(env);
  if (program === "deno" || (path === undefined && !isPath(program))) return false;
  const { state } = findProgram(program, { cwd, path });
  return state === "not_found" || state === "not_executable";
}

function isFolderMissing(cwd: string): boolean {
  if (cwd === "." || !mayRead(cwd)) return false;
  try {
    return !Deno.statSync(cwd).isDirectory;
  } catch {
    return true; // what is in the way is told by the check
  }
}
