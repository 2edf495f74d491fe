/**
 * A Tauri app, as `outrider import` reads it: for all platforms.
 */

import { convert } from "../tauri/convert.ts";
import { readProject } from "../tauri/project.ts";
import type { Importer } from "./format.ts";

/** Makes a manifest of the sidecars of an app. */
export const importTauri: Importer = async ({ path }, { merges }) => {
  const { manifest, ignored } = convert(await readProject(path, merges));
  return { manifest, notes: ignored.map(({ path, why }) => ({ text: `${path}: ${why}` })) };
};
