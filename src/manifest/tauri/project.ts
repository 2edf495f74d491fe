/**
 * The files of a Tauri app that say which sidecars it has: its configuration, those of the platforms, and its
 * capabilities.
 *
 * They are looked for where Tauri looks, beside `tauri.conf.json` and below `capabilities/`; others are laid over it where
 * they are named, as `tauri build --config` does. What is there and not read is listed.
 */

import { isPlainObject } from "../issue.ts";
import { basename, dirname, extname, join, relative } from "node:path";
import type { ManifestError } from "../manifest_errors.ts";
import type { IgnoredPart } from "../resolve/platform.ts";
import { attempt, manifestFileError, notPermitted, readText } from "../read.ts";
import { isBeside, MAIN_NAMES, middleOf, overrideNames } from "./file_name.ts";
import { ENDINGS, type FormattedValue, readInFormat } from "./formats.ts";
import { argumentFor, importCommand } from "./import_command.ts";
import { platformsIn, SYSTEMS, type TauriSystem } from "./systems.ts";
import { setting } from "./unread.ts";

/** How many files below `capabilities/` are read. */
export const MAX_CAPABILITY_FILES = 200;

/** A file that was read; `name` is relative to the configuration's folder. */
export interface ReadFile extends FormattedValue {
  readonly name: string;
}

/** A file that is laid over the configuration. */
export interface MergedFile extends ReadFile {
  /** The platforms that its name says: it is laid over there and nowhere else. */
  readonly platforms?: readonly string[] | undefined;
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
  /** What is laid over that, in this order. */
  readonly merges: readonly MergedFile[];
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
 * Reads an app's files, and lays `merges` over its configuration. Needs read permission for the folder of `file` and for
 * each of `merges`; all are absolute paths.
 *
 * @throws {ManifestError}
 */
export async function readProject(file: string, merges: readonly string[] = []): Promise<TauriProject> {
  const dir = dirname(file);
  await admitFolder(dir, file);
  const inFolder = await attempt(file, () => Array.fromAsync(Deno.readDir(dir)));
  const entries = inFolder.map(({ name }) => name);
  refuseOverride(file, entries);
  const config = await readConfiguration(file, basename(file));
  const patches: TauriProject["patches"] = {};
  for (const system of SYSTEMS) {
    const name = overrideNames(TAURI_SYSTEM[system]).find((name) => entries.includes(name));
    if (name !== undefined) patches[system] = await readConfiguration(join(dir, name), name, { found: true });
  }
  const merged = await Promise.all(merges.map((path) => readMerged(path, relative(dir, path))));
  const hasCapabilities = inFolder.some(({ name, isFile }) => name === "capabilities" && !isFile);
  const files = hasCapabilities ? await filesBelow(dir, "capabilities") : [];
  const readable = files.filter(({ name, isFile }) => isFile && ENDINGS.includes(extname(name)));
  if (readable.length > MAX_CAPABILITY_FILES) {
    throw invalid(file, `more than ${MAX_CAPABILITY_FILES} files below capabilities/`);
  }
  const capabilities = await Promise.all(
    readable.map(({ name }) => readConfiguration(join(dir, name), name, { found: true })),
  );
  const read = [config, ...Object.values(patches), ...merged].map(({ name }) => name);
  const beside = entries.filter((name) => isBeside(name) && !read.includes(name)).sort();
  return {
    file,
    dir,
    config,
    patches,
    merges: merged,
    capabilities,
    unread: [
      ...unreadBeside(beside, { file, patches, merges: merged }),
      ...files.filter((found) => !readable.includes(found)).sort((a, b) => a.name < b.name ? -1 : 1)
        .map(({ name, isFile }) => setting(name, isFile ? NO_CAPABILITY : NOT_A_FILE)),
      ...(entries.includes("permissions") ? [setting("permissions/", OWN_PERMISSIONS)] : []),
    ],
  };
}

const NOT_A_FILE = "not read, as it is not a regular file";
const NO_CAPABILITY = `Tauri does not read it either: its name does not end in ${
  ENDINGS.slice(0, -1).join(", ")
} or ${ENDINGS.at(-1)}`;
const OWN_PERMISSIONS = "permissions of the app's own are not read; a scope in one of them has no effect";

function invalid(file: string, message: string, hint?: string): ManifestError {
  return manifestFileError("manifest_invalid", file, message, { hint });
}

/** @throws {ManifestError} `file` is laid over another, or Tauri reads another instead of it */
function refuseOverride(file: string, entries: readonly string[]): void {
  const name = basename(file);
  const middle = middleOf(name);
  const main = MAIN_NAMES.find((one) => entries.includes(one));
  if (main === undefined || main === name) return;
  const path = join(dirname(file), main);
  const give = `give ${argumentFor(path)}`;
  if (!entries.includes(name)) {
    throw manifestFileError("manifest_not_found", file, "no such file", { hint: give });
  }
  if (middle === undefined) throw invalid(file, `Tauri reads ${main} instead of it`, give);
  if (Object.values(TAURI_SYSTEM).includes(middle)) {
    throw invalid(file, `Tauri merges it into ${main}, and so does Outrider`, give);
  }
  throw invalid(
    file,
    `it is laid over ${main}, as with Tauri's --config`,
    `use: ${importCommand(path, [file])}`,
  );
}

async function readMerged(path: string, name: string): Promise<MergedFile> {
  return { ...await readConfiguration(path, name), platforms: platformsIn(middleOf(basename(path)) ?? "") };
}

/** Files beside a configuration that are not read; those for Tauri's `--config` as one. */
function unreadBeside(
  names: readonly string[],
  { file, patches, merges }: Pick<TauriProject, "file" | "patches" | "merges">,
): IgnoredPart[] {
  const why = (name: string): string => {
    const middle = middleOf(name);
    if (middle === "android" || middle === "ios") return "Outrider does not run on phones";
    const system = SYSTEMS.find((one) => TAURI_SYSTEM[one] === middle);
    const instead = MAIN_NAMES.includes(name) ? basename(file) : system && patches[system]?.name;
    return instead === undefined ? "" : `Tauri reads ${instead} instead of it`;
  };
  const forConfig = names.filter((name) => why(name) === "");
  return [
    ...notMerged(forConfig, file, merges),
    ...names.filter((name) => why(name) !== "").map((name) => setting(name, why(name))),
  ];
}

/** The files for Tauri's `--config`, with the command that merges those for platforms, or else the first, as well. */
function notMerged(names: readonly string[], file: string, merges: readonly MergedFile[]): IgnoredPart[] {
  if (names.length === 0) return [];
  const forPlatforms = names.filter((name) => platformsIn(middleOf(name) ?? "") !== undefined);
  const merged = forPlatforms.length > 0 ? forPlatforms : names.slice(0, 1);
  const them = names.length > 1 ? "them" : "it";
  const all = [...merges.map(({ name }) => name), ...merged];
  const command = importCommand(file, all.map((name) => join(dirname(file), name)));
  const why = `not read, as Tauri reads ${them} with --config alone; to merge ${
    merged.length === names.length ? them : merged.join(", ")
  }: ${command}`;
  return [{ path: names.join(", "), kind: "note", why }];
}

/** What is below a folder, as Tauri finds it; `name` is relative to `dir`. A pipe, say, is not a file. */
async function filesBelow(dir: string, folder: string): Promise<{ name: string; isFile: boolean }[]> {
  const path = join(dir, folder);
  const entries = await attempt(path, () => Array.fromAsync(Deno.readDir(path)));
  const each = entries.sort((a, b) => a.name < b.name ? -1 : 1).map(
    async ({ name, isDirectory, isFile, isSymlink }) => {
      if (isDirectory) return name === "schemas" ? [] : await filesBelow(dir, `${folder}/${name}`);
      return [{ name: `${folder}/${name}`, isFile: isFile || isSymlink }];
    },
  );
  return (await Promise.all(each)).flat();
}

/** Reads a file in any of Tauri's formats. `found`: by {@link readText}. */
async function readConfiguration(file: string, name: string, { found = false } = {}): Promise<ReadFile> {
  return { name, ...await readInFormat(await readText(file, { found }), extname(file), file) };
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
