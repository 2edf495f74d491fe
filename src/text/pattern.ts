/**
 * The error for a pattern that lines of untrusted text can't be searched for, and how much of a line is searched.
 *
 * Patterns are written as JavaScript's regular expressions and mean what these do. Constructs that can't be matched in
 * linear time are refused when a pattern is made, by `pattern_syntax.ts`, without the engine that does the searching;
 * `search.ts` refuses one that is too large for that.
 */

import { OutriderError } from "../outrider_error.ts";

/** The characters of a line that a pattern is looked for in. */
export const PATTERN_REACH = 65_536;

/** A pattern that is valid in JavaScript, but can't be matched in linear time. */
export class PatternError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "pattern_unsupported";
  /** The part that can't be matched, and what to do instead: a clause. */
  readonly why: string;

  /** For the reason `why`. */
  constructor(why: string, options?: ErrorOptions) {
    super(`Cannot search lines for that pattern: ${why}`, options);
    this.why = why;
  }
}

/** The error where `what` says which part of a pattern takes more than linear time. */
export function notLinear(what: string): PatternError {
  return new PatternError(
    `${what}, as it can't be matched in linear time; a line only has to contain the pattern, ` +
      "so leave it out, or match more of the line",
  );
}
