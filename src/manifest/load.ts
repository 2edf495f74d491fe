/**
 * From a file to a {@link Manifest}: read, check everything at once, fill in defaults, make paths absolute.
 *
 * A manifest is JSON with comments, or, if its name ends in `.ts`, `.mts`, `.js` or `.mjs`, a module whose default
 * export is the manifest. A relative `cwd`, and a `command` with a slash in it, are relative to the manifest's
 * folder; arguments are passed as they are. `cwd` defaults to the manifest's folder, so what a program is told by
 * relative path is found there, too.
 *
 * @module
 */

import { dirname, extname, resolve as absolute } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import type {
  CopyEntry,
  Entry,
  Manifest,
  Overrides,
  TemplateEntry,
  TemplateOverrides,
} from "./fields/types.ts";
import { type Fault, ManifestError } from "./manifest_errors.ts";
import { issuesOf, wording } from "./validate/schema_messages.ts";
import { absoluteProgram, type ManifestIssue } from "./issue.ts";
import { HERE, type IgnoredPart, onPlatform } from "./resolve/platform.ts";
import type { ProbeEntry, ProbesEntry } from "../options/types.ts";
import { admit, manifestFileError, readText } from "./read.ts";
import { ruleIssues, tooLarge } from "./validate/rules.ts";
import { programsIn } from "./resolve/programs.ts";
import { manifestSchema, presetIn } from "./fields/manifest.ts";
import { Source } from "./source.ts";
import { convert } from "./tauri/convert.ts";
import { isTauri, readProject } from "./tauri/project.ts";
import { pathText } from "../text/words.ts";

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
  /** The path that must be readable: its file, or the folder of a Tauri configuration. */
  readonly reads: string;
}

/** How a manifest is read. */
export interface LoadOptions {
  /** The platform that it is read for, such as `windows-x86_64`; default this one. */
  readonly platform?: string | undefined;
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
 * import { load, ManifestError } from "@outrider/outrider";
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
    const { manifest, ignored } = convert(await readProject(file));
    const settled = resolveValue(manifest, { file, source: undefined, own: [], platform });
    return { ...settled, ignored: [...settled.ignored, ...ignored], file, dir, reads: dir };
  }
  const settled = isModule(file)
    ? resolveValue(await importDefault(file), { file, source: undefined, own: [], platform })
    : resolveText(await readText(file), { file, platform });
  return { ...settled, file, dir, reads: file };
}

/** Whether a manifest of that name is a module, which may import other files. */
export function isModule(file: string): boolean {
  return MODULES.includes(extname(file).toLowerCase());
}

/**
 * Reads the text of a JSON manifest. Pure; `file` is where the text stands, for messages and relative paths.
 *
 * @throws {ManifestError} `manifest_invalid` with every fault at once, or `manifest_empty`
 */
export function parse(text: string, where: LoadOptions & { readonly file: string }): Manifest {
  return resolveText(text, where).manifest;
}

function resolveText(
  text: string,
  { file, platform }: LoadOptions & { readonly file: string },
): ResolvedManifest {
  const source = new Source(text.replace(/^\ufeff/, ""));
  const { value, faults, empty } = source.read();
  if (empty) {
    throw manifestFileError(
      "manifest_empty",
      absolute(file),
      "there is nothing in it but space and comments",
    );
  }
  const own = faults.map((fault) => ({ ...fault, ...source.at(fault.offset) }));
  return resolveValue(value, { file, source, own, platform });
}

/**
 * Reads a manifest that is a value already, like the default export of a module. Pure.
 *
 * @throws {ManifestError} `manifest_invalid` with every fault at once; they have paths, but no lines
 */
export function resolveManifest(
  value: unknown,
  { file, platform }: LoadOptions & { readonly file: string },
): Manifest {
  return resolveValue(value, { file, source: undefined, own: [], platform }).manifest;
}

type ResolvedManifest = Pick<Loaded, "manifest" | "ignored">;

interface Context {
  readonly file: string;
  readonly source: Source | undefined;
  /** The text's own faults. */
  readonly own: readonly (ManifestIssue & { readonly line: number; readonly column: number })[];
  readonly platform: string | undefined;
}

function resolveValue(value: unknown, { file, source, own, platform = HERE }: Context): ResolvedManifest {
  const where = absolute(file);
  const unreadable = source !== undefined && value === undefined;
  const { manifest, issues } = unreadable ? { manifest: undefined, issues: [] } : check(value);
  const faults = [...own.map(faultWithoutPosition), ...issues.map((issue) => withPosition(issue, source))];
  if (manifest !== undefined && faults.length === 0) {
    const here = onPlatform(withAbsolutePaths(manifest, dirname(where)), platform);
    const { children, templates = [] } = here.manifest;
    if (children.length + templates.length > 0) return here;
    faults.push(withPosition({ path: ["children"], message: `none is for ${platform}` }, source));
  }
  faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  // A module's value may go round in circles, and is its author's own code: it is not searched.
  const programs = source === undefined ? [] : programsIn(value, dirname(where));
  throw new ManifestError("manifest_invalid", {
    file: where,
    faults,
    programs,
  });
}

function check(value: unknown): { manifest: Manifest | undefined; issues: ManifestIssue[] } {
  const large = tooLarge(value);
  if (large !== undefined) return { manifest: undefined, issues: [large] };
  const { data, error } = manifestSchema(presetIn(value)).safeParse(value, { error: wording });
  return { manifest: data, issues: [...issuesOf(error?.issues ?? [], value), ...ruleIssues(value)] };
}

function withPosition(issue: ManifestIssue, source: Source | undefined): Fault {
  const { line, column } = source?.locate(issue.path, issue.on ?? "value") ?? {};
  const also = issue.also && source?.locate(issue.also, "value").line;
  const message = also === undefined ? issue.message : `${issue.message} on line ${also}`;
  return faultWithoutPosition({ ...issue, message, line, column });
}

function faultWithoutPosition(
  { path, line, column, message, hint }: ManifestIssue & {
    line: number | undefined;
    column: number | undefined;
  },
): Fault {
  return { path: pathText(path), line, column, message, hint };
}

function withAbsolutePaths(manifest: Manifest, dir: string): Manifest {
  const { children, templates } = manifest;
  return {
    ...manifest,
    children: children.map((child) => absoluteEntry(child, dir)),
    ...(templates && { templates: templates.map((template) => absoluteProgramEntry(template, dir)) }),
  };
}

function absoluteEntry(entry: Entry, dir: string): Entry {
  if ("children" in entry) {
    return {
      ...entry,
      children: entry.children.map((child) => absoluteEntry(child, dir)),
    };
  }
  if ("sidecar" in entry) return { ...entry, sidecar: absoluteProgramEntry(entry.sidecar, dir) };
  return absoluteProgramEntry(entry, dir);
}

function absoluteProgramEntry<Program extends CopyEntry | TemplateEntry>(
  entry: Program,
  dir: string,
): Program {
  const command = absoluteProgram(entry.command, dir);
  const probes = entry.probes && absoluteProbes(entry.probes, dir);
  const on = entry.on &&
    Object.entries(entry.on).map(([name, there]) => [name, absoluteOverrides(there, dir)]);
  const launcher = entry.launcher && absoluteLauncher(entry.launcher, dir);
  return {
    ...entry,
    command,
    cwd: absolute(dir, entry.cwd),
    env: absoluteEnv(entry.env, dir),
    ...(launcher && { launcher }),
    ...(probes && { probes }),
    ...(on && { on: Object.fromEntries(on) }),
  };
}

function absoluteOverrides(
  { command, cwd, env, launcher, ...more }: Overrides | TemplateOverrides = {},
  dir: string,
): Overrides | TemplateOverrides {
  return {
    ...more,
    ...(command !== undefined && { command: absoluteProgram(command, dir) }),
    ...(cwd !== undefined && { cwd: absolute(dir, cwd) }),
    ...(env && { env: absoluteEnv(env, dir) }),
    ...(launcher && { launcher: absoluteLauncher(launcher, dir) }),
  };
}

function absoluteEnv(env: CopyEntry["env"], dir: string): CopyEntry["env"] {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      typeof value === "string" ? value : { file: absolute(dir, value.file) },
    ]),
  );
}

function absoluteLauncher(
  [program, ...args]: readonly [string, ...string[]],
  dir: string,
): readonly [string, ...string[]] {
  return [absoluteProgram(program, dir), ...args];
}

function absoluteProbes(probes: ProbesEntry, dir: string): ProbesEntry {
  const anchored = Object.entries(probes).map(([kind, probe]: [string, ProbeEntry]) => {
    if (!("command" in probe)) return [kind, probe];
    const [program = "", ...args] = probe.command;
    return [kind, { ...probe, command: [absoluteProgram(program, dir), ...args] }];
  });
  return Object.fromEntries(anchored);
}

async function importDefault(file: string): Promise<unknown> {
  await admit(file);
  let module: Record<string, unknown>;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (cause) {
    // Anything can be thrown here: the module is the user's own code.
    const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    // Deno writes the place on a line of its own, in colours.
    const plain = stripVTControlCharacters(said).replace(/\s+/g, " ");
    throw manifestFileError("manifest_import_failed", file, `importing it failed with ${plain}`, {
      cause,
      ...(await mayLackRead(cause) && { hint: IMPORTS_NEED_READ }),
    });
  }
  if ("default" in module) return module.default;
  throw manifestFileError("manifest_invalid", file, "the module has no default export", {
    hint: "write `export default define({ … })`",
  });
}

const IMPORTS_NEED_READ =
  "each local file that it imports needs --allow-read too; `deno info` on it lists them";

/** Whether an import may have failed for want of permission: Deno gives that the code of a module that is not there. */
async function mayLackRead(cause: unknown): Promise<boolean> {
  if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) return false;
  return (await Deno.permissions.query({ name: "read" })).state !== "granted";
}
