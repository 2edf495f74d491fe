/**
 * Takes secrets out of a value: out of every text in it, the keys of its objects included.
 *
 * What it gives is for events and errors. It never throws, whatever it is given, and what it can neither
 * look through nor copy counts as secret.
 *
 * @module
 */
import { REDACTED, type Redactor } from "./mask.ts";

/** The longest nesting that is looked through. */
const MAX_DEPTH = 64;
/** What stands for values below it. */
const DEEPER = "…";
/** An array of more items has no other fields, as far as it matters here. */
const MANY = 1_000;

/**
 * `value` with every text in it masked: in keys and values of plain objects, arrays, maps, sets and errors; itself where
 * there is nothing to mask. An error keeps its class and its stack. What lies deeper than 64 levels is cut off (`…`); an object of
 * another class that has a secret is `***` as a whole.
 */
export function redactValue<Value>(value: Value, redact: Redactor): Value {
  if (typeof value === "string") return redact(value) as Value;
  if (!hides(value, { redact, seen: new Set() })) return value;
  return copyOf(value, { redact, copies: new Map() }) as Value;
}

// --- Is there anything? -----------------------------------------------------

interface Search {
  readonly redact: Redactor;
  readonly seen: Set<object>;
}

/** Whether a text in `value` is masked, or it goes too deep to say. */
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

// --- Then a copy without it -------------------------------------------------

interface Copying {
  readonly redact: Redactor;
  /** Of what was seen: cycles stay cycles, and what is shared is copied once. */
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
  // What may be more than its fields stays what it is where it can.
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

/** A key that masking makes the same as another one is told apart by a number. */
function freeKey(copy: object, key: PropertyKey): PropertyKey {
  if (typeof key !== "string" || !Object.hasOwn(copy, key)) return key;
  let number = 2;
  while (Object.hasOwn(copy, `${key}${number}`)) number++;
  return `${key}${number}`;
}

/** What takes the copy of `value`, `undefined` where it is more than its parts. */
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

// --- What is read of an object ------------------------------------------------

function isLookedThrough(value: unknown): value is object {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}

/** The fields of an object, with whether they are enumerable. */
function partsOf(value: object): [key: PropertyKey, part: unknown, enumerable: boolean][] {
  // To list millions of items by their names takes seconds.
  if (Array.isArray(value) && value.length > MANY) return value.map((item, index) => [index, item, true]);
  return Reflect.ownKeys(value).filter((key) => !(Array.isArray(value) && key === "length"))
    .map((key) => [key, valueOf(value, key), Object.prototype.propertyIsEnumerable.call(value, key)]);
}

/** A field, which may be a getter; one that throws has nothing to tell. */
function valueOf(value: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(value, key);
  } catch {
    return undefined;
  }
}

/** What an error says, be it in fields of its own or, as a `DOMException`, behind getters of its class. */
function errorTexts(error: Error): [key: string, text: string][] {
  return ["name", "message", "stack"].flatMap((key): [string, string][] => {
    const text = valueOf(error, key);
    return typeof text === "string" ? [[key, text]] : [];
  });
}

/** How JSON shows an object that says it itself, as a `URL` does. */
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
