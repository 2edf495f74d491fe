/**
 * The files of a Tauri app that say which sidecars it has: its configuration, those of the platforms, and its
 * capabilities.
 *
 * They are looked for where Tauri looks, beside `tauri.conf.json` and below `capabilities/`. What is there
 * and not read, such as a file in TOML, is listed.
 */

import { isPlainObject } from "../issue.ts";
import { basename, dirname, extname, join } from "node:path";
import { type Fault, ManifestError } from "../manifest_errors.ts";
import type { IgnoredPart } from "../resolve/platform.ts";
import { manifestFileError, notPermitted, readText } from "../read.ts";
import { Source } from "../source.ts";
import { pathText } from "../../text/words.ts";
import { isTauri } from "./file_name.ts";

/** The operating systems that Tauri and Deno both know. */
export const SYSTEMS = ["linux", "darwin", "windows"] as const;

/** One of them. */
export type TauriSystem = typeof SYSTEMS[number];

/** How many files below `capabilities/` are read. */
export const MAX_CAPABILITY_FILES = 200;

/** A file that was read; `name` is relative to the configuration's folder. */
export interface ReadFile {
  readonly name: string;
  readonly source: Source;
  readonly value: unknown;
}

/** All that is read of an app. */
export interface TauriProject {
  /** The absolute path of its configuration. */
  readonly file: string;
  /** Its folder, which all paths are relative to. */
  readonly dir: string;
  readonly config: ReadFile;
  /** The overrides for each system. */
  readonly patches: Partial<Record<TauriSystem, ReadFile>>;
  readonly capabilities: readonly ReadFile[];
  /** Files that exist and were not read. */
  readonly unread: readonly IgnoredPart[];
}

/** Tauri's names in the names of files. */
const TAURI_SYSTEM: Readonly<Record<TauriSystem, string>> = {
  linux: "linux",
  darwin: "macos",
  windows: "windows",
};

/**
 * Reads an app's files. Needs read permission for the folder of `file`, which is an absolute path.
 *
 * @throws {ManifestError}
 */
export async function readProject(file: string): Promise<TauriProject> {
  const dir = dirname(file);
  await admitFolder(dir, file);
  const [, system] = /^tauri\.(\w+)\.conf\.json5?$|^Tauri\.(\w+)\.toml$/.exec(basename(file)) ?? [];
  const invalid = (message: string, hint?: string) =>
    manifestFileError("manifest_invalid", file, message, { hint });
  if (system !== undefined) {
    throw invalid("Tauri merges it into tauri.conf.json, and so does Outrider", "give tauri.conf.json");
  }
  const format = FORMATS[extname(file)];
  if (format !== undefined) {
    const hint = "write it as tauri.conf.json, and Tauri reads it as well";
    throw invalid(`a configuration in ${format} is not read`, hint);
  }
  const config = await readJson(file, basename(file));
  const entries = [...Deno.readDirSync(dir)].map(({ name }) => name);
  const patches: TauriProject["patches"] = {};
  for (const system of SYSTEMS) {
    const name = `tauri.${TAURI_SYSTEM[system]}.conf.json`;
    if (entries.includes(name)) patches[system] = await readJson(join(dir, name), name);
  }
  const files = entries.includes("capabilities") ? filesBelow(dir, "capabilities") : [];
  const json = files.filter((name) => extname(name) === ".json");
  if (json.length > MAX_CAPABILITY_FILES) {
    throw invalid(`more than ${MAX_CAPABILITY_FILES} files below capabilities/`);
  }
  const capabilities = await Promise.all(json.map((name) => readJson(join(dir, name), name)));
  return { file, dir, config, patches, capabilities, unread: unreadAmong(entries, files, basename(file)) };
}

const FORMATS: Readonly<Record<string, string>> = { ".json5": "JSON5", ".toml": "TOML" };

function unreadAmong(
  entries: readonly string[],
  capabilities: readonly string[],
  own: string,
): IgnoredPart[] {
  const files = [
    ...entries.filter((name) => isTauri(name) && name !== own && name !== "tauri.conf.json"),
    ...capabilities,
  ].sort();
  const told = files.flatMap((path): IgnoredPart[] => {
    const format = FORMATS[extname(path)];
    if (format !== undefined) return [{ path, kind: "setting", why: `a file in ${format} is not read` }];
    return /^tauri\.(?:android|ios)\./.test(path)
      ? [{ path, kind: "setting", why: "Outrider does not run on phones" }]
      : [];
  });
  const permissions: IgnoredPart = {
    path: "permissions/",
    kind: "setting",
    why: "permissions of the app's own are not read; a scope in one of them has no effect",
  };
  return entries.includes("permissions") ? [...told, permissions] : told;
}

/** The files below a folder, as Tauri finds them, relative to `dir`. */
function filesBelow(dir: string, folder: string): string[] {
  return [...Deno.readDirSync(join(dir, folder))].sort((a, b) => a.name < b.name ? -1 : 1).flatMap(
    ({ name, isDirectory }) => {
      if (isDirectory) return name === "schemas" ? [] : filesBelow(dir, `${folder}/${name}`);
      return [`${folder}/${name}`];
    },
  );
}

async function readJson(file: string, name: string): Promise<ReadFile> {
  const source = new Source((await readText(file)).replace(/^\ufeff/, ""));
  const { value, faults, empty } = source.read();
  if (empty) throw manifestFileError("manifest_empty", file, "there is nothing in it but space and comments");
  if (faults.length === 0) return { name, source, value };
  throw new ManifestError("manifest_invalid", {
    file,
    faults: faults.map(({ path, message, hint, offset }): Fault => ({
      path: pathText(path),
      ...source.at(offset),
      message,
      hint,
    })),
  });
}

async function admitFolder(dir: string, file: string): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "read", path: dir });
  if (state === "granted") return;
  throw notPermitted(file, dir, { message: "Deno may not read its folder, which the rest of it is in" });
}

/** `value` with `patch` laid over it; neither is changed. */
export function mergePatch(value: unknown, patch: unknown): unknown {
  if (!isPlainObject(patch)) return patch;
  const merged = new Map(isPlainObject(value) ? Object.entries(value) : []);
  for (const [key, inner] of Object.entries(patch)) {
    if (inner === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), inner));
  }
  return Object.fromEntries(merged);
}
