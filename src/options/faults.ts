/**
 * The messages for values that an option does not take: the same for a manifest and for a program.
 */

import { describeValue, nearestKey, quote, quoteChoices, typeName } from "../text/words.ts";
import type {
  DictField,
  Field,
  LazyField,
  ListField,
  NumberField,
  QuantityField,
  ShapeField,
  TextField,
  TupleField,
  UnionField,
  WordField,
} from "./field.ts";
import { MAX_PATTERN, quantityOf } from "./units.ts";

/** The message for a value of another type. */
export function wrongType(expected: string, input: unknown): string {
  return input === undefined
    ? `missing; expected ${expected}`
    : `expected ${expected}, got ${typeName(input)}`;
}

/** A field that is one value, with nothing in it. */
export type PlainField = Exclude<
  Field,
  ListField | TupleField | DictField | UnionField | ShapeField | LazyField
>;

/** The message for a value that such a field does not take; `undefined` for one that it does. */
export function plainFault(field: PlainField, value: unknown, isCode: boolean): string | undefined {
  switch (field.kind) {
    case "text":
      return textFault(field, value);
    case "pattern":
      if (isCode && value instanceof RegExp) return undefined;
      return textFault({ kind: "text", min: 1, max: MAX_PATTERN }, value);
    case "number":
      return numberFault(field, value, isCode);
    case "flag":
      return typeof value === "boolean" ? undefined : wrongType("true or false", value);
    case "word":
      return field.words.includes(value as string) ? undefined : wrongWord(field, value);
    case "duration":
    case "size":
      return quantityFault(field, value, isCode);
    case "literal":
      if (value === field.value || field.older?.includes(value as number)) return undefined;
      return field.wrong?.(value) ?? wrongType(JSON.stringify(field.value), value);
    case "any":
      return value === undefined ? wrongType("a value", value) : undefined;
    case "scalar":
      if (value === null || ["string", "number", "boolean"].includes(typeof value)) return undefined;
      return wrongType("a text, a number, true, false or null", value);
    case "code":
      return field.test(value) ? undefined : wrongType(field.expected, value);
  }
}

function textFault(
  { isPlain = false, expected = "a string", min = 0, max = Infinity, patterns = [], fault }: TextField,
  value: unknown,
): string | undefined {
  if (typeof value !== "string") return wrongType(expected, value);
  if (isPlain && value.includes("\0")) return "must not contain NUL";
  if (isPlain && !value.isWellFormed()) return "must not contain half a character (a lone surrogate)";
  if (value.length < min) return "must not be empty";
  if (value.length > max) return `must have ${max} characters at most`;
  const [, message] = patterns.find(([pattern]) => !pattern.test(value)) ?? [];
  return typeof message === "function" ? message(value) : message ?? fault?.(value);
}

function wrongWord({ words, elsewhere }: WordField, input: unknown): string {
  if (input === undefined) return `missing; expected ${quoteChoices(words)}`;
  return `expected ${quoteChoices(words)}, got ${describeValue(input)}${meant(input, words, elsewhere)}`;
}

/** The message for a value that fits no member of a union. */
export function wrongUnion(
  { of, expected, isHidden = false, hints = {} }: UnionField,
  input: unknown,
): string {
  if (typeof input === "string" && Object.hasOwn(hints, input)) {
    return `${describeValue(input)} can't be given here; ${hints[input]}`;
  }
  const words = of.flatMap(wordsOf);
  const elsewhere = Object.assign({}, ...of.map((field) => field.kind === "word" ? field.elsewhere : {}));
  const got = isHidden ? typeName(input) : describeValue(input);
  return `expected ${expected}, got ${got}${isHidden ? "" : meant(input, words, elsewhere)}`;
}

function wordsOf(field: Field): readonly string[] {
  if (field.kind === "word") return field.words;
  return field.kind === "literal" && typeof field.value === "string" ? [field.value] : [];
}

function quantityFault(field: QuantityField, input: unknown, isCode: boolean): string | undefined {
  const { kind, words = [], min, max } = field;
  if (words.includes(input as string)) return undefined;
  const near = typeof input === "string" ? nearestKey(input, words) : undefined;
  if (near !== undefined) {
    const choices = `a ${kind}, or ${quoteChoices(words)}`;
    return `expected ${choices}, got ${describeValue(input)}; did you mean ${quote(near)}?`;
  }
  const amount = quantityOf(input, kind, { min, max, isOpen: isCode });
  return typeof amount === "string" ? amount : undefined;
}

/** The hint for an unknown key. */
export function unknownKeyHint(
  key: string,
  valid: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): string {
  const near = nearestKey(key, valid) ?? meantBy(key, elsewhere);
  return near === undefined ? `valid keys are ${valid.join(", ")}` : `did you mean ${quote(near)}?`;
}

function meant(
  input: unknown,
  words: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): string {
  if (typeof input !== "string") return "";
  const near = nearestKey(input, words) ?? meantBy(input, elsewhere);
  return near === undefined ? "" : `; did you mean ${quote(near)}?`;
}

/** What others call `word` is called here. */
function meantBy(word: string, elsewhere: Readonly<Record<string, string>>): string | undefined {
  return Object.hasOwn(elsewhere, word) ? elsewhere[word] : undefined;
}

function numberFault(
  { isWhole, min, max, isOpen = false }: NumberField,
  value: unknown,
  isCode: boolean,
): string | undefined {
  if (typeof value !== "number" || Number.isNaN(value)) {
    return wrongType(isWhole ? "a whole number" : "a number", value);
  }
  if (isOpen && isCode && value === Infinity) return undefined;
  if (isWhole && !Number.isSafeInteger(value)) return `expected a whole number, got ${describeValue(value)}`;
  if (value < min) return `must be ${min.toLocaleString("en")} or more, got ${describeValue(value)}`;
  return value > max ? `must be ${max.toLocaleString("en")} or less, got ${describeValue(value)}` : undefined;
}
