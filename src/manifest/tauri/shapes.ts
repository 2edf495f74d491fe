/**
 * The parts of Tauri's files that are read, as fields. They take what Tauri takes; their readers list keys that the fields
 * do not name.
 */

import { any, filled, flag, key, list, needed, shape, text, union } from "../../options/build.ts";
import type { Field, ShapeField, TextField } from "../../options/field.ts";
import { MANIFEST_PRESET, PRESETS } from "../../options/presets.ts";
import { FieldReader } from "../../options/reader.ts";
import { isObjectOrArray, type ManifestIssue } from "../issue.ts";

/** Any text: a name of Tauri's own. */
const name: TextField = { kind: "text" };

/** The arguments that a program may take: any, none, or these. */
export type ScopeArgs =
  | boolean
  | readonly (string | ScopeRule)[];

/** An argument that is given at run time. */
export interface ScopeRule {
  readonly [key: string]: unknown;
  readonly validator: string;
  readonly raw?: boolean;
}

const scopeArgs: Field = union("true, false, or a list", [
  flag,
  list(
    union(`a text, or an object with "validator"`, [
      text,
      shape({ validator: needed(name, "A pattern"), raw: key(flag, "Whether it is not anchored") }, {
        isLoose: true,
      }),
    ], { isHidden: true }),
  ),
], { isHidden: true });

const scopeKeys = {
  sidecar: key(flag, "Whether it is a sidecar"),
  args: key(scopeArgs, "Its arguments"),
};

/** An item of `externalBin`. */
export type ExternalBin = string | {
  readonly path: string;
  readonly sidecar?: boolean;
  readonly args?: ScopeArgs;
  readonly platforms?: readonly string[];
};

/** An item of `externalBin`: a path without target triple, or an object with that path. */
export const externalBin: Field = union(`a path, or an object with "path"`, [
  filled,
  shape({
    path: needed(filled, "The path"),
    ...scopeKeys,
    platforms: key(list(name), "Where it is"),
  }, { isLoose: true }),
]);

/** An entry of a shell scope, as it is read. */
export interface ScopeEntry {
  readonly [key: string]: unknown;
  readonly name: string;
  readonly cmd?: string;
  readonly args?: ScopeArgs;
  readonly sidecar?: boolean;
}

/** An entry of a shell scope. */
export const scopeEntry: ShapeField = shape({
  name: needed(filled, "The app's name for it"),
  // Empty where `tauri migrate` has written that of a sidecar.
  cmd: key(text, "The program"),
  ...scopeKeys,
}, { isLoose: true });

/** A permission of a capability, with a scope. */
export interface CapabilityPermission {
  readonly [key: string]: unknown;
  readonly identifier: string;
  readonly allow?: unknown;
}

/** A capability of Tauri 2, as it is read. */
export interface Capability {
  readonly [key: string]: unknown;
  readonly identifier: string;
  readonly platforms?: readonly string[];
  readonly permissions: readonly (string | CapabilityPermission)[];
}

/** A capability of Tauri 2. */
export const capability: ShapeField = shape({
  identifier: needed(name, "Its name"),
  platforms: key(list(name), "Where it is in force"),
  permissions: needed(
    list(
      union(`a name, or an object with "identifier"`, [
        name,
        shape({ identifier: needed(name, "The permission"), allow: key(any, "The scope") }, {
          isLoose: true,
        }),
      ], { isHidden: true }),
    ),
    "What it permits",
  ),
}, { isLoose: true });

/** What stands under a key; nothing where the value has no such key. */
export function child(value: unknown, key: string): unknown {
  return isObjectOrArray(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Reads a value by its field, or reports its faults, `at` its place. */
export function readAs<Read>(
  field: Field,
  value: unknown,
  at: readonly PropertyKey[],
): { readonly data?: Read; readonly issues: readonly ManifestIssue[] } {
  const reader = new FieldReader({ preset: PRESETS[MANIFEST_PRESET] });
  const data = reader.read(field, value) as Read;
  const issues = reader.issues.map((issue) => ({ ...issue, path: [...at, ...issue.path] }));
  return issues.length === 0 ? { data, issues } : { issues };
}
