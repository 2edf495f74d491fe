/**
 * A manifest, read and held against the permissions at hand: what every verb
 * that takes a FILE begins with.
 *
 * @module
 */

import { load } from "../manifest/load.ts";
import type { Loaded } from "../manifest/load.ts";
import { flags, needs } from "../manifest/permissions.ts";
import type { Need } from "../manifest/permissions.ts";
import { missingPermissions } from "../process/permit.ts";

/** The manifest in `file`, what its run needs, and what of that is missing now. @throws {ManifestError} */
export async function prepare(
  file: string,
): Promise<Loaded & { all: readonly Need[]; missing: readonly Need[] }> {
  const loaded = await load(file);
  const execPath = Deno.build.standalone ? undefined : Deno.execPath();
  const all = needs(loaded.manifest, { file: loaded.file, execPath });
  const missing = all.filter(({ name, value }) =>
    missingPermissions([{ name, value: value ?? "" }]).length > 0
  );
  return { ...loaded, all, missing };
}

/** One line for each missing permission: who needs it, and the flag that grants it. */
export function missingLines(missing: readonly Need[]): string[] {
  return missing.map((need) => {
    const who = need.children.length === 0 ? "Outrider" : need.children.join(", ");
    return `  ${flags([need])[0]}  needed by ${who}`;
  });
}
