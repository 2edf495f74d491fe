/**
 * Leaves out what a Tauri app may start and this machine does not have. A scope permits `powershell` and `aria2c` to all
 * who install the app; Tauri starts without them, so they are not faults, and cost no permission.
 */

import type { Loaded } from "../../manifest/load.ts";
import type { IgnoredPart } from "../../manifest/resolve/platform.ts";
import { programsOf } from "../../manifest/resolve/children.ts";
import type { TemplateEntry } from "../../manifest/fields/types.ts";
import { isTauri } from "../../manifest/tauri/file_name.ts";
import { findProgram, searchPath } from "../../permissions/find_program.ts";
import { isPath, mayRun } from "../../permissions/permit.ts";
import { hasTriple } from "./startable.ts";

/** The same without those templates, which are listed. A sidecar of the app itself stays: it has to be there. */
export function withoutAbsent(loaded: Loaded): Loaded {
  const { templates } = loaded.manifest;
  if (!isTauri(loaded.file) || templates === undefined) return loaded;
  const mayRunOne = programsOf(loaded.manifest).some(({ entry }) => mayRun(entry.command));
  const absent = templates.filter((template) =>
    !hasTriple(template.command) && isAbsent(template, mayRunOne)
  );
  if (absent.length === 0) return loaded;
  const listed = absent.map(({ id, command }): IgnoredPart => ({
    path: `${id} (template)`,
    kind: "sidecar",
    why: `the app may start "${command}", and it is not on this machine`,
  }));
  return {
    ...loaded,
    manifest: { ...loaded.manifest, templates: templates.filter((template) => !absent.includes(template)) },
    ignored: [...loaded.ignored, ...listed],
  };
}

/**
 * Where a program may not be looked for, it was absent if others may be run and it may not: `outrider permissions` has
 * left it out.
 */
function isAbsent({ command, cwd, env }: TemplateEntry, mayRunOne: boolean): boolean {
  const path = searchPath(env);
  const { state } = findProgram(command, { cwd, path });
  if (state === "unknown" || (path === undefined && !isPath(command))) return mayRunOne && !mayRun(command);
  return state === "not_found";
}
