/**
 * Arguments as they may be shown: what looks like a secret is left out.
 *
 * Hold in mind: this is for messages alone. It errs on the side of showing less, and knows secrets by the words
 * around them, so a secret without such a word needs `secret` in its rule.
 *
 * @module
 */

import { quote } from "./words.ts";

/** What stands for a secret. */
export const MASK = "***";

const SECRET_WORD =
  /pass(?:word|wd|phrase|code)|(?<![a-z])pass(?![a-z])|secret|token|credential|authorization|api[-_.]?key|(?:private|access|auth)[-_.]?key|(?<![a-z])auth(?![a-z])|bearer/i;
const USER_INFO = /(\/\/)[^/\s]*@/g;

/** An argument in quotes; `before` is the one before it, which may name it (`--token`, then the token). */
export function masked(argument: string, before?: string): string {
  if (before !== undefined && /^-/.test(before) && !before.includes("=") && SECRET_WORD.test(before)) {
    return MASK;
  }
  const [, name, value] = /^([^=:]{1,64}[=:])(.*)$/s.exec(argument) ?? [];
  if (name !== undefined && value !== "" && SECRET_WORD.test(name)) return quote(`${name}${MASK}`);
  return quote(argument.replace(USER_INFO, `$1${MASK}@`));
}
