/**
 * Redacts secrets in a value: in every text in it, including the keys of its objects.
 *
 * The result is for events and errors. It never throws, whatever the value, and a part that it can neither read nor copy
 * counts as secret.
 */
import { REDACTED, type Redactor } from "./mask.ts";

const MAX_DEPTH = 64;
/** What stands for a part that is too deep, or is left out. */
const LEFT_OUT = "…";
/** The items of an array up to which its other fields are searched, too. */
const MANY = 1_000;

/** The parts of a value that are looked at: its keys, items and values, and each {@linkcode PART_CHARS} of its texts. */
const MAX_PARTS = 10_000;
/** Characters of a text that count as one more part. */
const PART_CHARS = 256;

/**
 * Returns `value` with every text in it redacted: in keys and values of plain objects, arrays, maps, sets and errors;
 * itself where there is no secret. An error keeps its class and its stack. Values deeper than 64 levels are replaced by
 * `…`; an object of another class that has a secret is `***` as a whole. Of a value with more than
 * {@linkcode MAX_PARTS} parts the rest is left out, with a `…` in its place: a process decides how many it sends.
 */
export function redactValue<Value>(value: Value, redact: Redactor): Value {
  if (typeof value === "string") return redact(value) as Value;
  if (!hides(value, { redact, seen: new Set(), budget: new Budget() })) return value;
  return copyOf(value, { redact, copies: new Map(), budget: new Budget() }) as Value;
}

/** How much of one value may still be looked at. A part is taken while any is left, however long it is. */
class Budget {
  #left = MAX_PARTS;

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** Counts `part`, unless all is spent. */
  take(part: unknown): boolean {
    if (this.#left <= 0) return false;
    this.#left -= typeof part === "string" ? 1 + Math.floor(part.length / PART_CHARS) : 1;
    return true;
  }
}

// --- Search -----------------------------------------------------

interface Search {
  readonly redact: Redactor;
  readonly seen: Set<object>;
  readonly budget: Budget;
}

/** Whether a text in `value` has a secret, or it is too deep or too large to search. */
function hides(value: unknown, search: Search, depth = 0): boolean {
  if (!search.budget.take(value)) return true;
  if (typeof value === "string") return search.redact(value) !== value;
  if (!isLookedThrough(value)) return false;
  if (search.seen.has(value)) return false;
  if (depth >= MAX_DEPTH) return true;
  search.seen.add(value);
  try {
    return hasHidden(value, search, depth);
  } catch {
    return true; // a revoked proxy, a trap that throws: it can't be told
  }
}

function hasHidden(value: object, search: Search, depth: number): boolean {
  const inside = (part: unknown): boolean => hides(part, search, depth + 1);
  if (Array.isArray(value)) return partsOf(value).some(([, item]) => inside(item()));
  if (value instanceof Map && [...value].some(([key, item]) => inside(key) || inside(item))) return true;
  if (value instanceof Set && [...value].some(inside)) return true;
  if (value instanceof Error && errorTexts(value).some(([, text]) => inside(text))) return true;
  if (inside(jsonOf(value))) return true;
  return partsOf(value).some(([key, part]) => (typeof key === "string" && inside(key)) || inside(part()));
}

// --- Copy -------------------------------------------------

interface Copying {
  readonly redact: Redactor;
  /** The copies of objects: cycles stay cycles, and a shared object is copied once. */
  readonly copies: Map<object, unknown>;
  readonly budget: Budget;
}

function copyOf(value: unknown, copying: Copying, depth = 0): unknown {
  if (!copying.budget.take(value)) return LEFT_OUT;
  if (typeof value === "string") return copying.redact(value);
  if (!isLookedThrough(value)) return value;
  if (copying.copies.has(value)) return copying.copies.get(value);
  if (depth >= MAX_DEPTH) return LEFT_OUT;
  try {
    return copyOfObject(value, copying, depth);
  } catch {
    return REDACTED;
  }
}

function copyOfObject(value: object, copying: Copying, depth: number): unknown {
  const { redact, copies, budget } = copying;
  const inside = (part: unknown): unknown => copyOf(part, copying, depth + 1);
  const copy = emptyCopy(value);
  // An object that may be more than its fields stays as it is where possible.
  if (
    (copy === undefined || value instanceof Error) &&
    !hides(value, { redact, seen: new Set(), budget }, depth)
  ) {
    copies.set(value, value);
    return value;
  }
  const shown = jsonOf(value);
  copies.set(value, copy ?? REDACTED);
  if (copy === undefined) return inside(shown ?? REDACTED);
  if (copy instanceof Map) {
    for (const [key, item] of value as Map<unknown, unknown>) copy.set(inside(key), inside(item));
  }
  if (copy instanceof Set) { for (const item of value as Set<unknown>) copy.add(inside(item)); }
  const numbers = new Map<PropertyKey, number>();
  for (const [key, part, enumerable] of partsOf(value)) {
    if (budget.isSpent) {
      define(copy, Array.isArray(copy) ? copy.length : LEFT_OUT, { value: LEFT_OUT, enumerable: true });
      break;
    }
    if (!Array.isArray(copy)) budget.take(key);
    const clean = typeof key === "string" ? freeKey(copy, redact(key), numbers) : key;
    define(copy, clean, { value: inside(part()), enumerable });
  }
  if (Array.isArray(copy) && !budget.isSpent) copy.length = (value as unknown[]).length;
  for (const [key, text] of value instanceof Error ? errorTexts(value) : []) {
    if (valueOf(copy, key) !== redact(text)) define(copy, key, { value: redact(text), enumerable: false });
  }
  if (shown !== undefined) define(copy, "toJSON", { value: () => inside(shown), enumerable: false });
  return copy;
}

function define(
  copy: object,
  key: PropertyKey,
  { value, enumerable }: { value: unknown; enumerable: boolean },
): void {
  Object.defineProperty(copy, key, { value, enumerable, configurable: true, writable: true });
}

/** Adds a number to a key that redacting makes equal to another one; `numbers` has the last of each key. */
function freeKey(copy: object, key: string, numbers: Map<PropertyKey, number>): string {
  if (!Object.hasOwn(copy, key)) return key;
  let number = numbers.get(key) ?? 1;
  do number++; while (Object.hasOwn(copy, `${key}${number}`));
  numbers.set(key, number);
  return `${key}${number}`;
}

/** Returns an empty copy of `value` to fill, `undefined` where it is more than its parts. */
function emptyCopy(value: object): object | undefined {
  if (Array.isArray(value)) return [];
  if (value instanceof Error) return Object.create(Object.getPrototypeOf(value));
  switch (Object.getPrototypeOf(value)) {
    case Object.prototype:
    case null:
      return Object.create(Object.getPrototypeOf(value));
    case Map.prototype:
      return new Map();
    case Set.prototype:
      return new Set();
    default:
      return undefined;
  }
}

// --- Reading an object ------------------------------------------------

function isLookedThrough(value: unknown): value is object {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}

/** The fields of an object, each read when it is its turn, with whether they are enumerable. */
function* partsOf(
  value: object,
): IteratorObject<readonly [key: PropertyKey, part: () => unknown, enumerable: boolean]> {
  // Listing millions of items by their names takes seconds.
  if (Array.isArray(value) && value.length > MANY) {
    for (const [index, item] of value.entries()) yield [index, () => item, true];
    return;
  }
  for (const key of Reflect.ownKeys(value)) {
    if (Array.isArray(value) && key === "length") continue;
    yield [key, () => valueOf(value, key), Object.prototype.propertyIsEnumerable.call(value, key)];
  }
}

/** Reads a field, which may be a getter; one that throws counts as empty. */
function valueOf(value: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(value, key);
  } catch {
    return undefined;
  }
}

/** Returns the texts of an error, be they own fields or, as of a `DOMException`, getters of its class. */
function errorTexts(error: Error): [key: string, text: string][] {
  return ["name", "message", "stack"].flatMap((key): [string, string][] => {
    const text = valueOf(error, key);
    return typeof text === "string" ? [[key, text]] : [];
  });
}

/** Returns the JSON form of an object that defines it, as a `URL` does. */
function jsonOf(value: object): unknown {
  const toJSON = valueOf(value, "toJSON");
  if (typeof toJSON !== "function") return undefined;
  try {
    const shown = toJSON.call(value, "");
    return shown === value ? undefined : shown;
  } catch {
    return undefined;
  }
}
