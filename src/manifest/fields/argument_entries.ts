/**
 * The rules that arguments given at run time are held to, as a manifest has them.
 *
 * @module
 */

/** An argument that must match, as written. */
export interface ArgumentValidatorInput {
  /** A regular expression in RE2's syntax that the whole argument matches, 1,000 characters at most. */
  validator: string;
  /** Whether the argument is never shown; default false. */
  secret?: boolean | undefined;
}

/** An argument that must match. */
export interface ArgumentValidatorEntry {
  /** A regular expression in RE2's syntax that the whole argument matches. */
  readonly validator: string;
  /** Whether the argument is never shown. */
  readonly secret: boolean;
}

/** What a template's arguments may be, as written: `true` for any, or a text or a validator for each of them. */
export type ArgumentRulesInput = true | (string | ArgumentValidatorInput)[];

/** What a template's arguments may be: `true` for any, or a text or a validator for each of them. */
export type ArgumentRules = true | readonly (string | ArgumentValidatorEntry)[];
