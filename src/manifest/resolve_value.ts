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
import { absoluteProgram, type ManifestIssue } from "./issue.ts";
import { HERE, type IgnoredPart, onPlatform } from "./resolve/platform.ts";
import type { ProbeEntry, ProbesEntry } from "../options/types.ts";
import { ruleIssues, tooLarge } from "./validate/rules.ts";
import { presetIn, root } from "./fields/manifest.ts";
import { PRESETS } from "../options/presets.ts";
import { FieldReader, type ReaderOptions } from "../options/reader.ts";

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

/** A value as a manifest for a platform, or all its faults. Pure; `options` say how patterns and unknown keys are explained. */
export function checkValue(
  value: unknown,
  { file, platform = HERE }: LoadOptions & { readonly file: string },
  options: Pick<ReaderOptions, "hintFor" | "patternFault">,
): { readonly resolved?: ResolvedManifest; readonly issues: readonly ManifestIssue[] } {
  const large = tooLarge(value);
  if (large !== undefined) return { issues: [large] };
  const reader = new FieldReader({ preset: PRESETS[presetIn(value)], ...options });
  const manifest = reader.read(root, value) as Manifest;
  const issues = [...reader.issues, ...ruleIssues(value)];
  if (issues.length > 0) return { issues };
  const resolved = onPlatform(withAbsolutePaths(manifest, dirname(absolute(file))), platform);
  const { children, templates = [] } = resolved.manifest;
  if (children.length + templates.length > 0) return { resolved, issues };
  return { issues: [{ path: ["children"], message: `none is for ${platform}` }] };
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
