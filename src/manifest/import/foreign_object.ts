/**
 * Reads the keys of an object in another tool's file: a value of the wrong type is a fault, a key that nothing has read
 * is listed. A key without a value, or with null, counts as left out, as in YAML.
 */

import { isPlainObject } from "../issue.ts";
import { describeValue } from "../../text/words.ts";
import type { ImportPath, ImportReport } from "./report.ts";

/** The bounds of a number. */
interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

const YES = ["true", "yes", "on", "1"];
const NO = ["false", "no", "off", "0"];

/** An object of a file. */
export class ForeignObject {
  /** Where it is in the file. */
  readonly path: ImportPath;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #report: ImportReport;
  readonly #read = new Set<string>();

  /** Takes the object at `path`. */
  constructor(value: Readonly<Record<string, unknown>>, path: ImportPath, report: ImportReport) {
    this.#value = value;
    this.path = path;
    this.#report = report;
  }

  /** Its keys, in their order. */
  get keys(): readonly string[] {
    return Object.keys(this.#value);
  }

  /** The path of a key. */
  at(...keys: readonly PropertyKey[]): ImportPath {
    return [...this.path, ...keys];
  }

  /** Whether it has a value for `key`. */
  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  /** The value of `key` as it is. */
  raw(key: string): unknown {
    this.#read.add(key);
    this.#report.count(0);
    return Object.hasOwn(this.#value, key) ? this.#value[key] ?? undefined : undefined;
  }

  /** A text; a number or a boolean is one as well. */
  text(key: string): string | undefined {
    return this.#textOf(this.raw(key), this.at(key));
  }

  /** True or false, in YAML's words as well. */
  flag(key: string): boolean | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === "boolean") return value;
    // An object may have a "toString" of its own, which is not a function.
    const word = typeof value === "object" ? "" : String(value).toLowerCase();
    if (YES.includes(word)) return true;
    if (NO.includes(word)) return false;
    return this.#wrong(this.at(key), "true or false", value);
  }

  /** A number, which may be written as a text. */
  number(key: string, bounds: Bounds = {}): number | undefined {
    return this.#numberOf(this.raw(key), this.at(key), bounds);
  }

  /** A number that is one of several in the value of `key`. */
  parsed(
    key: string,
    text: string,
    { index, ...bounds }: Bounds & { readonly index: number },
  ): number | undefined {
    return this.#numberOf(text, this.at(key, index), bounds);
  }

  /** The value of `key` is not what it has to be. */
  refuse(key: string, expected: string): void {
    this.#wrong(this.at(key), expected, this.raw(key));
  }

  /** One of a few words. */
  word<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const text = this.text(key);
    const word = words.find((known) => known === text);
    if (text !== undefined && word === undefined) {
      this.#report.fault(this.at(key), `expected one of ${words.join(", ")}, got ${describeValue(text)}`);
    }
    return word;
  }

  /** A list of texts. */
  texts(key: string): readonly string[] | undefined {
    return this.#list(key)?.flatMap((value, index) => this.#textOf(value, this.at(key, index)) ?? []);
  }

  /** A list of numbers. */
  numbers(key: string, bounds: Bounds = {}): readonly number[] | undefined {
    return this.#list(key)?.flatMap((value, index) =>
      this.#numberOf(value, this.at(key, index), bounds) ?? []
    );
  }

  /** A list of objects. */
  objects(key: string): readonly ForeignObject[] | undefined {
    return this.#list(key)?.flatMap((value, index) => this.#objectOf(value, this.at(key, index)) ?? []);
  }

  /** An object. */
  object(key: string): ForeignObject | undefined {
    return this.#objectOf(this.raw(key), this.at(key));
  }

  /** Lists `key` as left out, if it is there and not false. */
  leaveOut(key: string, why: string): void {
    const value = this.raw(key);
    if (value !== undefined && value !== false) this.#report.leftOut(this.at(key), why);
  }

  /** Lists every key that nothing has read, but for those that `isFree` says are anyone's. */
  leaveOutRest(why = "Outrider has nothing of the kind", isFree?: (key: string) => boolean): void {
    for (const key of this.keys) {
      if (!this.#read.has(key) && isFree?.(key) !== true) this.leaveOut(key, why);
    }
  }

  #list(key: string): readonly unknown[] | undefined {
    const value = this.raw(key);
    if (value === undefined || Array.isArray(value)) return value;
    return this.#wrong(this.at(key), "a list", value);
  }

  #textOf(value: unknown, path: ImportPath): string | undefined {
    this.#report.count(typeof value === "string" ? value.length : 0);
    if (typeof value === "string" || value === undefined) return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return this.#wrong(path, "text", value);
  }

  #numberOf(
    value: unknown,
    path: ImportPath,
    { min = -Infinity, max = Infinity }: Bounds,
  ): number | undefined {
    this.#report.count(0);
    if (value === undefined) return undefined;
    const number = typeof value === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
    if (typeof number !== "number") return this.#wrong(path, "a number", value);
    if (number >= min && number <= max) return number;
    const range = max === Infinity ? `${min} or more` : `${min} to ${max}`;
    return this.#wrong(path, `a number, ${range}`, value);
  }

  #objectOf(value: unknown, path: ImportPath): ForeignObject | undefined {
    if (value === undefined) return undefined;
    return isPlainObject(value)
      ? new ForeignObject(value, path, this.#report)
      : this.#wrong(path, "an object", value);
  }

  #wrong(path: ImportPath, expected: string, value: unknown): undefined {
    this.#report.fault(path, `expected ${expected}, got ${describeValue(value)}`);
    return undefined;
  }
}
