/**
 * Checks whether a text is JSON, without building its value.
 *
 * It agrees with `JSON.parse` on every text that is neither too deep nor too heavy. It is for three cases that
 * `JSON.parse` is bad at. To refuse a text, it makes an error with a stack, which is a hundred times the work of reading a
 * short line; it accepts any depth, so that ten megabytes of `[` take a second, and give a value on which
 * `JSON.stringify` or any other recursion fails; and ten megabytes of small items, such as `[]` or keys that all differ,
 * take up to five seconds, where one text of that size takes 15 ms.
 */

import { KeyWeights } from "./json_keys.ts";

/** The most arrays and objects within one another that a JSON message may have. */
export const MAX_JSON_DEPTH = 1_000;

/**
 * The most that a JSON message may weigh: a number, `true`, `false` and `null` 1, a text 3, an array and an object 4, a key
 * that is new at its place in the message 20 or more; a text of one to ten digits 20 as a key and 40 as a value.
 *
 * A weight of 1 is some 40 ns of `JSON.parse`.
 */
export const MAX_JSON_WEIGHT = 2_000_000;

/** The characters up to which a text cannot be too heavy, so it is not weighed. */
export const LIGHT_JSON = 131_072;

/** The result for a text; one that is too deep or too heavy is refused as soon as it is, whatever follows. */
export type JsonShape = "json" | "not_json" | "too_deep" | "too_heavy";

const TEXT_WEIGHT = 3;
const OPEN_WEIGHT = 4;
/** Engines intern texts of digits in a table by their number, in which all of them can collide. */
const DIGITS_WEIGHT = 40;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const ARRAY = 0x5d; // each kind is named by the character that ends it
const OBJECT = 0x7d;
/** The characters that may follow a backslash, other than `u`. */
const ESCAPED = new Uint8Array(128);
for (const char of '"\\/bfnrt') ESCAPED[char.charCodeAt(0)] = 1;

/** The kinds of the open arrays and objects, outermost first; reused for each text. */
const open = new Uint8Array(MAX_JSON_DEPTH);
/** Created for the first text that is weighed: its tables take 512 KiB. */
let keys: KeyWeights | undefined;

/** Checks `text`, once and from left to right. */
export function shapeOf(text: string): JsonShape {
  const weighs = text.length > LIGHT_JSON;
  if (weighs) (keys ??= new KeyWeights(MAX_JSON_DEPTH)).begin();
  let [depth, weight] = [0, 0];
  for (let at = blank(text, 0);;) {
    const char = text.charCodeAt(at);
    if (char === 0x5b || char === 0x7b) {
      if (depth === MAX_JSON_DEPTH) return "too_deep";
      if ((weight += OPEN_WEIGHT) > MAX_JSON_WEIGHT && weighs) return "too_heavy";
      const kind = char === 0x5b ? ARRAY : OBJECT;
      at = blank(text, at + 1);
      if (text.charCodeAt(at) !== kind) {
        open[depth++] = kind;
        if (kind === ARRAY) continue;
        if (weighs) keys!.open(depth - 1);
        const from = at;
        if ((at = key(text, at)) < 0) return "not_json";
        if (weighs) weight += keys!.weigh(text, from, depth - 1);
        continue;
      }
      at++;
    } else {
      const from = at;
      if ((at = scalar(text, at)) < 0) return "not_json";
      weight += char !== QUOTE ? 1 : weighs && isOfDigits(text, from, at) ? DIGITS_WEIGHT : TEXT_WEIGHT;
      if (weight > MAX_JSON_WEIGHT && weighs) return "too_heavy";
    }
    for (;;) {
      at = blank(text, at);
      if (depth === 0) return at === text.length ? "json" : "not_json";
      const kind = open[depth - 1];
      const next = text.charCodeAt(at++);
      if (next === COMMA) {
        at = blank(text, at);
        if (kind === OBJECT) {
          const from = at;
          if ((at = key(text, at)) < 0) return "not_json";
          if (weighs) weight += keys!.weigh(text, from, depth - 1);
        }
        break;
      }
      if (next !== kind) return "not_json";
      depth--;
    }
  }
}

// Each of these returns the place behind the part that it reads, or -1 if that is not there.

function blank(text: string, at: number): number {
  for (;; at++) {
    const char = text.charCodeAt(at);
    if (char !== 0x20 && char !== 0x09 && char !== 0x0a && char !== 0x0d) return at;
  }
}

/** Reads a key, its colon, and the blanks around them. */
function key(text: string, at: number): number {
  if (text.charCodeAt(at) !== QUOTE || (at = string(text, at)) < 0) return -1;
  at = blank(text, at);
  return text.charCodeAt(at) === COLON ? blank(text, at + 1) : -1;
}

function scalar(text: string, at: number): number {
  switch (text.charCodeAt(at)) {
    case QUOTE:
      return string(text, at);
    case 0x74:
      return text.startsWith("true", at) ? at + 4 : -1;
    case 0x66:
      return text.startsWith("false", at) ? at + 5 : -1;
    case 0x6e:
      return text.startsWith("null", at) ? at + 4 : -1;
    default:
      return number(text, at);
  }
}

function string(text: string, at: number): number {
  for (at++;; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) return at + 1;
    if (char === BACKSLASH) {
      const escape = text.charCodeAt(++at);
      if (escape === 0x75) {
        for (let i = 0; i < 4; i++) if (!isHex(text.charCodeAt(++at))) return -1;
      } else if (ESCAPED[escape] !== 1) return -1;
    } else if (!(char >= 0x20)) return -1; // a control character, or NaN: the end of the text
  }
}

function number(text: string, at: number): number {
  if (text.charCodeAt(at) === 0x2d) at++;
  if (text.charCodeAt(at) === 0x30) at++;
  else if ((at = digits(text, at)) < 0) return -1;
  if (text.charCodeAt(at) === 0x2e && (at = digits(text, at + 1)) < 0) return -1;
  if ((text.charCodeAt(at) | 0x20) === 0x65) {
    at++;
    const sign = text.charCodeAt(at);
    at = digits(text, sign === 0x2b || sign === 0x2d ? at + 1 : at);
  }
  return at;
}

function digits(text: string, at: number): number {
  const from = at;
  while (isDigit(text.charCodeAt(at))) at++;
  return at > from ? at : -1;
}

/** Whether the text in quotes from `from` to `to` is one to ten digits. */
function isOfDigits(text: string, from: number, to: number): boolean {
  if (to - from < 3 || to - from > 12) return false;
  for (let at = from + 1; at < to - 1; at++) if (!isDigit(text.charCodeAt(at))) return false;
  return true;
}

function isDigit(char: number): boolean {
  return char >= 0x30 && char <= 0x39;
}

function isHex(char: number): boolean {
  return isDigit(char) || ((char | 0x20) >= 0x61 && (char | 0x20) <= 0x66);
}
