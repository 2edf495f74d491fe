/**
 * The files of a Tauri app that say which sidecars it has: its configuration, those of the platforms, and its
 * capabilities.
 *
 * They are looked for where Tauri looks, beside `tauri.conf.json` and below `capabilities/`; others are laid over it where
 * they are named, as `tauri build --config` does. What is there and not read, such as a file in TOML, is listed.
 */

import { isPlainObject } from "../issue.ts";
import { basename, dirname, extname, join, relative } from "node:path";
import { type Fault, ManifestError } from "../manifest_errors.ts";
import type { IgnoredPart } from "../resolve/platform.ts";
import { manifestFileError, notPermitted, readText } from "../read.ts";
import { Source } from "../source.ts";
import { pathText } from "../../text/words.ts";
import { isBeside, middleOf } from "./file_name.ts";
import { systemOf, SYSTEMS, type TauriSystem } from "./systems.ts";

/** How many files below `capabilities/` are read. */
export const MAX_CAPABILITY_FILES = 200;

/** A file that was read; `name` is relative to the configuration's folder. */
export interface ReadFile {
  readonly name: string;
  readonly source: Source;
  readonly value: unknown;
}

/** A file that is laid over the configuration. */
export interface MergedFile extends ReadFile {
  /** The platform that its name says, such as `linux-x86_64`: it is laid over there and nowhere else. */
  readonly platform?: string | undefined;
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
  const entries = [...Deno.readDirSync(dir)].map(({ name }) => name);
  refuseOverride(file, entries);
  const config = await readJson(file, basename(file));
  const patches: TauriProject["patches"] = {};
  for (const system of SYSTEMS) {
    const name = `tauri.${TAURI_SYSTEM[system]}.conf.json`;
    if (entries.includes(name)) patches[system] = await readJson(join(dir, name), name);
  }
  const merged = await Promise.all(merges.map((path) => readMerged(path, relative(dir, path))));
  const files = entries.includes("capabilities") ? filesBelow(dir, "capabilities") : [];
  const json = files.filter((name) => extname(name) === ".json");
  if (json.length > MAX_CAPABILITY_FILES) {
    throw invalid(file, `more than ${MAX_CAPABILITY_FILES} files below capabilities/`);
  }
  const capabilities = await Promise.all(json.map((name) => readJson(join(dir, name), name)));
  const read = [config, ...Object.values(patches), ...merged].map(({ name }) => name);
  const beside = entries.filter((name) => isBeside(name) && ![...read, "tauri.conf.json"].includes(name))
    .sort();
  return {
    file,
    dir,
    config,
    patches,
    merges: merged,
    capabilities,
    unread: [
      ...unreadBeside(beside, basename(file)),
      ...files.filter((name) => !json.includes(name)).sort().map(unreadCapability),
      ...(entries.includes("permissions") ? [PERMISSIONS] : []),
    ],
  };
}

function invalid(file: string, message: string, hint?: string): ManifestError {
  return manifestFileError("manifest_invalid", file, message, { hint });
}

/** @throws {ManifestError} `file` is laid over another, or is not JSON */
function refuseOverride(file: string, entries: readonly string[]): void {
  const name = basename(file);
  refuseFormat(file);
  const middle = middleOf(name);
  if (middle === undefined) return;
  if (Object.values(TAURI_SYSTEM).includes(middle)) {
    throw invalid(file, "Tauri merges it into tauri.conf.json, and so does Outrider", "give tauri.conf.json");
  }
  if (!entries.includes("tauri.conf.json")) return;
  throw invalid(file, "it is laid over tauri.conf.json, as with Tauri's --config", mergeHint(name));
}

/** How one lays a file over the configuration. */
function mergeHint(name: string, base = "tauri.conf.json"): string {
  return `use 'outrider import ${base} --merge ${name} -o outrider.json'`;
}

/** @throws {ManifestError} `file` is not JSON */
function refuseFormat(file: string): void {
  const format = FORMATS[extname(file)];
  if (format === undefined) return;
  throw invalid(
    file,
    `a configuration in ${format} is not read`,
    "write it as tauri.conf.json, and Tauri reads it as well",
  );
}

const FORMATS: Readonly<Record<string, string>> = { ".json5": "JSON5", ".toml": "TOML" };

async function readMerged(path: string, name: string): Promise<MergedFile> {
  refuseFormat(path);
  return { ...await readJson(path, name), platform: systemOf(middleOf(basename(path)) ?? "") };
}

/** Files beside a configuration that are not read; those for Tauri's `--config` as one. */
function unreadBeside(names: readonly string[], own: string): IgnoredPart[] {
  const isPhones = (name: string) => /^tauri\.(?:android|ios)\./.test(name);
  const [first, ...more] = names.filter((name) => FORMATS[extname(name)] === undefined && !isPhones(name));
  const forConfig: IgnoredPart[] = first === undefined ? [] : [{
    path: [first, ...more].join(", "),
    kind: "note",
    why: `not read, as Tauri reads ${more.length > 0 ? "them" : "it"} with --config alone; ` +
      mergeHint(more.length > 0 ? "FILE" : first, own),
  }];
  const others = names.flatMap((path): IgnoredPart[] => {
    if (isPhones(path)) return [{ path, kind: "setting", why: "Outrider does not run on phones" }];
    const format = FORMATS[extname(path)];
    return format === undefined ? [] : [{ path, kind: "note", why: `a file in ${format} is not read` }];
  });
  return [...forConfig, ...others];
}

function unreadCapability(path: string): IgnoredPart {
  const format = FORMATS[extname(path)];
  return format === undefined
    ? { path, kind: "setting", why: "Tauri does not read it either: its name does not end in .json or .toml" }
    : { path, kind: "note", why: `a file in ${format} is not read` };
}

const PERMISSIONS: IgnoredPart = {
  path: "permissions/",
  kind: "setting",
  why: "permissions of the app's own are not read; a scope in one of them has no effect",
};

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
