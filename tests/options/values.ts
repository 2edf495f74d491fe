/** Values for a field: some that it takes, and some that it does not, made from the field itself. */
import type { Field, ShapeField } from "../../src/options/field.ts";

/** A wrong value, and the keys from the field to what is wrong with it. */
export interface Wrong {
  readonly value: unknown;
  readonly at: readonly PropertyKey[];
  /** The word that was probably meant. */
  readonly meant?: string;
}

const wrong = (value: unknown, ...at: PropertyKey[]): Wrong => ({ value, at });

/** Values that a field does not take. */
export function wrongValues(field: Field): Wrong[] {
  switch (field.kind) {
    case "text":
      return [3, [], {}, null, ...field.min ? [""] : [], ...field.isPlain ? ["a\0b", "\ud800"] : []]
        .map((value) => wrong(value));
    case "pattern":
      return [3, "", {}, null].map((value) => wrong(value));
    case "number":
      return [
        "3",
        NaN,
        null,
        field.min - 1,
        -Infinity,
        ...field.isWhole ? [field.min + 0.5] : [],
        field.max + 1,
      ]
        .filter((value) => !(field.max === Number.MAX_SAFE_INTEGER && value === field.max + 1))
        .map((value) => wrong(value));
    case "flag":
      return ["yes", 1, null].map((value) => wrong(value));
    case "word": {
      const [word = ""] = field.words;
      return [3, null, {}, "nothing of the kind"].map((value) => wrong(value))
        .concat({ value: `${word}x`, at: [], meant: word });
    }
    case "duration":
      return ["10", "10 s", "10sec", -1, NaN, {}, true, null].map((value) => wrong(value));
    case "size":
      return ["10", "10 MB", "10mb", 0, NaN, [], null].map((value) => wrong(value));
    case "list":
      return [wrong("x"), wrong({}), wrong(null), ...within(field.of, 0, (value) => [value])];
    case "tuple":
      return [wrong("x"), wrong([]), ...within(field.first, 0, (value) => [value])];
    case "dict":
      return [wrong([]), wrong("x"), wrong(null), ...within(field.of, "KEY", (value) => ({ KEY: value }))];
    case "union":
      return [
        wrong(null),
        ...field.of.flatMap((branch) => branch.kind === "shape" ? wrongKeys(branch) : []),
      ];
    case "shape":
      return [wrong("x"), wrong([]), wrong(null), ...wrongKeys(field)];
    case "code":
      return [wrong(null), wrong(3)];
    case "lazy":
      return wrongValues(field.of());
    default:
      return [];
  }
}

function within(field: Field, key: PropertyKey, wrap: (value: unknown) => unknown): Wrong[] {
  return wrongValues(field).map(({ value, at, ...more }) => ({
    value: wrap(value),
    at: [key, ...at],
    ...more,
  }));
}

/** An object with what it needs, and one key wrong, or one too many. */
function wrongKeys(shape: ShapeField): Wrong[] {
  const base = validShape(shape);
  const [first = "x"] = Object.keys(shape.fields);
  return [
    { value: { ...base, [`${first}x`]: 1 }, at: [`${first}x`] },
    ...Object.entries(shape.fields).flatMap(([key, { field }]) =>
      within(field, key, (value) => ({ ...base, [key]: value })).filter(({ value }) =>
        (value as Record<string, unknown>)[key] !== undefined
      )
    ),
  ];
}

/** The least that an object needs. */
export function validShape({ fields }: ShapeField): Record<string, unknown> {
  const needed = Object.entries(fields).filter(([, { isRequired }]) => isRequired);
  return Object.fromEntries(needed.map(([key, { field }]) => [key, validValues(field)[0]]));
}

/** Values that a field takes, as they are written in a manifest. */
export function validValues(field: Field): unknown[] {
  switch (field.kind) {
    case "text":
      return field.patterns === undefined && field.fault === undefined ? ["some"] : TEXTS.filter(fits(field));
    case "pattern":
      return ["^up$"];
    case "number":
      return [field.min, field.max];
    case "flag":
      return [true, false];
    case "word":
      return [...field.words];
    case "duration":
      return [
        `${field.min}ms`,
        field.max === undefined ? "1.5h" : "2s",
        field.max ?? 7_000,
        ...field.words ?? [],
      ]
        .filter((value) => field.max === undefined || value !== "1.5h");
    case "size":
      return ["64KiB", "1MB", 17];
    case "literal":
      return [field.value];
    case "any":
      return [{ any: ["thing"] }];
    case "scalar":
      return ["a", 1, true, null];
    case "list": {
      const items = validValues(field.of);
      return field.min === undefined ? [[], items] : [items.slice(0, 2)];
    }
    case "tuple":
      return [[...validValues(field.first).slice(0, 1), ...validValues(field.rest)]];
    case "dict":
      return [{}, { KEY: validValues(field.of)[0] }];
    case "union":
      return field.of.flatMap(validValues);
    case "shape": {
      const base = validShape(field);
      return [
        base,
        ...Object.entries(field.fields).flatMap(([key, { field }]) =>
          validValues(field).map((value) => ({ ...base, [key]: value }))
        ),
      ];
    }
    default:
      return [];
  }
}

/** One for each of the fields that take only some. */
const TEXTS = ["some", "0027", "a".repeat(64), "http://127.0.0.1:80/", "/health", "file:///work"];

function fits({ patterns = [], fault }: Extract<Field, { kind: "text" }>): (text: string) => boolean {
  return (text) => patterns.every(([pattern]) => pattern.test(text)) && fault?.(text) === undefined;
}
