/**
 * Text of others as a part of text that a model, or a person, reads as ours. Pure.
 */

import { replaceUnprintable } from "./printable.ts";

/** The most characters of a line. */
const LONGEST_LINE = 500;

/** `text` without what is not printed, but for tabs. */
export function withoutControls(text: string): string {
  return replaceUnprintable(text, (char) => char === "\t" ? char : "");
}

/** `text` on one line of bounded length, with a space for what is not printed. */
export function lineOf(text: string): string {
  const line = replaceUnprintable(text.slice(0, LONGEST_LINE), () => " ");
  return text.length > LONGEST_LINE ? `${line}…` : line;
}
