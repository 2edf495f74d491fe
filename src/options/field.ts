/**
 * Options as data: kind, bounds, words and description of each. Each option of a
 * manifest and of the library stands here once, in the files beside this one.
 *
 * Four read it: `reader.ts` checks what a program hands to a constructor and what a manifest says, `presets.ts` has its
 * default, `manifest/json_schema.ts` makes the JSON Schema of it, and `tests/generate/` writes the types and the tables of
 * the docs.
 *
 * Invariant: nothing here, and nothing that this folder imports, loads a package.
 */

import type { Preset } from "./presets.ts";

/** The names of the types of a field. */
export interface TypeNames {
  /** Of what is written. */
  readonly input: string;
  /** Of what becomes of it. */
  readonly output: string;
  /** The doc comment of both. */
  readonly doc: string;
  /** The type parameters of `input`, with what each is. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The members of every kind of field. */
export interface FieldBase<Kind extends string> {
  /** Which kind of field it is. */
  readonly kind: Kind;
  /** The names of its types, as written and as resolved, where it has any. */
  readonly types?: TypeNames;
  /** Makes of what was written, once it is checked, what the runtime goes by. */
  // deno-lint-ignore no-explicit-any -- each takes what its own field lets through
  readonly to?: (value: any, preset: Preset) => unknown;
  /** Its types, where they do not follow from the rest. */
  readonly input?: string;
  /** The type of what becomes of it. */
  readonly output?: string;
}

/** A text. */
export interface TextField extends FieldBase<"text"> {
  /** Whether it is for the operating system: without NUL, and without half a character. */
  readonly isPlain?: boolean;
  /** What a value of another type is told to be; default a string. */
  readonly expected?: string;
  /** The least that it may be. */
  readonly min?: number;
  /** The most that it may be. */
  readonly max?: number;
  /** The patterns it must match, each with the message for a mismatch. */
  readonly patterns?: readonly (readonly [pattern: RegExp, message: string | ((value: string) => string)])[];
  /** A further check of it. */
  readonly fault?: (value: string) => string | undefined;
}

/** The source of a regular expression: for lines, as JavaScript has it; for arguments, as RE2 has it. */
export interface PatternField extends FieldBase<"pattern"> {
  /** Where the pattern is used. */
  readonly of: "line" | "argument";
}

/** A number. */
export interface NumberField extends FieldBase<"number"> {
  /** Whether it is a whole number. */
  readonly isWhole: boolean;
  /** The least that it may be. */
  readonly min: number;
  /** The most that it may be. */
  readonly max: number;
  /** Whether code may give `Infinity`, for no bound at all. */
  readonly isOpen?: boolean;
}

/** True or false. */
export type FlagField = FieldBase<"flag">;

/** One word of several. */
export interface WordField extends FieldBase<"word"> {
  /** The words. */
  readonly words: readonly string[];
  /** Those of them that mean another one. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Other tools' names for one of them, for a hint. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/** A time or a size: a text with a unit, or a number of milliseconds or bytes. */
export interface QuantityField extends FieldBase<"duration" | "size"> {
  /** The least that it may be. */
  readonly min: number;
  /** The most that it may be. */
  readonly max?: number;
  /** The words that it may be instead, such as `infinity`. */
  readonly words?: readonly string[];
}

/** One value and no other, or one that came before it. */
export interface LiteralField extends FieldBase<"literal"> {
  /** The value. */
  readonly value: string | number | boolean;
  /** Values of before, which are taken as well. */
  readonly older?: readonly number[];
  /** The message for any other word. */
  readonly wrong?: (value: unknown) => string;
}

/** Anything. */
export type AnyField = FieldBase<"any">;

/** A text, a number, true, false or null. */
export type ScalarField = FieldBase<"scalar">;

/** A list. */
export interface ListField extends FieldBase<"list"> {
  /** Its items or members. */
  readonly of: Field;
  /** The least that it may be. */
  readonly min?: number;
  /** The message for fewer items. */
  readonly tooFew?: string;
  /** The most that it may be. */
  readonly max?: number;
  /** The message for more items. */
  readonly tooMany?: string;
  /** What a value of another type is told. Default: an array. */
  readonly expected?: string;
  /** Whether its first item must not be empty: a program with its arguments. */
  readonly isProgram?: boolean;
}

/** A list with a first item of its own: a program with its arguments. */
export interface TupleField extends FieldBase<"tuple"> {
  /** The first item. */
  readonly first: Field;
  /** The other items. */
  readonly rest: Field;
}

/** Values by name. */
export interface DictField extends FieldBase<"dict"> {
  /** The pattern of a name. */
  readonly key: RegExp;
  /** The message for a name that does not match. */
  readonly keyMessage: string;
  /** Its items or members. */
  readonly of: Field;
}

/** Several kinds of which it is one; of the objects among them, a key of its own tells each. */
export interface UnionField extends FieldBase<"union"> {
  /** Its items or members. */
  readonly of: readonly Field[];
  /** The message for anything else: the words behind "expected". */
  readonly expected: string;
  /** By a word that it does not take: what has that. */
  readonly hints?: Readonly<Record<string, string>>;
  /** The message for an object that has none of the keys that tell; default: that it needs one of these. */
  readonly untold?: string;
  /** Whether a wrong value is named by its type alone, as it may be a secret. */
  readonly isHidden?: boolean;
}

/** An object with known keys. */
export interface ShapeField extends FieldBase<"shape"> {
  /** The keys by name. */
  readonly fields: Readonly<Record<string, Property>>;
  /** Other tools' names for one of its keys, for a hint. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** The hints for keys that belong somewhere else, such as the id of a child among its options. */
  readonly misplaced?: Readonly<Record<string, string>>;
  /** Whether it keeps keys that are not known: a file of another program. */
  readonly isLoose?: boolean;
  /** Its part of the presets. */
  readonly defaults?: keyof Preset;
  /** The name that an editor shows for it, and what it says there. */
  readonly schema?: { readonly id?: string; readonly title?: string; readonly description: string };
  /** Rules about its keys together that JSON Schema can express. */
  readonly conditions?: object;
  /** Checks its keys together. `isClean` is false where one is unknown, or has a fault and so the value that was written. */
  // deno-lint-ignore no-explicit-any -- each takes what its own fields let through
  readonly rule?: (value: any, refuse: Refuse, isClean: boolean) => void;
  /** Where its key `type` says which of the others it may have: the types, each group with its keys. */
  readonly variants?: readonly { readonly types: readonly string[]; readonly keys: readonly string[] }[];
  /** The keys of what `to` makes that differ; `undefined`: it has no such key. */
  readonly outputs?: Readonly<Record<string, OutputKey | undefined>>;
}

/** A key of what becomes of an object. */
export interface OutputKey {
  /** Its type. */
  readonly type: string;
  /** One sentence without its full stop. */
  readonly says: string;
  /** Whether it may be missing. */
  readonly isOptional?: boolean;
}

/** Says what is wrong with an object, or with one of its keys. */
export type Refuse = (message: string, key?: string) => void;

/** A field that is defined further down: trees are made of trees. */
export interface LazyField extends FieldBase<"lazy"> {
  /** Its items or members. */
  readonly of: () => Field;
  /** The name that an editor shows for it, and what it says there. */
  readonly schema?: { readonly id: string; readonly description: string };
}

/** A value that only code can give, such as a function; no manifest has one. */
export interface CodeField extends FieldBase<"code"> {
  /** Its kind: the words behind "expected". */
  readonly expected: string;
  /** Whether a value is one. */
  readonly test: (value: unknown) => boolean;
}

/** Any field. */
export type Field =
  | TextField
  | PatternField
  | NumberField
  | FlagField
  | WordField
  | QuantityField
  | LiteralField
  | AnyField
  | ScalarField
  | ListField
  | TupleField
  | DictField
  | UnionField
  | ShapeField
  | LazyField
  | CodeField;

/** A field as a key of an object. */
export interface Property {
  /** The field. */
  readonly field: Field;
  /** One sentence without its full stop; in the tables of the docs, in an editor and in the types. */
  readonly says: string;
  /** Further sentences, for the types alone. */
  readonly more?: string;
  /** Whether it must be there. */
  readonly isRequired?: boolean;
  /** Its default in words, where a preset has no single value for it. */
  readonly otherwise?: string | ((preset: Preset) => string);
  /** Its default in a manifest, where that does not depend on the preset. */
  readonly usual?: unknown;
  /** Whether its default is not shown by the JSON Schema. */
  readonly isUnshown?: boolean;
  /** Where the docs say more. */
  readonly see?: string;
}
