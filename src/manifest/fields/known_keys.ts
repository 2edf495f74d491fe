/**
 * Which keys each object of a manifest may have, for what is said of one that is not known.
 *
 * @module
 */

import type { Field, ShapeField } from "../../options/field.ts";
import { root } from "./manifest.ts";

/** One kind of object in a union of several: the key that only it has, and all keys it may have. */
export interface Branch {
  /** The key that tells it; undefined if it is not an object. */
  readonly tell: string | undefined;
  /** All keys it may have. */
  readonly keys: readonly string[];
}

/** The unions of objects, by the property that holds them, in the order in which the schema tries them. */
export const BRANCHES: Readonly<Record<string, readonly Branch[]>> = {};

/** The keys that every other object may have, by the property that holds it; the manifest itself is `""`. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {};

collect("", root, new Set());

function collect(name: string, field: Field, seen: Set<Field>): void {
  if (field.kind === "shape") note(KEYS, name, Object.keys(field.fields));
  if (seen.has(field)) return;
  seen.add(field);
  switch (field.kind) {
    case "shape":
      for (const [key, property] of Object.entries(field.fields)) collect(key, property.field, seen);
      break;
    case "list":
    case "dict":
      collect(name, field.of, seen);
      break;
    case "lazy":
      collect(name, field.of(), seen);
      break;
    case "union":
      if (field.of.some(({ kind }) => kind === "shape")) note(BRANCHES, name, branches(field.of));
      for (const branch of field.of) collect(name, branch, seen);
  }
}

/** The first of a name counts: those with the same name further in have the same keys. */
function note<Value>(table: Readonly<Record<string, Value>>, name: string, value: Value): void {
  if (!Object.hasOwn(table, name)) (table as Record<string, Value>)[name] = value;
}

function branches(fields: readonly Field[]): Branch[] {
  const shapes = fields.filter((field): field is ShapeField => field.kind === "shape");
  const all = shapes.map(({ fields }) => Object.keys(fields));
  const told = shapes.map(({ fields }, index) => {
    const required = Object.keys(fields).filter((key) => fields[key]!.isRequired);
    const own = required.find((key) => all.every((keys, other) => other === index || !keys.includes(key)));
    return { tell: own ?? Object.keys(fields)[0], keys: all[index]! };
  });
  const plain = shapes.length < fields.length ? [{ tell: undefined, keys: [] }] : [];
  return [...plain, ...told];
}
