/**
 * From a value to a {@link Manifest}: checks everything at once, fills in defaults, makes paths absolute.
 *
 * @module
 */

import { dirname, resolve as absolute } from "node:path";
import type { Manifest } from "./fields/types.ts";
import { type Fault, ManifestError } from "./manifest_errors.ts";
import { issuesOf, wording } from "./validate/schema_messages.ts";
import { absoluteProgram, type ManifestIssue } from "./issue.ts";
import { pathText } from "../text/words.ts";
import { HERE, type IgnoredPart, onPlatform } from "./resolve/platform.ts";
import { ruleIssues, tooLarge } from "./validate/rules.ts";
import { mapPrograms } from "./resolve/each_program.ts";
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
    const dir = dirname(where);
    const here = onPlatform(manifest, platform);
    const { children, templates = [] } = here.manifest;
    if (children.length + templates.length > 0) {
      const program = (command: string) => absoluteProgram(command, dir);
      const path = (path: string) => absolute(dir, path);
      return { ...here, manifest: mapPrograms(here.manifest, { program, cwd: path, secretFile: path }) };
    }
    faults.push(withPosition({ path: ["children"], message: `none is for ${platform}` }, source));
  }
  faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  // A module's value may go round in circles, and is its author's own code: it is not searched.
  const programs = source === undefined ? [] : programsIn(value, dirname(where));
  throw new ManifestError("manifest_invalid", { file: where, faults, programs });
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
