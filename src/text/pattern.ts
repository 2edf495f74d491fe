/**
 * Checks patterns that lines of untrusted text are to be searched for, without the engine that does the searching.
 *
 * They are written as JavaScript's regular expressions and mean what these do. Constructs that can't be matched in linear
 * time are refused here, when a pattern is made; `search.ts` refuses one that is too large for its engine.
 *
 * @module
 */

import { type TranslatedPattern, translatePattern, UntranslatableError } from "./pattern_syntax.ts";
import { OutriderError } from "../outrider_error.ts";

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

/**
 * The pattern with these parts, for RE2.
 *
 * @throws {PatternError} it can't be matched in linear time
 */
export function translatedPattern(source: string, flags: string): TranslatedPattern {
  try {
    return translatePattern(source, flags);
  } catch (error) {
    if (!(error instanceof UntranslatableError)) throw error;
    throw new PatternError(
      `${error.message}, as it can't be matched in linear time; a line only has to contain the pattern, ` +
        "so leave it out, or match more of the line",
    );
  }
}
