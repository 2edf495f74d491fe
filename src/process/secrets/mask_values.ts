/**
 * Redacts secrets in a value: in every text in it, including the keys of its objects.
 *
 * The result is for events and errors. It never throws, whatever the value, and a part that it can neither read nor copy
 * counts as secret.
 */
import { REDACTED, type Redactor } from "./mask.ts";

const MAX_DEPTH = 64;
const DEEPER = "…";
/** The items of an array up to which its other fields are searched, too. */
const MANY = 1_000;

/**
 * Returns `value` with every text in it redacted: in keys and values of plain objects, arrays, maps, sets and errors;
 * itself where there is no secret. An error keeps its class and its stack. Values deeper than 64 levels are replaced by
 * `…`; an object of another class that has a secret is `***` as a whole.
 */
export function redactValue<Value>(value: Value, redact: Redactor): Value {
  if (typeof value === "string") return redact(value) as Value;
  if (!hides(value, { redact, seen: new Set() })) return value;
  return copyOf(value, { redact, copies: new Map() }) as Value;
}

// --- Search -----------------------------------------------------

interface Search {
  readonly redact: Redactor;
  readonly seen: Set<object>;
}

/** Whether a text in `value` has a secret, or it is too deep to search. */
function hides(value: unknown, search: Search, depth = 0): boolean {
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
  if (Array.isArray(value)) return partsOf(value).some(([, item]) => inside(item));
  if (value instanceof Map && [...value].some(([key, item]) => inside(key) || inside(item))) return true;
  if (value instanceof Set && [...value].some(inside)) return true;
  if (value instanceof Error && errorTexts(value).some(([, text]) => inside(text))) return true;
  if (inside(jsonOf(value))) return true;
  return partsOf(value).some(([key, part]) => (typeof key === "string" && inside(key)) || inside(part));
}

// --- Copy -------------------------------------------------

interface Copying {
  readonly redact: Redactor;
  /** The copies of objects: cycles stay cycles, and a shared object is copied once. */
  readonly copies: Map<object, unknown>;
}

function copyOf(value: unknown, copying: Copying, depth = 0): unknown {
  if (typeof value === "string") return copying.redact(value);
  if (!isLookedThrough(value)) return value;
  if (copying.copies.has(value)) return copying.copies.get(value);
  if (depth >= MAX_DEPTH) return DEEPER;
  try {
    return copyOfObject(value, copying, depth);
  } catch {
    return REDACTED;
  }
}

function copyOfObject(value: object, { redact, copies }: Copying, depth: number): unknown {
  const inside = (part: unknown): unknown => copyOf(part, { redact, copies }, depth + 1);
  const copy = emptyCopy(value);
  // An object that may be more than its fields stays as it is where possible.
  if ((copy === undefined || value instanceof Error) && !hides(value, { redact, seen: new Set() }, depth)) {
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
  for (const [key, part, enumerable] of partsOf(value)) {
    const clean = typeof key === "string" ? freeKey(copy, redact(key)) : key;
    define(copy, clean, { value: inside(part), enumerable });
  }
  if (Array.isArray(copy)) copy.length = (value as unknown[]).length;
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

/** Adds a number to a key that redacting makes equal to another one. */
function freeKey(copy: object, key: PropertyKey): PropertyKey {
  if (typeof key !== "string" || !Object.hasOwn(copy, key)) return key;
  let number = 2;
  while (Object.hasOwn(copy, `${key}${number}`)) number++;
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

/** Returns the fields of an object, with whether they are enumerable. */
function partsOf(value: object): [key: PropertyKey, part: unknown, enumerable: boolean][] {
  // Listing millions of items by their names takes seconds.
  if (Array.isArray(value) && value.length > MANY) return value.map((item, index) => [index, item, true]);
  return Reflect.ownKeys(value).filter((key) => !(Array.isArray(value) && key === "length"))
    .map((key) => [key, valueOf(value, key), Object.prototype.propertyIsEnumerable.call(value, key)]);
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
