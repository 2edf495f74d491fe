/**
 * The messages for values that an option does not take: the same for a manifest and for a program.
 *
 * @module
 */

import { describeValue, nearestKey, quote, quoteChoices, typeName } from "../text/words.ts";
import type { Field, NumberField, QuantityField, TextField, UnionField, WordField } from "./field.ts";
import { quantityOf } from "./units.ts";

/** The message for a value of another type. */
export function wrongType(expected: string, input: unknown): string {
  return input === undefined
    ? `missing; expected ${expected}`
    : `expected ${expected}, got ${typeName(input)}`;
}

/** The message for a value that is not such a text; `undefined` for one that is. */
export function wrongText(
  { isPlain = false, min = 0, max = Infinity, patterns = [], fault }: TextField,
  value: unknown,
): string | undefined {
  if (typeof value !== "string") return wrongType("a string", value);
  if (isPlain && value.includes("\0")) return "must not contain NUL";
  if (isPlain && !value.isWellFormed()) return "must not contain half a character (a lone surrogate)";
  if (value.length < min) return "must not be empty";
  if (value.length > max) return `must have ${max} characters at most`;
  const [, message] = patterns.find(([pattern]) => !pattern.test(value)) ?? [];
  return typeof message === "function" ? message(value) : message ?? fault?.(value);
}

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

/** The hint for an unknown key. */
export function unknownKeyHint(
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
  isCode: boolean,
): string | undefined {
  if (typeof value !== "number" || Number.isNaN(value)) return wrongType("a number", value);
  if (isOpen && isCode && value === Infinity) return undefined;
  if (isWhole && !Number.isSafeInteger(value)) return `expected a whole number, got ${describeValue(value)}`;
  if (value < min) return `must be ${min.toLocaleString("en")} or more, got ${describeValue(value)}`;
  return value > max ? `must be ${max.toLocaleString("en")} or less, got ${describeValue(value)}` : undefined;
}
