/**
 * Regular expressions that arguments are checked by. They are written and mean what they do in Tauri, which takes
 * them from Rust's `regex`: `\d`, `\s` and `\w` are Unicode's, a pattern has no lookaround and no backreference, and
 * the whole argument must match.
 *
 * RE2, which does the matching, never tries a way twice, so the time grows with the length of the
 * argument times the size of the pattern, and both are bounded. JavaScript's own expressions backtrack: with them a
 * pattern such as `(a+)+b` and forty characters would stop the whole runtime.
 */

import { RE2JS, RE2JSException } from "re2js";
import { MAX_PATTERN } from "../../options/units.ts";

/** The steps that a pattern may have when its repetitions are written out: `[a-z]{1,64}` has some 130. */
export const MAX_PATTERN_STEPS = 1_000;

/** A compiled pattern, or why it is none. */
export type Validator =
  | { readonly matches: (value: string) => boolean; readonly problem?: undefined }
  | { readonly matches?: undefined; readonly problem: string };

/** Compiles a pattern. Never throws for what is written in it. */
export function validator(source: string): Validator {
  if (source.length > MAX_PATTERN) return { problem: `must have ${MAX_PATTERN} characters at most` };
  const { text, problem } = translated(source);
  if (problem !== undefined) return { problem: `not a regular expression: ${problem}` };
  try {
    const compiled = RE2JS.compile(text);
    if (compiled.programSize() > MAX_PATTERN_STEPS) {
      return { problem: `must have ${MAX_PATTERN_STEPS} steps at most, with its repetitions written out` };
    }
    return { matches: (value) => compiled.matches(value) };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { problem: `not a regular expression: ${error.message.replace(/^error parsing regexp: /, "")}` };
  }
}

const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}`;

/** Escapes that RE2 reads as ASCII and Rust as Unicode, by their position. */
const CLASSES: Readonly<Record<string, { readonly outside: string; readonly inside?: string }>> = {
  d: { outside: String.raw`\p{Nd}`, inside: String.raw`\p{Nd}` },
  D: { outside: String.raw`\P{Nd}`, inside: String.raw`\P{Nd}` },
  s: { outside: String.raw`\p{White_Space}`, inside: String.raw`\p{White_Space}` },
  S: { outside: String.raw`\P{White_Space}`, inside: String.raw`\P{White_Space}` },
  w: { outside: `[${WORD}]`, inside: WORD },
  W: { outside: `[^${WORD}]` },
};

/** Syntax that the two share but read differently, and that is refused. */
const DIFFERENT = /^(?:\\[bB<>QE]|&&|--|~~)/;

/** A brace that repeats. RE2 takes any other one for itself, and of Rust's `{,5}` it makes those four characters. */
const REPETITION = /^\{\d+(?:,\d*)?\}/;

/** An escape with a brace of its own, such as `\p{Greek}`. */
const NAMED = /^\\[pPx]\{[^}]*\}/;

/** The pattern as RE2 takes it: the same in its meaning, or a problem. */
function translated(source: string): { readonly text: string; readonly problem?: string } {
  let [text, inside, index] = ["", false, 0];
  const no = (problem: string) => ({ text: "", problem });
  while (index < source.length) {
    const rest = source.slice(index);
    const [different] = DIFFERENT.exec(rest) ?? [];
    if (different !== undefined && (inside || different.startsWith("\\"))) {
      return no(`\`${different}\` is not supported`);
    }
    if (rest[0] === "\\") {
      const known = CLASSES[rest[1] ?? ""];
      const plain = inside ? known?.inside : known?.outside;
      if (known !== undefined && plain === undefined) return no("`\\W` can't be in a class");
      const written = NAMED.exec(rest)?.[0] ?? rest.slice(0, 2);
      [text, index] = [text + (plain ?? written), index + written.length];
    } else if (!inside && rest[0] === "{" && !REPETITION.test(rest)) {
      return no("`{` must repeat, as in `{2,5}`; a brace itself is `\\{`");
    } else if (!inside && rest[0] === "[") {
      // A bracket that closes right away is one of the characters.
      const [open = "["] = /^\[\^?\]?/.exec(rest) ?? [];
      [text, inside, index] = [text + open, true, index + open.length];
    } else if (inside && rest[0] === "[") {
      const [named] = /^\[:\^?[a-z]+:\]/.exec(rest) ?? [];
      if (named === undefined) return no("a class in a class is not supported");
      [text, index] = [text + named, index + named.length];
    } else {
      if (rest[0] === "]") inside = false;
      [text, index] = [text + rest[0], index + 1];
    }
  }
  return { text };
}
