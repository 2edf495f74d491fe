/**
 * The settings of a Tauri configuration that have no counterpart here, each with the reason. Pure.
 */

import type { IgnoredPart } from "../resolve/platform.ts";
import { isObjectOrArray } from "../issue.ts";
import type { ReadFile } from "./project.ts";

/** Settings that are read, or that matter only to an editor. */
const READ: readonly string[] = [
  "$schema",
  "productName",
  "package.productName",
  "bundle.externalBin",
  "tauri.bundle.externalBin",
  "tauri.allowlist.shell.scope",
  "tauri.allowlist.shell.execute",
  "tauri.allowlist.shell.sidecar",
  "tauri.allowlist.shell.all",
  "app.security.capabilities",
];

/** Where one looks into an object instead of naming it whole. */
const OPENED: readonly string[] = [
  ...["app", "app.security", "build", "bundle", "package", "plugins"],
  ...["tauri", "tauri.bundle", "tauri.allowlist", "tauri.allowlist.shell", "tauri.security"],
];

const WHY: readonly (readonly [prefix: string, why: string])[] = [
  ["build", "a step of Tauri's build"],
  ["bundle", "packaging is Tauri's"],
  ["tauri.bundle", "packaging is Tauri's"],
  ["tauri.updater", "updates are Tauri's"],
  ["plugins", "a plugin of Tauri"],
  ["tauri.allowlist.shell.open", "Outrider opens nothing for windows"],
  ["tauri.allowlist", "a permission of the app's windows"],
  ["app", "Outrider has no windows"],
  ["tauri", "Outrider has no windows"],
  ["package", "about the app, not its sidecars"],
  ["identifier", "about the app, not its sidecars"],
  ["version", "about the app, not its sidecars"],
  ["mainBinaryName", "about the app, not its sidecars"],
];

/** Those of a file; `name` goes in front where it is not the main one. */
export function settingsWithout({ value, name }: ReadFile, main: boolean): IgnoredPart[] {
  const front = main ? "" : `${name}: `;
  // The name is that of the main file, whatever the platform.
  const isRead = (path: string) => READ.includes(path) && (main || !path.endsWith("productName"));
  return pathsIn(value, "").filter((path) => !isRead(path)).map((path) => ({
    path: `${front}${path}`,
    kind: "setting",
    why: WHY.find(([prefix]) => path === prefix || path.startsWith(`${prefix}.`))?.[1] ??
      "Outrider has no such setting",
  }));
}

function pathsIn(value: unknown, at: string): string[] {
  if (!isObjectOrArray(value) || Array.isArray(value)) return at === "" ? [] : [at];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = at === "" ? key : `${at}.${key}`;
    return OPENED.includes(path) && isObjectOrArray(inner) ? pathsIn(inner, path) : [path];
  });
}
