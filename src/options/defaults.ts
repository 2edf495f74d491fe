/**
 * The default of a key: its value in a preset, and what the docs say of it.
 */

import { types, word } from "./build.ts";
import type { Property, ShapeField, WordField } from "./field.ts";
import { type Preset, PRESETS } from "./presets.ts";

/** Which preset holds. */
export const presetName: WordField = word(Object.keys(PRESETS), {
  types: types(
    "PresetName",
    "PresetName",
    "Which preset of defaults holds: `otp`, the library's own, or `operator`, a manifest's.",
  ),
});

/** The default of a key in a manifest; `undefined`: none. */
export function defaultOf(
  preset: Preset,
  part: ShapeField["defaults"],
  key: string,
  { usual }: Property,
): unknown {
  return usual ?? (part === undefined ? undefined : preset[part][key]);
}

/** Describes a key of an object, with its unit and its default: for an editor, and for the types. */
export function describeProperty(property: Property, key: string, { defaults, preset }: Place): string {
  const { field, says } = property;
  const unit = field.kind === "duration" || field.kind === "size" ? unitOf(field) : "";
  const otherwise = defaultText(property, key, { defaults, preset }).replaceAll("`", "");
  return `${says.replaceAll("`", "")}${unit}.${otherwise === "" ? "" : ` Default ${otherwise}.`}`;
}

function unitOf(field: { readonly kind: "duration" | "size"; readonly words?: readonly string[] }): string {
  const number = field.kind === "duration" ? "ms" : "bytes";
  return field.words === undefined
    ? `: a ${field.kind}, or ${number}`
    : `: a ${field.kind}, ${number}, or ${field.words.join(" or ")}`;
}

/** The source of a default: the preset, and the part of it that the object has. */
export interface Place {
  readonly preset: Preset;
  readonly defaults: ShapeField["defaults"];
}

/** Describes the default of a key in words; empty without one. */
export function defaultText(property: Property, key: string, { preset, defaults }: Place): string {
  const { otherwise } = property;
  if (otherwise !== undefined) return typeof otherwise === "string" ? otherwise : otherwise(preset);
  return valueText(defaultOf(preset, defaults, key, property));
}

/** A value as one reads it. */
export function valueText(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  const pairs = Object.entries(value).map(([key, inner]) =>
    `"${key}": ${typeof inner === "object" ? valueText(inner) : JSON.stringify(inner)}`
  );
  return pairs.length === 0 ? "" : `{ ${pairs.join(", ")} }`;
}
