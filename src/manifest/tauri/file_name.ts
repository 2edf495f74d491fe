/**
 * Tells Tauri's configuration from a manifest by its name, before anything of it is read.
 */

import { basename } from "../../permissions/path.ts";

/** Whether a file of that name is a configuration of Tauri. */
export function isTauri(file: string): boolean {
  return /^tauri(?:\.\w+)?\.conf\.json5?$|^Tauri(?:\.\w+)?\.toml$/.test(basename(file));
}
