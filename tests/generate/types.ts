/**
 * From fields as data to TypeScript: for each that has names, a type of what is written and one of what becomes of it.
 */
import { defaultOf, describeProperty } from "../../src/options/defaults.ts";
import { checkedTypeName } from "../../src/options/build.ts";
import type { Field, OutputKey, Property, ShapeField, TypeNames } from "../../src/options/field.ts";
import type { Preset } from "../../src/options/presets.ts";

/** Which of the two types of a field. */
type Side = "input" | "output";

/** The text of the types of `fields` and of all that these are made of, but for those in `known`. */
export function typesOf(
  fields: readonly Field[],
  known: ReadonlySet<string>,
  preset: Preset,
): { text: string; names: string[] } {
  const writer = new TypeWriter(known, preset);
  for (const field of fields) writer.declare(field);
  const all = [...writer.declared].sort(([a], [b]) => a < b ? -1 : 1);
  return { text: all.map(([, text]) => text).join("\n"), names: all.map(([name]) => name) };
}

class TypeWriter {
  /** The texts by name. */
  readonly declared = new Map<string, string>();
  readonly #known: ReadonlySet<string>;
  /** The defaults that are told. */
  readonly #preset: Preset;

  constructor(known: ReadonlySet<string>, preset: Preset) {
    this.#known = known;
    this.#preset = preset;
  }

  /** Declares the types of a field, and of all that it is made of. */
  declare(field: Field): void {
    const { types } = field;
    const isNew = types !== undefined && !this.declared.has(types.input) && !this.#known.has(types.input);
    if (isNew) {
      // Before what it is made of: trees are made of trees.
      this.declared.set(types.input, "");
      this.declared.set(types.input, this.#declaration(field, "input"));
      if (types.output !== types.input && field.output !== types.output && !this.declared.has(types.output)) {
        this.declared.set(types.output, this.#declaration(field, "output"));
      }
    }
    if (types === undefined || isNew) { for (const part of partsOf(field)) this.declare(part); }
  }

  #declaration(field: Field, side: Side): string {
    const { input, output, parameters = {} } = field.types!;
    const name = side === "input" ? input : output;
    const doc = comment(docOf(field.types!, side), "");
    if (
      field.kind === "shape" && field.variants === undefined &&
      (side === "input" || field.output === undefined)
    ) {
      const generics = side === "input" ? Object.keys(parameters).join(", ") : "";
      return `${doc}export interface ${name}${generics && `<${generics}>`} ${
        this.#members(field, side, "")
      }\n`;
    }
    return `${doc}export type ${name} = ${this.#plainType(field, side)};\n`;
  }

  /** The type of a field: its name, if it has one. */
  #typeOf(field: Field, side: Side, indent = ""): string {
    return field.types === undefined ? this.#plainType(field, side, indent) : field.types[side];
  }

  #plainType(field: Field, side: Side, indent = ""): string {
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
        return words(
          isInput ? field.words : field.words.filter((word) => field.aliases?.[word] === undefined),
        );
      case "duration":
      case "size": {
        const name = isInput ? `${field.kind === "duration" ? "Duration" : "Size"}Input` : "number";
        // A duration is a text anyway; the words are for who reads the type.
        return [name, ...(field.words ?? []).map((word) => JSON.stringify(word))].join(" | ");
      }
      case "literal":
        return [...field.older ?? [], field.value].map((value) => JSON.stringify(value)).join(" | ");
      case "any":
        return "unknown";
      case "scalar":
        return "string | number | boolean | null";
      case "list": {
        const of = this.#typeOf(field.of, side, indent);
        return `readonly ${of.includes("|") || of.includes(" ") ? `(${of})` : of}[]`;
      }
      case "tuple":
        return `readonly [${this.#typeOf(field.first, side)}, ...${this.#typeOf(field.rest, side)}[]]`;
      case "dict":
        return `Readonly<Record<string, ${this.#typeOf(field.of, side)}>>`;
      case "union":
        return field.of.map((branch) => this.#typeOf(branch, side, indent)).join(" | ");
      case "shape":
        if (field.variants !== undefined) return this.#variants(field, side, indent);
        return this.#members(field, side, indent);
      case "lazy":
        return this.#typeOf(field.of(), side, indent);
      case "code":
        return field.input!;
    }
  }

  /** Where a key `type` says which of the others there are: an object for each group of types. */
  #variants(field: ShapeField, side: Side, indent: string): string {
    return field.variants!.map(({ types, keys }) => {
      const type = { ...field.fields.type!, field: { kind: "word", words: types } as const };
      const others = keys.map((key) => [key, field.fields[key]!] as const);
      return this.#members({ ...field, fields: { type, ...Object.fromEntries(others) } }, side, indent);
    }).join(" | ");
  }

  #members(field: ShapeField, side: Side, indent: string): string {
    const inner = `${indent}  `;
    const lines = Object.entries(field.fields).map(([key, property]) =>
      this.#member(key, property, { field, side, indent: inner })
    );
    if (side === "output") {
      for (const [key, output] of Object.entries(field.outputs ?? {})) {
        if (output !== undefined && !(key in field.fields)) lines.push(outputMember(key, output, inner));
      }
    }
    return `{\n${lines.join("")}${indent}}`;
  }

  #member(
    key: string,
    property: Property,
    { field, side, indent }: { field: ShapeField; side: Side; indent: string },
  ): string {
    if (side === "output" && field.outputs !== undefined && key in field.outputs) {
      const output = field.outputs[key];
      return output === undefined ? "" : outputMember(key, output, indent);
    }
    const usual = defaultOf(this.#preset, field.defaults, key, property);
    const isThere = property.isRequired || (side === "output" && usual !== undefined);
    const type = this.#typeOf(property.field, side, indent);
    const says = side === "input"
      ? `${describeProperty(property, key, { preset: this.#preset, defaults: field.defaults })}${
        property.more === undefined ? "" : `\n${property.more}`
      }`
      : `${property.says}.`;
    const more = isThere ? `: ${type}` : `?: ${type.includes("=>") ? `(${type})` : type} | undefined`;
    return `${comment(says, indent)}${indent}readonly ${name(key)}${more};\n`;
  }
}

/** What the doc comment of a type says. */
function docOf({ input, output, doc, parameters = {} }: TypeNames, side: Side): string {
  if (output === checkedTypeName(input)) {
    if (side === "output") return `{@linkcode ${input}}, checked and resolved.`;
    const tags = Object.entries(parameters).map(([name, says]) => `@typeParam ${name.split(" ")[0]} ${says}`);
    return tags.length === 0 ? doc : [doc, "", ...tags].join("\n");
  }
  return side === "input" && input !== output ? `${doc} As it is written.` : doc;
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

function comment(text: string, indent: string): string {
  if (!text.includes("\n")) return `${indent}/** ${text} */\n`;
  const lines = text.split("\n").map((line) => `${indent} * ${line}`.trimEnd());
  return `${indent}/**\n${lines.join("\n")}\n${indent} */\n`;
}

function words(all: readonly string[]): string {
  return all.map((word) => JSON.stringify(word)).join(" | ");
}

function outputMember(key: string, { type, says, isOptional = false }: OutputKey, indent: string): string {
  return `${comment(`${says}.`, indent)}${indent}readonly ${name(key)}${
    isOptional ? `?: ${type} | undefined` : `: ${type}`
  };\n`;
}

function name(key: string): string {
  return /^[\w$]+$/.test(key) ? key : JSON.stringify(key);
}
