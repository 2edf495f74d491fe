/**
 * From fields as data to zod's schemas: how a manifest is checked, and where its JSON Schema comes from.
 *
 * A field is turned into a schema once for each preset, as its defaults are the preset's.
 *
 * @module
 */

import { z } from "zod";
import type {
  DictField,
  Field,
  ListField,
  NumberField,
  PatternField,
  Property,
  QuantityField,
  ShapeField,
  TextField,
  UnionField,
} from "../../options/field.ts";
import { defaultOf, describeProperty } from "../../options/defaults.ts";
import { wrongQuantity, wrongUnion, wrongWord } from "../../options/faults.ts";
import { MANIFEST_PRESET, type Preset, PRESETS } from "../../options/presets.ts";
import type { PresetName } from "../../options/types.ts";
import { MEASURES, quantityOf } from "../../options/units.ts";
import { PatternError } from "../../text/pattern.ts";
import { searchFor } from "../../text/search.ts";
import { MAX_PATTERN, validator } from "./validator.ts";

/** Makes schemas with the defaults of one preset. */
export class SchemaMaker {
  readonly #preset: Preset;
  readonly #made = new Map<Field, z.ZodType>();

  constructor(preset: Preset) {
    this.#preset = preset;
  }

  /** The schema of a field; the same one each time, as an editor's names for schemas are unique. */
  schemaOf(field: Field): z.ZodType {
    const known = this.#made.get(field);
    if (known !== undefined) return known;
    const plain = this.#plain(field);
    const { to } = field;
    const made = to === undefined ? plain : plain.transform((value) => to(value, this.#preset));
    this.#made.set(field, made);
    return made;
  }

  #plain(field: Field): z.ZodType {
    switch (field.kind) {
      case "text":
        return textSchema(field);
      case "pattern":
        return patternSchema(field);
      case "number":
        return numberSchema(field);
      case "flag":
        return z.boolean();
      case "word":
        return z.enum(field.words, { error: ({ input }) => wrongWord(field, input) });
      case "duration":
      case "size":
        return quantitySchema(field);
      case "literal":
        return z.literal(field.value, field.wrong && { error: ({ input }) => field.wrong!(input) });
      case "any":
        return z.unknown();
      case "scalar":
        return z.union([z.string(), z.number(), z.boolean(), z.null()], {
          error: ({ input }) =>
            wrongUnion({ expected: "a text, a number, true, false or null", of: [] }, input),
        });
      case "list":
        return this.#list(field);
      case "tuple":
        return z.tuple([this.schemaOf(field.first)], this.schemaOf(field.rest));
      case "dict":
        return this.#dict(field);
      case "union":
        return this.#union(field);
      case "shape":
        return this.#shape(field);
      case "lazy": {
        const lazy = z.lazy(() => this.schemaOf(field.of()));
        return field.schema === undefined ? lazy : lazy.meta(field.schema);
      }
      case "code":
        throw new TypeError("A manifest is data");
    }
  }

  #list({ of, min, tooFew, max, tooMany, isProgram = false }: ListField): z.ZodType {
    let list = z.array(this.schemaOf(of));
    if (min !== undefined) list = list.min(min, tooFew);
    if (max !== undefined) list = list.max(max, tooMany);
    return isProgram
      ? list.refine((argv) => argv[0] !== "", { error: "must not be empty", path: [0] })
      : list;
  }

  #dict({ key, keyMessage, of }: DictField): z.ZodType {
    return z.record(z.string().regex(key, keyMessage), this.schemaOf(of));
  }

  #union(field: UnionField): z.ZodType {
    return z.union(field.of.map((branch) => this.schemaOf(branch)), {
      error: ({ input }) => wrongUnion(field, input),
    });
  }

  #shape({ fields, rule, schema, conditions, defaults }: ShapeField): z.ZodType {
    const keys = Object.entries(fields).map(([key, property]) =>
      [key, this.#property(property, key, defaults)] as const
    );
    let made: z.ZodType = z.strictObject(Object.fromEntries(keys));
    if (rule !== undefined) {
      made = made.superRefine((value, context) => {
        const isClean = context.issues.length === 0;
        rule(value, (message, key) => {
          context.addIssue({ code: "custom", message, path: key === undefined ? [] : [key] });
        }, isClean);
      });
    }
    return schema === undefined && conditions === undefined ? made : made.meta({ ...schema, ...conditions });
  }

  #property(property: Property, key: string, defaults: ShapeField["defaults"]): z.ZodType {
    const schema = this.schemaOf(property.field);
    const usual = defaultOf(this.#preset, defaults, key, property);
    const described = describeProperty(property, key, { preset: this.#preset, defaults });
    if (property.isUnshown) {
      return schema.optional().transform((value) => value ?? schema.parse(usual)).describe(described);
    }
    if (usual !== undefined) return schema.prefault(usual).describe(described);
    if (!property.isRequired) return schema.optional().describe(described);
    return (property.field.kind === "any" ? schema.nonoptional() : schema).describe(described);
  }
}

/** The value that a field makes of what was written; `undefined`: it does not take that. */
export function parseField(field: Field, written: unknown): unknown {
  return makerFor(MANIFEST_PRESET).schemaOf(field).safeParse(written).data;
}

const makers = new Map<PresetName, SchemaMaker>();

/** The one that has the defaults of that preset. */
export function makerFor(preset: PresetName): SchemaMaker {
  const maker = makers.get(preset) ?? new SchemaMaker(PRESETS[preset]);
  makers.set(preset, maker);
  return maker;
}

/** The schema of a text. */
export function textSchema({ isPlain = false, min, max, patterns = [], fault }: TextField): z.ZodType {
  let text = z.string();
  if (isPlain) {
    text = text.regex(/^[^\0]*$/, "must not contain NUL")
      .refine((value) => value.isWellFormed(), "must not contain half a character (a lone surrogate)");
  }
  if (min !== undefined) text = text.min(min, "must not be empty");
  if (max !== undefined) text = text.max(max, `must have ${max} characters at most`);
  for (const [pattern, message] of patterns) {
    const error = typeof message === "string"
      ? message
      : (issue: { input?: unknown }) => message(String(issue.input));
    text = text.regex(pattern, { error });
  }
  return fault === undefined ? text : withFault(text, fault);
}

function withFault(text: z.ZodString, fault: (value: string) => string | undefined): z.ZodType {
  return text.superRefine((value, context) => {
    const message = fault(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}

function patternSchema({ of }: PatternField): z.ZodType {
  const text = z.string().min(1, "must not be empty").max(
    MAX_PATTERN,
    `must have ${MAX_PATTERN} characters at most`,
  );
  return withFault(text, of === "line" ? lineFault : (source) => validator(source).problem);
}

/** Why a line can't be searched for that; `undefined` if it can. */
function lineFault(source: string): string | undefined {
  try {
    searchFor(source);
  } catch (error) {
    if (error instanceof PatternError) return `can't be waited for: ${error.why}`;
    if (!(error instanceof SyntaxError)) throw error;
    return `not a regular expression: ${error.message.slice(error.message.lastIndexOf(": ") + 2)}`;
  }
}

function numberSchema({ isWhole, min, max }: NumberField): z.ZodType {
  return (isWhole ? z.int() : z.number()).min(min).max(max);
}

function quantitySchema(field: QuantityField): z.ZodType {
  const { kind, min, max, words = [] } = field;
  const bounds = { min, max };
  const pattern = new RegExp(`^\\d+(\\.\\d+)?(${Object.keys(MEASURES[kind].units).join("|")})$`);
  // The bounds are checked once, below, for both spellings; here they are only for the JSON Schema.
  const error = (issue: { readonly input?: unknown }): string => wrongQuantity(field, issue.input);
  const least = z.number({ error }).min(min, { error });
  const quantity = z.union([
    z.string().regex(pattern, { error }),
    max === undefined ? least : least.max(max, { error }),
  ], { error }).transform((input, context) => {
    const value = quantityOf(input, kind, bounds);
    if (typeof value === "number") return value;
    context.addIssue({ code: "custom", message: value });
    return z.NEVER;
  });
  return words.length === 0
    ? quantity
    : z.union([...words.map((word) => z.literal(word)), quantity], { error });
}
