/**
 * Arguments that are given at run time, held to the rules of a template. Pure: nothing starts here.
 *
 * Arguments are passed on unchanged, or refused; none is replaced, added or left out. There
 * is no shell, so an argument needs no quoting and can't become two. A leading `-` is for its rule to forbid.
 */

import { quote } from "../../text/words.ts";
import type { ArgumentRules, ArgumentValidatorEntry } from "../fields/types.ts";
import { MAX_ARGUMENTS } from "../fields/manifest.ts";
import { validator } from "../fields/validator.ts";
import { OutriderError } from "../../outrider_error.ts";

/** The longest argument that is given at run time, in UTF-16 units. */
export const MAX_ARGUMENT_LENGTH = 4_096;

/** The stable codes of an {@link ArgumentError}. */
export type ArgumentErrorCode = "argument_refused" | "argument_missing" | "argument_extra";

/**
 * Arguments that a template does not take. `code` is `argument_refused` (one breaks its rule), `argument_missing` or
 * `argument_extra` (there are too few, or too many).
 */
export class ArgumentError extends OutriderError {
  /** Stable over versions. */
  readonly code: ArgumentErrorCode;
  /** The id of the template. */
  readonly template: string;
  /** Which argument, from 0. */
  readonly index: number;
  /**
   * The argument as it may be shown, in quotes and cut short, `***` for a secret; undefined for one that is missing.
   */
  readonly value: string | undefined;
  /** The rule that it breaks, in words. */
  readonly rule: string;

  /** Made by {@link argsFor}. */
  constructor(
    code: ArgumentErrorCode,
    details: {
      readonly template: string;
      readonly index: number;
      readonly value?: string;
      readonly rule: string;
    },
  ) {
    const { template, index, value, rule } = details;
    super(
      value === undefined
        ? `Cannot start "${template}": argument ${index} is missing; ${rule}`
        : `Cannot start "${template}": argument ${index} is ${value}; ${rule}`,
    );
    this.code = code;
    this.template = template;
    this.index = index;
    this.value = value;
    this.rule = rule;
  }
}

/** The part of a template that {@link argsFor} needs. */
export interface TakesArguments {
  /** Its id, for messages. */
  readonly id: string;
  /** Its rules. */
  readonly args: ArgumentRules;
}

/**
 * The arguments to start a template with: those `given`, all of them, if the template allows each. Use it to check
 * what a user asks for before anything is started.
 *
 * @throws {ArgumentError} for the first that breaks its rule, or if there are too few or too many
 *
 * @example
 * ```ts
 * import { argsFor, ArgumentError } from "@outrider/outrider/manifest";
 *
 * const template = { id: "render", args: ["--width", { validator: "[0-9]{1,4}", secret: false }] };
 * console.log(argsFor(template, ["--width", "800"])); // [ "--width", "800" ]
 * try {
 *   argsFor(template, ["--width", "800; rm -rf /"]);
 * } catch (error) {
 *   if (!(error instanceof ArgumentError)) throw error;
 *   console.log(error.code, error.index); // argument_refused 1
 * }
 * ```
 */
export function argsFor(template: TakesArguments, given: readonly string[]): readonly string[] {
  const { id, args: rules } = template;
  const limit = rules === true ? MAX_ARGUMENTS : rules.length;
  const args = copied(given, { template: id, limit });
  for (const [index, value] of args.entries()) {
    const before = index === 0 ? undefined : args[index - 1];
    const of = rules === true ? undefined : rules[index];
    const refuse = (code: ArgumentErrorCode, rule: string) => {
      const shown = isSecret(of) || isMisplaced(value, rules) ? ARGUMENT_MASK : showing(value, before);
      return new ArgumentError(code, { template: id, index, value: shown, rule });
    };
    if (index >= limit) throw refuse("argument_extra", `it takes ${count(limit)}`);
    const rule = broken(value, of, rules === true ? undefined : expectedBefore(rules, index));
    if (rule !== undefined) throw refuse("argument_refused", rule);
  }
  if (rules === true || args.length >= rules.length) return args as readonly string[];
  const index = args.length;
  const rule = `it takes ${count(rules.length)}, and this one must ${
    demand(rules[index]!, expectedBefore(rules, index))
  }`;
  throw new ArgumentError("argument_missing", { template: id, index, rule });
}

type Rule = string | ArgumentValidatorEntry;

/**
 * Reads the given arguments once, so that the values that are checked are the values that are passed on. They come
 * from outside and may be anything; one more than the limit is enough to refuse them.
 *
 * @throws {ArgumentError} it is not an array, or can't be read
 */
function copied(
  given: unknown,
  { template, limit }: { readonly template: string; readonly limit: number },
): readonly unknown[] {
  const refuse = (index: number, value: string, rule: string) =>
    new ArgumentError("argument_refused", { template, index, value, rule });
  const args: unknown[] = [];
  let isArray = false;
  try {
    isArray = Array.isArray(given);
    if (isArray) {
      const list = given as unknown[];
      const length = Math.min(list.length, limit + 1);
      while (args.length < length) args.push(list[args.length]);
    }
  } catch {
    throw refuse(args.length, "a value that can't be read", "arguments are strings in an array");
  }
  if (!isArray) throw refuse(0, `a value of type ${typeof given}`, "arguments come as an array");
  return Object.freeze(args);
}

/** The rule that a value breaks, in words. */
function broken(value: unknown, rule: Rule | undefined, before: string | undefined): string | undefined {
  if (typeof value !== "string") return "it must be a string";
  if (value.length > MAX_ARGUMENT_LENGTH) return `it must have ${MAX_ARGUMENT_LENGTH} characters at most`;
  if (value.includes("\0")) return "it must not contain NUL";
  if (!value.isWellFormed()) return "it must not contain half a character (a lone surrogate)";
  if (rule === undefined || value === rule) return undefined;
  if (typeof rule !== "string") {
    const { matches, problem } = validator(rule.validator);
    if (problem !== undefined) return `its rule can't be used: ${problem}`;
    if (matches(value)) return undefined;
  }
  return `it must ${demand(rule, before)}`;
}

function demand(rule: Rule, before: string | undefined): string {
  return typeof rule === "string"
    ? `be ${redactArgument(rule, before)}`
    : `match ${quote(rule.validator)} from its beginning to its end`;
}

function expectedBefore(rules: readonly Rule[], index: number): string | undefined {
  const before = rules[index - 1];
  return typeof before === "string" ? before : undefined;
}

function isSecret(rule: Rule | undefined): boolean {
  return typeof rule === "object" && rule.secret;
}

/**
 * Where one argument is left out, a secret stands where none is expected: it is known by the rule that it would
 * match.
 */
function isMisplaced(value: unknown, rules: ArgumentRules): boolean {
  if (typeof value !== "string" || value.length > MAX_ARGUMENT_LENGTH || rules === true) return false;
  return rules.some((rule) => {
    if (typeof rule === "string" || !rule.secret) return false;
    return validator(rule.validator).matches?.(value) ?? false;
  });
}

function showing(value: unknown, before: unknown): string {
  if (typeof value !== "string") return `a value of type ${typeof value}`;
  return redactArgument(value, typeof before === "string" ? before : undefined);
}

function count(limit: number): string {
  return limit === 0 ? "no arguments" : limit === 1 ? "1 argument" : `${limit} arguments`;
}

/** The placeholder of a secret. */
export const ARGUMENT_MASK = "***";

const SECRET_WORD =
  /pass(?:word|wd|phrase|code)|(?<![a-z])pass(?![a-z])|secret|token|credential|authorization|api[-_.]?key|(?:private|access|auth)[-_.]?key|(?<![a-z])auth(?![a-z])|bearer/i;
const USER_INFO = /(\/\/)[^/\s]*@/g;

/** An argument in quotes; `before` is the one before it, which may name it (`--token`, then the token). */
export function redactArgument(argument: string, before?: string): string {
  if (before !== undefined && /^-/.test(before) && !before.includes("=") && SECRET_WORD.test(before)) {
    return ARGUMENT_MASK;
  }
  const [, name, value] = /^([^=:]{1,64}[=:])(.*)$/s.exec(argument) ?? [];
  if (name !== undefined && value !== "" && SECRET_WORD.test(name)) return quote(`${name}${ARGUMENT_MASK}`);
  return quote(argument.replace(USER_INFO, `$1${ARGUMENT_MASK}@`));
}
