/**
 * From a file to a {@link Manifest}: read, check everything at once, fill in defaults, make paths absolute.
 *
 * A manifest is JSON with comments, or, if its name ends in `.ts`, `.mts`, `.js` or `.mjs`, a module whose default
 * export is the manifest. A relative `cwd`, and a `command` with a slash in it, are relative to the manifest's
 * folder; arguments are passed as they are. `cwd` defaults to the manifest's folder, so what a program is told by
 * relative path is found there, too.
 */

import { dirname, extname, resolve as absolute } from "../permissions/path.ts";
import type { Manifest } from "./fields/types.ts";
import { plainJson } from "./plain_json.ts";
import { readText } from "./read.ts";
import { HERE, type IgnoredPart } from "./resolve/platform.ts";
import { checkValue, type LoadOptions, type ResolvedManifest } from "./resolve_value.ts";
import { isTauri } from "./tauri/file_name.ts";
import type { PatternField } from "../options/field.ts";
import type { ReaderOptions } from "../options/reader.ts";

export type { LoadOptions } from "./resolve_value.ts";

/** A manifest and where it came from. */
export interface Loaded {
  /** The manifest, with every default filled in. */
  readonly manifest: Manifest;
  /** The absolute path of its file. */
  readonly file: string;
  /** The folder of its file, which relative paths start from. */
  readonly dir: string;
  /** The ignored parts of the file: sidecars for other platforms, and settings without a counterpart. */
  readonly ignored: readonly IgnoredPart[];
  /** The manifest as it is written, without defaults; `undefined` for a Tauri configuration. */
  readonly written: unknown;
  /** The path that must be readable: its file, or the folder of a Tauri configuration. */
  readonly reads: string;
}

const MODULES = [".ts", ".mts", ".js", ".mjs"];

/**
 * Loads a manifest from a file. Needs read permission for that file, and, for a module, for what it imports; the
 * file's own permission is asked for without a prompt. A file named `tauri.conf.json` is read as Tauri's
 * configuration; that needs read permission for its folder.
 *
 * @throws {ManifestError} for whatever is wrong, by `code`; `manifest_invalid` holds every fault at once
 *
 * @example
 * ```ts
 * import { load, ManifestError } from "@outrider/outrider/manifest";
 *
 * try {
 *   const { manifest } = await load("outrider.json");
 *   console.log(manifest.name);
 * } catch (error) {
 *   if (!(error instanceof ManifestError)) throw error;
 *   console.error(error.message);
 * }
 * ```
 */
export async function load(path: string, { platform }: LoadOptions = {}): Promise<Loaded> {
  const file = absolute(path);
  const dir = dirname(file);
  if (isTauri(file)) {
    const [{ convert, requirePlatform }, { readProject }, { resolveValue }] = await Promise.all([
      import("./tauri/convert.ts"),
      import("./tauri/project.ts"),
      import("./parse.ts"),
    ]);
    const project = await readProject(file);
    const { manifest, ignored } = convert(project, platform ?? HERE);
    requirePlatform(manifest, { project, platform });
    const settled = resolveValue(manifest, { file, platform });
    const all = [...settled.ignored, ...ignored];
    return { ...settled, ignored: all, written: undefined, file, dir, reads: dir };
  }
  if (isModule(file)) {
    const [{ importDefault }, { resolveValue }] = await Promise.all([
      import("./import_default.ts"),
      import("./parse.ts"),
    ]);
    return { ...resolveValue(await importDefault(file), { file, platform }), file, dir, reads: file };
  }
  return { ...await resolveFile(await readText(file), { file, platform }), file, dir, reads: file };
}

/** Whether a manifest of that name is a module, which may import other files. */
export function isModule(file: string): boolean {
  return MODULES.includes(extname(file).toLowerCase());
}

/** Most manifests are plain JSON without a fault. What says where faults are, and the way out, is loaded for the others. */
async function resolveFile(
  text: string,
  where: LoadOptions & { readonly file: string },
): Promise<ResolvedManifest> {
  const plain = plainJson(text);
  if (plain !== undefined) {
    const patterns: Parameters<NonNullable<ReaderOptions["patternFault"]>>[] = [];
    const { resolved } = checkValue(plain.value, where, {
      patternFault(...pattern) {
        patterns.push(pattern);
        return undefined;
      },
    });
    if (resolved !== undefined && await areUsable(patterns)) return resolved;
  }
  const { resolveText } = await import("./parse.ts");
  return resolveText(text, where);
}

/** Whether all these patterns can be used; without one, what matches them is not loaded. */
async function areUsable(patterns: readonly [source: string, of: PatternField["of"]][]): Promise<boolean> {
  if (patterns.length === 0) return true;
  const { patternFault } = await import("./validate/pattern_fault.ts");
  return patterns.every((pattern) => patternFault(...pattern) === undefined);
}
