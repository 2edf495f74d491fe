/**
 * Short ways to write a field down.
 */

import type {
  CodeField,
  Field,
  ListField,
  NumberField,
  PatternField,
  Property,
  QuantityField,
  ShapeField,
  TextField,
  TypeNames,
  UnionField,
  WordField,
} from "./field.ts";
import { MAX_FRAME } from "./units.ts";
import { quote } from "../text/words.ts";

/** A key with what it says. */
export function key(field: Field, says: string, more: Omit<Property, "field" | "says"> = {}): Property {
  return { field, says, ...more };
}

/** The same, and it must be there. */
export function needed(field: Field, says: string, more: Omit<Property, "field" | "says"> = {}): Property {
  return { field, says, isRequired: true, ...more };
}

/** Text that an operating system can take. */
export const text: TextField = { kind: "text", isPlain: true };

/** The same, and there is some. */
export const filled: TextField = { ...text, min: 1 };

/** The name of a tree or of a child. */
export const idField: TextField = {
  kind: "text",
  max: 64,
  patterns: [[
    /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/,
    (value) => `${quote(value)} must be letters, digits, "_", "." and "-", not starting with "." or "-"`,
  ]],
};

/** A regular expression that a line matches. */
export const linePattern: PatternField = { kind: "pattern", of: "line" };

/** True or false. */
export const flag: Field = { kind: "flag" };

/** Anything. */
export const any: Field = { kind: "any" };

/** A whole number. */
export function whole(min: number, max: number, more: Partial<NumberField> = {}): NumberField {
  return { kind: "number", isWhole: true, min, max, ...more };
}

/** A number. */
export function number(min: number, max: number): NumberField {
  return { kind: "number", isWhole: false, min, max };
}

/** A time of at least `min` ms. */
export function duration(min: number, max?: number): QuantityField {
  return max === undefined ? { kind: "duration", min } : { kind: "duration", min, max };
}

/** A size of 1 byte to `max`. */
export function sizeField(max: number = MAX_FRAME): QuantityField {
  return { kind: "size", min: 1, max };
}

/** One of these words. */
export function word(words: readonly string[], more: Partial<WordField> = {}): WordField {
  return { kind: "word", words, ...more };
}

/** A list of these. */
export function list(of: Field, more: Partial<ListField> = {}): ListField {
  return { kind: "list", of, ...more };
}

/** One of these; `expected` says which. */
export function union(expected: string, of: readonly Field[], more: Partial<UnionField> = {}): UnionField {
  return { kind: "union", of, expected, ...more };
}

/** An object with these keys. */
export function shape(
  fields: Readonly<Record<string, Property>>,
  more: Partial<Omit<ShapeField, "kind" | "fields">> = {},
): ShapeField {
  return { kind: "shape", fields, ...more };
}

/** Something that only code has. */
export function code(expected: string, input: string, test: (value: unknown) => boolean): CodeField {
  return { kind: "code", expected, input, test };
}

/** The names of types. */
export function types(input: string, output: string, doc: string): TypeNames {
  return { input, output, doc };
}

/** The names of the types of a constructor's options; `doc` is that of the options as they are written. */
export function optionTypes(input: string, doc: string, parameters?: TypeNames["parameters"]): TypeNames {
  const names = types(input, checkedTypeName(input), doc);
  return parameters === undefined ? names : { ...names, parameters };
}

/** The name of checked options. */
export function checkedTypeName(input: string): string {
  return `Checked${input}`;
}

/** A field whose types stand beside what they are for: `input` as it is written, `output` as it is resolved. */
export function typed<Of extends Field>(field: Of, input: string, output: string): Of {
  const { types: _, ...plain } = field;
  return { ...plain, input, output } as Of;
}

/** An object without some of its keys. */
export function without(
  fields: Readonly<Record<string, Property>>,
  ...keys: readonly string[]
): Record<string, Property> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));
}
