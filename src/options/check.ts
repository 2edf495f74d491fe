/**
 * Checks options that a program gives, and resolves them: durations to milliseconds, sizes to bytes, what is left out to
 * its default. It says the same of a wrong value as is said of one in a manifest.
 *
 * Used by every constructor, once, before anything else looks at the options. Each is read once and copied, so what was
 * checked is what is used. A manifest can't have `Infinity` or a function; code can.
 *
 * @module
 */

import { defaultOf } from "./defaults.ts";
import { unknownKey, wrongNumber, wrongQuantity, wrongUnion, wrongWord } from "./faults.ts";
import type {
  DictField,
  Field,
  ListField,
  NumberField,
  QuantityField,
  ShapeField,
  TextField,
  UnionField,
} from "./field.ts";
import { OptionError } from "./option_error.ts";
import { PRESETS } from "./presets.ts";
import { quantityOf } from "./units.ts";
import { pathText, quote, quoteChoices, typeName } from "../text/words.ts";

const PRESET = PRESETS.otp;

/**
 * Checks `given`, and resolves it. `what` can't be done with it is what the error begins with: `Cannot make the sidecar 'a'`.
 *
 * @throws {OptionError} what is wrong with it, and where
 */
export function checkOptions<Resolved>(what: string, field: Field, given: unknown): Resolved {
  const reader = new Reader();
  try {
    return reader.read(field, given) as Resolved;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const path = pathText(reader.path);
    throw new OptionError(`${what}: ${path === "" ? "" : `${path}: `}${error.message}`, { path });
  }
}

/** Those of some checked options that stand in `fields`: the part of them that is for another constructor. */
export function pickOptions<Part>(checked: object, fields: Readonly<Record<string, unknown>>): Part {
  return Object.fromEntries(Object.entries(checked).filter(([key]) => key in fields)) as Part;
}

/** The defaults of all keys of an object, resolved. */
export function defaultsOf<Resolved>(shape: ShapeField): Resolved {
  return new Reader().read(shape, {}) as Resolved;
}

/** Caught by {@linkcode checkOptions}, which knows where the reader is. */
class Refusal extends Error {}

function refuse(message: string): never {
  throw new Refusal(message);
}

/** Defaults that were read once. */
const defaults = new WeakMap<ShapeField, Map<string, unknown>>();

class Reader {
  /** The keys that lead to what is read. */
  readonly path: PropertyKey[] = [];

  read(field: Field, value: unknown): unknown {
    const read = this.#plain(field, value);
    return field.to === undefined ? read : field.to(read, PRESET);
  }

  #plain(field: Field, value: unknown): unknown {
    switch (field.kind) {
      case "text":
        return textOf(field, value);
      case "pattern":
        if (value instanceof RegExp) return value;
        return textOf({ kind: "text", min: 1, max: 1_000 }, value);
      case "number":
        return numberOf(field, value);
      case "flag":
        return typeof value === "boolean" ? value : refuse(`expected true or false, got ${typeName(value)}`);
      case "word":
        return field.words.includes(value as string) ? value : refuse(wrongWord(field, value));
      case "duration":
      case "size":
        return amountOf(field, value);
      case "literal":
        if (value === field.value) return value;
        return refuse(`expected ${JSON.stringify(field.value)}, got ${typeName(value)}`);
      case "any":
        return value === undefined ? refuse("missing; expected a value") : value;
      case "scalar":
        if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value;
        return refuse(`expected a text, a number, true, false or null, got ${typeName(value)}`);
      case "list":
        return this.#list(field, value);
      case "tuple":
        return this.#list(
          { kind: "list", of: field.rest, min: 1, tooFew: "must not be empty" },
          value,
          field.first,
        );
      case "dict":
        return this.#dict(field, value);
      case "union":
        return this.#union(field, value);
      case "shape":
        return this.#shape(field, value);
      case "lazy":
        return this.read(field.of(), value);
      case "code":
        return field.test(value) ? value : refuse(`expected ${field.expected}, got ${typeName(value)}`);
    }
  }

  /** Reads what is at a key; the key stays on the path of what is refused. */
  #at(key: PropertyKey, field: Field, value: unknown): unknown {
    this.path.push(key);
    const read = this.read(field, value);
    this.path.pop();
    return read;
  }

  /** `first` is what the first item is, where that is something else. */
  #list(
    { of, min = 0, tooFew, max = Infinity, tooMany, isProgram = false }: ListField,
    value: unknown,
    first: Field = of,
  ): unknown {
    if (!Array.isArray(value)) refuse(`expected an array, got ${typeName(value)}`);
    const { length } = value;
    if (length < min) refuse(tooFew ?? `needs ${min}`);
    if (length > max) refuse(tooMany ?? `must be ${max} at most`);
    const read: unknown[] = [];
    for (let index = 0; index < length; index++) {
      read.push(this.#at(index, index === 0 ? first : of, value[index]));
    }
    if (isProgram && read[0] === "") {
      this.path.push(0);
      refuse("must not be empty");
    }
    return Object.freeze(read);
  }

  #dict({ key, keyMessage, of }: DictField, value: unknown): unknown {
    if (!isObject(value)) refuse(`expected an object, got ${typeName(value)}`);
    const read = Object.entries(value).map(([name, item]) => {
      if (key.test(name)) return [name, this.#at(name, of, item)];
      this.path.push(name);
      return refuse(keyMessage);
    });
    return Object.freeze(Object.fromEntries(read));
  }

  #union(field: UnionField, value: unknown): unknown {
    const { of } = field;
    const plain = of.find((branch) => isKindOf(branch, value));
    if (plain !== undefined) return this.read(plain, value);
    const shapes = of.filter((branch) => branch.kind === "shape");
    if (!isObject(value) || shapes.length === 0) refuse(wrongUnion(field, value));
    if (shapes.length === 1) return this.read(shapes[0]!, value);
    const told = shapes.filter((shape) => tells(shape).some((key) => Object.hasOwn(value, key)));
    if (told.length === 1) return this.read(told[0]!, value);
    const keys = shapes.flatMap(tells);
    if (told.length === 0) refuse(`needs ${quoteChoices(keys)}`);
    const both = keys.filter((key) => Object.hasOwn(value, key)).map((key) => quote(key)).join(" and ");
    refuse(`has ${both}; only one of them can be`);
  }

  #shape(shape: ShapeField, value: unknown): unknown {
    if (!isObject(value)) refuse(`expected an object, got ${typeName(value)}`);
    const { fields, rule } = shape;
    const keys = Object.keys(fields);
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(fields, key)) continue;
      this.path.push(key);
      refuse(`unknown key; ${shape.asArguments?.[key] ?? unknownKey(key, keys, shape.elsewhere)}`);
    }
    const read: Record<string, unknown> = {};
    for (const key of keys) {
      const item = value[key];
      const { field, isRequired } = fields[key]!;
      if (item !== undefined || isRequired) read[key] = this.#at(key, field, item);
      else {
        const usual = this.#default(shape, key);
        if (usual !== undefined) read[key] = usual;
      }
    }
    rule?.(read, (message, key) => {
      if (key !== undefined) this.path.push(key);
      refuse(message);
    }, true);
    return Object.freeze(read);
  }

  #default(shape: ShapeField, key: string): unknown {
    const known = defaults.get(shape) ?? new Map<string, unknown>();
    defaults.set(shape, known);
    if (!known.has(key)) {
      const written = defaultOf(PRESET, shape.defaults, key, shape.fields[key]!);
      known.set(key, written === undefined ? undefined : this.read(shape.fields[key]!.field, written));
    }
    return known.get(key);
  }
}

/** The keys of which only this object of a union has one. */
function tells({ fields }: ShapeField): string[] {
  return Object.keys(fields).filter((key) => fields[key]!.isRequired);
}

/** Whether a value is of the kind of a field, be it wrong or not. */
function isKindOf(field: Field, value: unknown): boolean {
  switch (field.kind) {
    case "text":
      return typeof value === "string";
    case "word":
      return field.words.includes(value as string);
    case "literal":
      return value === field.value;
    case "number":
      return typeof value === "number";
    case "list":
      return Array.isArray(value);
    case "code":
      return field.test(value);
    default:
      return false;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(
  { isPlain = false, min = 0, max = Infinity, patterns = [], fault }: TextField,
  value: unknown,
): string {
  if (typeof value !== "string") {
    return refuse(`${value === undefined ? "missing; " : ""}expected a string, got ${typeName(value)}`);
  }
  if (isPlain && value.includes("\0")) refuse("must not contain NUL");
  if (isPlain && !value.isWellFormed()) refuse("must not contain half a character (a lone surrogate)");
  if (value.length < min) refuse("must not be empty");
  if (value.length > max) refuse(`must have ${max} characters at most`);
  for (const [pattern, message] of patterns) {
    if (!pattern.test(value)) refuse(typeof message === "string" ? message : message(value));
  }
  const wrong = fault?.(value);
  return wrong === undefined ? value : refuse(wrong);
}

function numberOf(field: NumberField, value: unknown): number {
  const wrong = wrongNumber(field, value);
  return wrong === undefined ? value as number : refuse(wrong);
}

function amountOf(field: QuantityField, value: unknown): number | string {
  const { kind, min, max, words = [] } = field;
  if (words.includes(value as string)) return value as string;
  const bounds = { min, max, isOpen: true };
  const amount = quantityOf(value, kind, bounds);
  return typeof amount === "number" ? amount : refuse(wrongQuantity(field, value, true));
}
