/**
 * The JSON Schema of a manifest as it is written, made of its fields by zod: for `outrider schema`, `outrider init` and the
 * schema of the examples. No manifest is checked by it; editors are.
 *
 * It holds what can be said of one value at a time. That siblings' ids differ, that a pattern compiles and that a
 * time is within its bounds when written with a unit is checked when a manifest is loaded.
 */

import { z } from "zod";
import type { Field, QuantityField, ShapeField, TextField } from "../options/field.ts";
import { defaultOf, describeProperty } from "../options/defaults.ts";
import { MANIFEST_PRESET, PRESETS } from "../options/presets.ts";
import { MAX_PATTERN, MEASURES } from "../options/units.ts";
import { root } from "./fields/manifest.ts";

const PRESET = PRESETS[MANIFEST_PRESET];

/** The JSON Schema in draft-07, which editors know best. */
export function jsonSchema(): object {
  return z.toJSONSchema(schemaOf(root), { io: "input", target: "draft-7" });
}

/** Each field has one schema: the names that an editor shows for them are unique. */
const made = new Map<Field, z.ZodType>();

/** The schema of a field, which takes at least all that the field does. */
export function schemaOf(field: Field): z.ZodType {
  const known = made.get(field) ??
    (field.to === undefined ? plainSchema(field) : resolved(plainSchema(field)));
  made.set(field, known);
  return known;
}

/** The schema of a value that becomes another: zod writes what is said of it apart from its type. */
function resolved(written: z.ZodType): z.ZodType {
  return written.transform((value) => value);
}

function plainSchema(field: Field): z.ZodType {
  switch (field.kind) {
    case "text":
      return textSchema(field);
    case "pattern":
      return z.string().min(1).max(MAX_PATTERN);
    case "number":
      return (field.isWhole ? z.int() : z.number()).min(field.min).max(field.max);
    case "flag":
      return z.boolean();
    case "word":
      return z.enum(field.words);
    case "duration":
    case "size":
      return quantitySchema(field);
    case "literal":
      return z.literal([...field.older ?? [], field.value]);
    case "any":
      return z.unknown();
    case "scalar":
      return z.union([z.string(), z.number(), z.boolean(), z.null()]);
    case "list": {
      const { of, min = 0, max = Infinity } = field;
      const list = z.array(schemaOf(of));
      const filled = min === 0 ? list : list.min(min);
      return max === Infinity ? filled : filled.max(max);
    }
    case "tuple":
      return z.tuple([schemaOf(field.first)], schemaOf(field.rest));
    case "dict":
      return z.record(z.string().regex(field.key), schemaOf(field.of));
    case "union":
      return z.union(field.of.map(schemaOf));
    case "shape":
      return shapeSchema(field);
    case "lazy": {
      const lazy = z.lazy(() => schemaOf(field.of()));
      return field.schema === undefined ? lazy : lazy.meta(field.schema);
    }
    case "code":
      throw new TypeError("A manifest is data");
  }
}

function textSchema({ isPlain = false, min = 0, max = Infinity, patterns = [] }: TextField): z.ZodType {
  let text = z.string();
  if (isPlain) text = text.regex(/^[^\0]*$/);
  if (min > 0) text = text.min(min);
  if (max < Infinity) text = text.max(max);
  return patterns.reduce((text, [pattern]) => text.regex(pattern), text);
}

function quantitySchema({ kind, min, max = Infinity, words = [] }: QuantityField): z.ZodType {
  const number = z.number().min(min);
  const quantity = resolved(z.union([
    z.string().regex(new RegExp(`^\\d+(\\.\\d+)?(${Object.keys(MEASURES[kind].units).join("|")})$`)),
    max === Infinity ? number : number.max(max),
  ]));
  return words.length === 0 ? quantity : z.union([...words.map((word) => z.literal(word)), quantity]);
}

function shapeSchema({ fields, schema, conditions, defaults }: ShapeField): z.ZodType {
  const keys = Object.entries(fields).map(([key, property]) => {
    const { field, isRequired, isUnshown } = property;
    const plain = schemaOf(field);
    const usual = defaultOf(PRESET, defaults, key, property);
    const held = isUnshown
      ? resolved(plain.optional())
      : usual !== undefined
      ? plain.prefault(usual)
      : !isRequired
      ? plain.optional()
      : field.kind === "any"
      ? plain.nonoptional()
      : plain;
    return [key, held.describe(describeProperty(property, key, { preset: PRESET, defaults }))] as const;
  });
  const shape = z.strictObject(Object.fromEntries(keys));
  return schema === undefined && conditions === undefined ? shape : shape.meta({ ...schema, ...conditions });
}
