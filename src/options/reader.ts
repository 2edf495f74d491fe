/**
 * Reads a value by a field: checks it, and resolves it. Durations become milliseconds, sizes bytes, and what is left out
 * its default.
 *
 * The one reader of options and of manifests, so both take the same values and refuse others in the same words. Both are
 * read to their end, and each place that is wrong has one issue. What a constructor reads may hold what only code has:
 * `Infinity`, a RegExp, a function.
 *
 * Invariant: each value is read once and copied, so what was checked is what is used.
 */

import { defaultOf } from "./defaults.ts";
import { plainFault, unknownKeyHint, wrongType, wrongUnion } from "./faults.ts";
import type { DictField, Field, ListField, PatternField, ShapeField, UnionField } from "./field.ts";
import type { Preset } from "./presets.ts";
import { quantityOf } from "./units.ts";
import { nearestKey, quote, quoteChoices } from "../text/words.ts";

/** A fault of a value, by its place in it. */
export interface FieldIssue {
  /** The keys and indices that lead there. */
  readonly path: readonly PropertyKey[];
  /** Whether the key or the value is at fault. Default: the value. */
  readonly on?: "key" | "value" | undefined;
  /** The fault, in plain words. */
  readonly message: string;
  /** The way out. */
  readonly hint?: string | undefined;
}

/** Where values come from, and what is known of them there. */
export interface ReaderOptions {
  /** The defaults that hold. */
  readonly preset: Preset;
  /** Whether they are given in code. Default false. */
  readonly isCode?: boolean;
  /** Suggests a key of ours for an unknown one, where those in `valid` are allowed. */
  readonly hintFor?:
    | ((key: string, value: unknown, valid: readonly string[]) => string | undefined)
    | undefined;
  /** Explains why a regular expression cannot be used; in code it is compiled where it is used. */
  readonly patternFault?: ((source: string, of: PatternField["of"]) => string | undefined) | undefined;
}

/** What stands for a value that has a fault. */
export const INVALID: unique symbol = Symbol("invalid");

/** Unknown keys of one object that are compared with the known ones; more are no misspellings. */
const MAX_COMPARED = 100;

const NONE: ReadonlySet<string | undefined> = new Set();

/** Defaults that were read once. */
const defaults = new Map<Preset, WeakMap<ShapeField, Map<string, unknown>>>();

/** Reads values, and collects the faults. */
export class FieldReader {
  readonly #options: ReaderOptions;
  /** The keys that lead to what is read. */
  readonly #path: PropertyKey[] = [];
  /** By place: the first fault of a place says what to mend there. */
  readonly #issues = new Map<string, FieldIssue>();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** The faults so far, one for each place. */
  get issues(): readonly FieldIssue[] {
    return [...this.#issues.values()];
  }

  /** The resolved value, or {@linkcode INVALID}. */
  read(field: Field, value: unknown): unknown {
    const read = this.#plain(field, value);
    return read === INVALID || field.to === undefined ? read : field.to(read, this.#options.preset);
  }

  #plain(field: Field, value: unknown): unknown {
    switch (field.kind) {
      case "list":
        return this.#list(field, value);
      case "tuple":
        return this.#list({ kind: "list", of: field.rest }, value, field.first);
      case "dict":
        return this.#dict(field, value);
      case "union":
        return this.#union(field, value);
      case "shape":
        return this.#shape(field, value);
      case "lazy":
        return this.read(field.of(), value);
      default: {
        const { isCode = false } = this.#options;
        const fault = plainFault(field, value, isCode) ??
          (field.kind === "pattern" && !isCode
            ? this.#options.patternFault?.(value as string, field.of)
            : undefined);
        if (fault !== undefined) return this.#refuse(fault);
        if (field.kind !== "duration" && field.kind !== "size") return value;
        const { kind, min, max, words } = field;
        return words?.includes(value as string)
          ? value
          : quantityOf(value, kind, { min, max, isOpen: isCode });
      }
    }
  }

  /** Says what is wrong with what is read, or with the value at a `key` of it. */
  #refuse(
    message: string,
    { key, ...more }: {
      readonly key?: PropertyKey | undefined;
      readonly on?: "key";
      readonly hint?: string | undefined;
    } = {},
  ): typeof INVALID {
    const issue: FieldIssue = {
      path: key === undefined ? [...this.#path] : [...this.#path, key],
      message,
      ...more,
    };
    const place = JSON.stringify(issue.path);
    if (!this.#issues.has(place)) this.#issues.set(place, issue);
    return INVALID;
  }

  #readAt(key: PropertyKey, field: Field, value: unknown): unknown {
    this.#path.push(key);
    const read = this.read(field, value);
    this.#path.pop();
    return read;
  }

  /** `first` is the field of the first item; with one of its own, there has to be that item. */
  #list(
    { of, min = 0, tooFew, max = Infinity, tooMany, expected = "an array", isProgram }: ListField,
    value: unknown,
    first?: Field,
  ): unknown {
    if (!Array.isArray(value)) return this.#refuse(wrongType(expected, value));
    if (value.length < min) return this.#refuse(tooFew ?? `needs ${min}`);
    if (value.length > max) return this.#refuse(tooMany ?? `must be ${max} at most`);
    if (first !== undefined && value.length === 0) {
      return this.#options.isCode ? this.#refuse("must not be empty") : this.#readAt(0, first, undefined);
    }
    const read: unknown[] = [];
    for (let index = 0; index < value.length; index++) {
      read.push(this.#readAt(index, index === 0 ? first ?? of : of, value[index]));
    }
    if (isProgram && read[0] === "") return this.#refuse("must not be empty", { key: 0 });
    return read.includes(INVALID) ? INVALID : Object.freeze(read);
  }

  #dict({ key, keyMessage, of }: DictField, value: unknown): unknown {
    if (!isObject(value)) return this.#refuse(wrongType("an object", value));
    const read = Object.entries(value).map(([name, item]) =>
      [
        name,
        key.test(name) ? this.#readAt(name, of, item) : this.#refuse(keyMessage, { key: name, on: "key" }),
      ] as const
    );
    return read.some(([, item]) => item === INVALID) ? INVALID : Object.freeze(Object.fromEntries(read));
  }

  #union(field: UnionField, value: unknown): unknown {
    const plain = field.of.find((branch) => isKindOf(branch, value));
    if (plain !== undefined) return this.read(plain, value);
    const shapes = field.of.filter((branch) => branch.kind === "shape");
    if (!isObject(value) || shapes.length === 0) return this.#refuse(wrongUnion(field, value));
    if (shapes.length === 1) return this.read(shapes[0]!, value);
    const tells = shapes.map((shape) => tellOf(shape, shapes));
    const told = tells.filter((key) => Object.hasOwn(value, key));
    if (told.length > 1) return this.#refuse(`has ${told.map(quote).join(" and ")}; only one of them can be`);
    const valid = [...new Set(shapes.flatMap(({ fields }) => Object.keys(fields)))];
    const misspelt = misspeltIn(value, valid);
    const meant = told[0] ?? tells.find((key) => misspelt.has(key));
    if (meant !== undefined) return this.read(shapes[tells.indexOf(meant)]!, value);
    this.#refuse(field.untold ?? `needs ${quoteChoices(tells)}`);
    // Which one was meant is unknown. The last has most of the keys, so what is wrong with those is said as well.
    this.#unknownKeys(value, valid);
    for (const [key, property] of Object.entries(shapes.at(-1)!.fields)) {
      if (value[key] !== undefined) this.#readAt(key, property.field, value[key]);
    }
    return INVALID;
  }

  #shape(shape: ShapeField, value: unknown): unknown {
    if (!isObject(value)) return this.#refuse(wrongType("an object", value));
    const { fields, rule, isLoose = false } = shape;
    const keys = Object.keys(fields);
    const misspelt = isLoose ? NONE : misspeltIn(value, keys);
    const read: Record<string, unknown> = isLoose ? { ...value } : {};
    let isRight = true;
    for (const key of keys) {
      const item = value[key];
      const { field, isRequired } = fields[key]!;
      // The fault of a misspelt key says what is missing.
      if (item === undefined && isRequired && misspelt.has(key)) continue;
      const one = item === undefined && !isRequired
        ? this.#default(shape, key)
        : this.#readAt(key, field, item);
      if (one === INVALID) isRight = false;
      if (one !== undefined) read[key] = one === INVALID ? item : one;
    }
    if (!isLoose && !this.#unknownKeys(value, keys, shape)) isRight = false;
    rule?.(read, (message, key) => {
      isRight = false;
      this.#refuse(message, { key });
    }, isRight);
    return isRight ? Object.freeze(read) : INVALID;
  }

  /** Refuses the keys of `value` that are not in `valid`; `true` where there is none. */
  #unknownKeys(
    value: object,
    valid: readonly string[],
    { misplaced = {}, elsewhere, variants = [] }: Partial<ShapeField> = {},
  ): boolean {
    const variant = variants.find(({ types }) => types.includes(Reflect.get(value, "type")));
    const named = variant === undefined ? valid : ["type", ...variant.keys];
    const unknown = Object.keys(value).filter((key) => !valid.includes(key));
    for (const [index, key] of unknown.entries()) {
      const place = Object.hasOwn(misplaced, key) ? misplaced[key] : undefined;
      const hint = index >= MAX_COMPARED ? undefined : place ??
        // Names of other tools come first: systemd's RestartSec is not a misspelling of "restart".
        this.#options.hintFor?.(key, Reflect.get(value, key), valid) ?? unknownKeyHint(key, named, elsewhere);
      this.#refuse("unknown key", { key, on: "key", hint });
    }
    return unknown.length === 0;
  }

  #default(shape: ShapeField, key: string): unknown {
    const { preset } = this.#options;
    const ofPreset = defaults.get(preset) ?? new WeakMap<ShapeField, Map<string, unknown>>();
    defaults.set(preset, ofPreset);
    const known = ofPreset.get(shape) ?? new Map<string, unknown>();
    ofPreset.set(shape, known);
    if (!known.has(key)) {
      const written = defaultOf(preset, shape.defaults, key, shape.fields[key]!);
      known.set(key, written === undefined ? undefined : this.read(shape.fields[key]!.field, written));
    }
    return known.get(key);
  }
}

/** The key that tells this object from the others of a union: the first that it needs and no other has. */
function tellOf(shape: ShapeField, all: readonly ShapeField[]): string {
  const isOwn = (key: string) => all.every((other) => other === shape || !Object.hasOwn(other.fields, key));
  const keys = Object.keys(shape.fields);
  return keys.find((key) => shape.fields[key]!.isRequired && isOwn(key)) ?? keys[0]!;
}

/** The valid keys that unknown keys of an object resemble. */
function misspeltIn(value: object, valid: readonly string[]): ReadonlySet<string | undefined> {
  const unknown = Object.keys(value).filter((key) => !valid.includes(key)).slice(0, MAX_COMPARED);
  return unknown.length === 0 ? NONE : new Set(unknown.map((key) => nearestKey(key, valid)));
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
      return field.isWhole ? Number.isInteger(value) : typeof value === "number";
    case "flag":
      return typeof value === "boolean";
    case "list":
      return Array.isArray(value);
    case "dict":
      return isObject(value);
    case "code":
      return field.test(value);
    default:
      return false;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
