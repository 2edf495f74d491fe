/**
 * Tells Tauri's configuration from a manifest by its name, before anything of it is read.
 */

import { basename } from "../../permissions/path.ts";

const CONFIGURATION = /^tauri(?:\.(.+))?\.conf\.json5?$|^Tauri(?:\.(.+))?\.toml$/;

/** Whether a file of that name is a configuration of Tauri, or is laid over one. */
export function isTauri(file: string): boolean {
  return CONFIGURATION.test(basename(file));
}

/** The middle of the name of a file that is laid over another, such as `linux` of `tauri.linux.conf.json`. */
export function middleOf(name: string): string | undefined {
  const [, ofJson, ofToml] = CONFIGURATION.exec(name) ?? [];
  return ofJson ?? ofToml;
}

/** The names of an app's configuration; Tauri reads the first that is there. */
export const MAIN_NAMES: readonly string[] = ["tauri.conf.json", "tauri.conf.json5", "Tauri.toml"];

/** The names of what is laid over it for a system, such as `linux`; Tauri reads the first that is there. */
export function overrideNames(system: string): readonly string[] {
  return [`tauri.${system}.conf.json`, `tauri.${system}.conf.json5`, `Tauri.${system}.toml`];
}

/** Whether a file of that name beside a configuration belongs to it, also under a name of the app's own. */
export function isBeside(name: string): boolean {
  return isTauri(name) || /^tauri[._-].*\bconf\b.*\.json5?$/.test(name);
}
