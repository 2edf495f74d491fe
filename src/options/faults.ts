/**
 * The messages for values that an option does not take: the same for a manifest and for a program.
 *
 * @module
 */

import { describeValue, nearestKey, quote, quoteChoices, typeName } from "../text/words.ts";
import type { Field, NumberField, QuantityField, UnionField, WordField } from "./field.ts";
import { quantityOf } from "./units.ts";

/** The message for a value that is not one of the words. */
export function wrongWord({ words, elsewhere }: WordField, input: unknown): string {
  if (input === undefined) return `missing; expected ${quoteChoices(words)}`;
  return `expected ${quoteChoices(words)}, got ${describeValue(input)}${meant(input, words, elsewhere)}`;
}

/** The message for a value that fits no member of a union. */
export function wrongUnion(
  { of, expected, isHidden = false }: Pick<UnionField, "of" | "expected" | "isHidden">,
  input: unknown,
): string {
  const words = of.flatMap(wordsOf);
  const elsewhere = Object.assign({}, ...of.map((field) => field.kind === "word" ? field.elsewhere : {}));
  const got = isHidden ? typeName(input) : describeValue(input);
  return `expected ${expected}, got ${got}${isHidden ? "" : meant(input, words, elsewhere)}`;
}

function wordsOf(field: Field): readonly string[] {
  if (field.kind === "word") return field.words;
  return field.kind === "literal" && typeof field.value === "string" ? [field.value] : [];
}

/** The message for a value that is not such a time or size. */
export function wrongQuantity(
  { kind, words = [], min, max }: QuantityField,
  input: unknown,
  isOpen = false,
): string {
  const near = typeof input === "string" ? nearestKey(input, words) : undefined;
  if (near !== undefined) {
    return `expected a ${kind}, or ${quoteChoices(words)}, got ${quote(String(input))}; did you mean ${
      quote(near)
    }?`;
  }
  return String(quantityOf(input, kind, { min, max, isOpen }));
}

/** The message for an unknown key. */
export function unknownKey(
  key: string,
  valid: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): string {
  const near = nearestKey(key, valid) ?? elsewhere[key];
  return near === undefined ? `valid keys are ${valid.join(", ")}` : `did you mean ${quote(near)}?`;
}

function meant(
  input: unknown,
  words: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): string {
  if (typeof input !== "string") return "";
  const near = nearestKey(input, words) ?? elsewhere[input];
  return near === undefined ? "" : `; did you mean ${quote(near)}?`;
}

/** The message for a value that is not such a number; `undefined` for one that is. */
export function wrongNumber(
  { isWhole, min, max, isOpen = false }: NumberField,
  value: unknown,
): string | undefined {
  if (typeof value !== "number" || Number.isNaN(value)) {
    const missing = value === undefined ? "missing; " : "";
    return `${missing}expected ${isWhole ? "a whole number" : "a number"}, got ${typeName(value)}`;
  }
  if (isOpen && value === Infinity) return undefined;
  if (isWhole && !Number.isSafeInteger(value)) return `expected a whole number, got ${value}`;
  if (value < min) return `must be ${min.toLocaleString("en")} or more, got ${value}`;
  return value > max ? `must be ${max.toLocaleString("en")} or less, got ${value}` : undefined;
}
