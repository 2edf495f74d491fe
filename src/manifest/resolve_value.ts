/**
 * From a value to a {@link Manifest}: checks everything at once, fills in defaults, makes paths absolute.
 *
 * @module
 */

import { dirname, resolve as absolute } from "node:path";
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
import { pathText } from "../text/words.ts";
import { HERE, type IgnoredPart, onPlatform } from "./resolve/platform.ts";
import type { ProbeEntry, ProbesEntry } from "../options/types.ts";
import { ruleIssues, tooLarge } from "./validate/rules.ts";
import { programsIn } from "./resolve/programs.ts";
import { manifestSchema, presetIn } from "./fields/manifest.ts";
import type { Source } from "./source.ts";

/** How a manifest is read. */
export interface LoadOptions {
  /** The platform that it is read for, such as `windows-x86_64`; default this one. */
  readonly platform?: string | undefined;
}

/** A manifest with every default filled in, and what of it is ignored. */
export interface ResolvedManifest {
  /** The manifest. */
  readonly manifest: Manifest;
  /** The ignored parts: sidecars for other platforms, and settings without a counterpart. */
  readonly ignored: readonly IgnoredPart[];
}

/** Where a value comes from. */
interface Origin extends LoadOptions {
  /** Its file. */
  readonly file: string;
  /** Its text, if it has one: faults have lines then. */
  readonly source?: Source | undefined;
  /** The text's own faults. */
  readonly own?: readonly (ManifestIssue & { readonly line: number; readonly column: number })[];
}

/** Checks a value, and fills in its defaults. Pure. @throws {ManifestError} `manifest_invalid` with every fault at once */
export function resolveValue(
  value: unknown,
  { file, source, own = [], platform = HERE }: Origin,
): ResolvedManifest {
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
