/**
 * Searches lines of untrusted text for patterns, in a time that grows with the line's length and no faster.
 *
 * RE2 does the matching: it tries no way twice, where JavaScript's own engine tries `(a+)+b` on a line of forty
 * characters for hours, with the event loop and all signals standing still.
 */

import { RE2JS, RE2JSException } from "re2js";
import { PATTERN_REACH, PatternError } from "./pattern.ts";
import { translatePattern } from "./pattern_syntax.ts";

/** The steps that a pattern may have when its repetitions are written out: `[a-z]{1,64}` has some 130. */
export const MAX_LINE_PATTERN_STEPS = 1_000;

/** Searches a text for one pattern; stateless, so that it can be shared. */
export type Search = (line: string) => boolean;

/**
 * Makes the search for `pattern`, which a line matches if it is anywhere in its first {@linkcode PATTERN_REACH} characters.
 *
 * The flags `i`, `m`, `s` and `u` mean what they do; with `y` the line has to begin with it. Each line is looked at from
 * its beginning: `g` and `lastIndex` mean nothing.
 *
 * @throws {SyntaxError} it is not a regular expression
 * @throws {PatternError} it can't be matched in linear time
 */
export function searchFor(pattern: RegExp | string): Search {
  const { source, flags } = new RegExp(pattern);
  const { literal, atStart, atEnd, ...expression } = translatePattern(source, flags);
  if (literal === undefined) return compiled(expression.source);
  if (atStart && atEnd) return (line) => line === literal;
  if (atStart) return (line) => line.startsWith(literal);
  if (atEnd) return (line) => reached(line).endsWith(literal);
  return (line) => reached(line).includes(literal);
}

function compiled(source: string): Search {
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(source);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const reason = error.message.replace(/^error parsing regexp: /, "");
    throw new PatternError(`it can't be matched in linear time: ${reason}`, { cause: error });
  }
  if (expression.programSize() > MAX_LINE_PATTERN_STEPS) {
    throw new PatternError(
      `it must have ${MAX_LINE_PATTERN_STEPS} steps at most, with its repetitions written out; ` +
        "repeat less, or match less of the line",
    );
  }
  return (line) => expression.test(reached(line));
}

function reached(line: string): string {
  return line.length > PATTERN_REACH ? line.slice(0, PATTERN_REACH) : line;
}
