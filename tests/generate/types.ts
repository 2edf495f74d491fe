/**
 * From fields as data to TypeScript: for each that has names, a type of what is written and one of what becomes of it.
 */
import { defaultOf, describeProperty } from "../../src/options/defaults.ts";
import type { Field, OutputKey, Property, ShapeField } from "../../src/options/field.ts";
import { MANIFEST_PRESET, PRESETS } from "../../src/options/presets.ts";

const PRESET = PRESETS[MANIFEST_PRESET];

/** Which of the two types of a field. */
type Side = "input" | "output";

/** The text of the types of `fields` and of all that these are made of, but for those in `known`. */
export function typesOf(
  fields: readonly Field[],
  known: ReadonlySet<string>,
): { text: string; names: string[] } {
  const declared = new Map<string, string>();
  for (const field of fields) declare(field, declared, known);
  const all = [...declared].sort(([a], [b]) => a < b ? -1 : 1);
  return { text: all.map(([, text]) => text).join("\n"), names: all.map(([name]) => name) };
}

function declare(field: Field, declared: Map<string, string>, known: ReadonlySet<string>): void {
  const { types } = field;
  const isNew = types !== undefined && !declared.has(types.input) && !known.has(types.input);
  if (isNew) {
    // Before what it is made of: trees are made of trees.
    declared.set(types.input, "");
    declared.set(types.input, declaration(field, "input"));
    if (types.output !== types.input && field.output !== types.output && !declared.has(types.output)) {
      declared.set(types.output, declaration(field, "output"));
    }
  }
  if (types === undefined || isNew) { for (const part of partsOf(field)) declare(part, declared, known); }
}

function partsOf(field: Field): readonly Field[] {
  switch (field.kind) {
    case "list":
    case "dict":
      return [field.of];
    case "tuple":
      return [field.first, field.rest];
    case "union":
      return field.of;
    case "shape":
      return Object.values(field.fields).map(({ field }) => field);
    case "lazy":
      return [field.of()];
    default:
      return [];
  }
}

function declaration(field: Field, side: Side): string {
  const { types } = field;
  const name = types![side];
  const isWritten = name !== types!.output;
  const doc = comment(isWritten ? `${types!.doc} As it is written.` : types!.doc, "");
  if (
    field.kind === "shape" && field.variants === undefined && (side === "input" || field.output === undefined)
  ) {
    return `${doc}export interface ${name} ${members(field, side, "")}\n`;
  }
  return `${doc}export type ${name} = ${plainType(field, side)};\n`;
}

function comment(text: string, indent: string): string {
  if (!text.includes("\n")) return `${indent}/** ${text} */\n`;
  const lines = text.split("\n").map((line) => `${indent} * ${line}`.trimEnd());
  return `${indent}/**\n${lines.join("\n")}\n${indent} */\n`;
}

/** The type of a field: its name, if it has one. */
function typeOf(field: Field, side: Side, indent = ""): string {
  return field.types === undefined ? plainType(field, side, indent) : field.types[side];
}

function plainType(field: Field, side: Side, indent = ""): string {
  const own = side === "input" ? field.input : field.output;
  if (own !== undefined) return own;
  const isInput = side === "input";
  switch (field.kind) {
    case "text":
    case "pattern":
      return "string";
    case "number":
      return "number";
    case "flag":
      return "boolean";
    case "word":
      return words(isInput ? field.words : field.words.filter((word) => field.aliases?.[word] === undefined));
    case "duration":
    case "size": {
      const name = isInput ? `${field.kind === "duration" ? "Duration" : "Size"}Input` : "number";
      // A duration is a text anyway; the words are for who reads the type.
      return [name, ...(field.words ?? []).map((word) => JSON.stringify(word))].join(" | ");
    }
    case "literal":
      return JSON.stringify(field.value);
    case "any":
      return "unknown";
    case "scalar":
      return "string | number | boolean | null";
    case "list": {
      const of = typeOf(field.of, side, indent);
      return `readonly ${of.includes("|") || of.includes(" ") ? `(${of})` : of}[]`;
    }
    case "tuple":
      return `readonly [${typeOf(field.first, side)}, ...${typeOf(field.rest, side)}[]]`;
    case "dict":
      return `Readonly<Record<string, ${typeOf(field.of, side)}>>`;
    case "union":
      return field.of.map((branch) => typeOf(branch, side, indent)).join(" | ");
    case "shape":
      if (field.variants !== undefined) return variants(field, side, indent);
      return members(field, side, indent);
    case "lazy":
      return typeOf(field.of(), side, indent);
    case "code":
      return field.input!;
  }
}

function words(all: readonly string[]): string {
  return all.map((word) => JSON.stringify(word)).join(" | ");
}

/** Where a key `type` says which of the others there are: an object for each group of types. */
function variants(field: ShapeField, side: Side, indent: string): string {
  return field.variants!.map(({ types, keys }) => {
    const type = { ...field.fields.type!, field: { kind: "word", words: types } as const };
    const others = keys.map((key) => [key, field.fields[key]!] as const);
    return members({ ...field, fields: { type, ...Object.fromEntries(others) } }, side, indent);
  }).join(" | ");
}

function members(field: ShapeField, side: Side, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(field.fields).map(([key, property]) =>
    member(key, property, { field, side, indent: inner })
  );
  if (side === "output") {
    for (const [key, output] of Object.entries(field.outputs ?? {})) {
      if (output !== undefined && !(key in field.fields)) lines.push(outputMember(key, output, inner));
    }
  }
  return `{\n${lines.join("")}${indent}}`;
}

function member(
  key: string,
  property: Property,
  { field, side, indent }: { field: ShapeField; side: Side; indent: string },
): string {
  if (side === "output" && field.outputs !== undefined && key in field.outputs) {
    const output = field.outputs[key];
    return output === undefined ? "" : outputMember(key, output, indent);
  }
  const usual = defaultOf(PRESET, field.defaults, key, property);
  const isThere = property.isRequired || (side === "output" && usual !== undefined);
  const type = typeOf(property.field, side, indent);
  const says = side === "input"
    ? describeProperty(property, key, { preset: PRESET, defaults: field.defaults })
    : `${property.says}.`;
  const more = isThere ? `: ${type}` : `?: ${type} | undefined`;
  return `${comment(says, indent)}${indent}readonly ${name(key)}${more};\n`;
}

function outputMember(key: string, { type, says, isOptional = false }: OutputKey, indent: string): string {
  return `${comment(`${says}.`, indent)}${indent}readonly ${name(key)}${
    isOptional ? `?: ${type} | undefined` : `: ${type}`
  };\n`;
}

function name(key: string): string {
  return /^[\w$]+$/.test(key) ? key : JSON.stringify(key);
}
