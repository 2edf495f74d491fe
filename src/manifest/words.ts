/**
 * Values and keys of a manifest in plain words, safe to print: short, quoted, and without a control character that
 * a terminal would obey.
 *
 * @module
 */

import { editDistance } from "../text/edit_distance.ts";
import { isPrintable, visibleJson } from "../text/printable.ts";

const MAX_SHOWN = 60;
const MAX_INLINE = 120;

/** Text in double quotes, cut to 60 characters, everything unprintable escaped. */
export function quote(text: string): string {
  const short = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return visibleJson(JSON.stringify(short));
}

/** JSON on one line, as one writes it in a manifest; nothing where that is long, or not safe to print. */
export function inline(value: unknown): string | undefined {
  const text = spaced(value);
  return text.length > MAX_INLINE || !isPrintable(text) ? undefined : text;
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${
    Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`).join(", ")
  } }`;
}

/** What a value is, for "got …": its type, or the value itself where that says more. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "boolean" || Number.isNaN(value)) return String(value);
  if (value === Infinity || value === -Infinity) return "a number too large to hold";
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return String(value);
  return kind(value);
}

/** The type of a value with its article, for "expected a string, got …". */
export function kind(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "boolean" || Number.isNaN(value)) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number") return Number.isFinite(value) ? "a number" : "a number too large to hold";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** `"a", "b" or "c"`. */
export function oneOf(options: readonly string[]): string {
  const quoted = options.map(quote);
  const last = quoted.pop() ?? "nothing";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}

/** A key without what people take for the same: case, `-`, `_`, space and a `=` at its end. */
export function fold(key: string): string {
  return key.toLowerCase().replace(/[-_\s]|=$/g, "");
}

/**
 * The option that was probably meant, or undefined when none is near: case, `-` and `_` do not count, and about
 * one character in three may differ.
 */
export function nearest(word: string, options: readonly string[]): string | undefined {
  // A key can be as long as the file; what is that long is no misspelling, and the distance would take minutes.
  if (word.length > 64) return undefined;
  const folded = fold(word);
  let best: string | undefined;
  let least = Infinity;
  for (const option of options) {
    const other = fold(option);
    const allowed = Math.floor(Math.max(word.length, option.length) / 3);
    if (Math.abs(folded.length - other.length) > allowed) continue;
    const apart = editDistance(folded, other);
    if (apart <= allowed && apart < least) [best, least] = [option, apart];
  }
  return best;
}
