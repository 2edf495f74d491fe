/**
 * From a value to a {@link Manifest}: checks everything at once, fills in defaults, makes paths absolute.
 */

import { dirname, resolve as absolute } from "../permissions/path.ts";
import { presetIn, root } from "./fields/manifest.ts";
import type { Manifest } from "./fields/types.ts";
import { absoluteProgram, type ManifestIssue } from "./issue.ts";
import { mapPrograms } from "./resolve/each_program.ts";
import { HERE, type IgnoredPart, onPlatform } from "./resolve/platform.ts";
import { shareEnvironment } from "./resolve/environment.ts";
import { ruleIssues, tooLarge } from "./validate/rules.ts";
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
  /** The manifest as it is written, without defaults. */
  readonly written: unknown;
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
  const here = onPlatform(manifest, platform);
  const { children, templates = [] } = here.manifest;
  if (children.length + templates.length === 0) {
    return { issues: [{ path: ["children"], message: `none is for ${platform}` }] };
  }
  const dir = dirname(absolute(file));
  const program = (command: string) => absoluteProgram(command, dir);
  const path = (path: string) => absolute(dir, path);
  const resolved = {
    ...here,
    written: value,
    manifest: mapPrograms(shareEnvironment(here.manifest), { program, cwd: path, file: path }),
  };
  return { resolved, issues };
}
