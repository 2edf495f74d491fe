/**
 * Whether a text is JSON, without making anything of it.
 *
 * Hold in mind: `JSON.parse` is the judge of what JSON is, and this agrees with it on every text that is not too deep.
 * It is for two cases that `JSON.parse` is bad at. To refuse a text, it makes an error with a stack, which is a hundred
 * times the work of reading a short line; and it takes any depth, so that ten megabytes of `[` are a second of work,
 * and a value that `JSON.stringify` or any other recursion over it fails on.
 *
 * @module
 */

/** Arrays and objects within one another that a JSON message may have. */
export const MAX_JSON_DEPTH = 1_000;

/** What a text is; one that is too deep is told as soon as it is, whatever follows. */
export type JsonShape = "json" | "not_json" | "too_deep";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const ARRAY = 0x5d; // each kind is named by the character that ends it
const OBJECT = 0x7d;
const SIMPLE_ESCAPES = '"\\/bfnrt';

/** The kinds of what is open, outermost first; nothing is kept in it between two texts. */
const open = new Uint8Array(MAX_JSON_DEPTH);

/** Looks at `text`, once and from left to right. */
export function shapeOf(text: string): JsonShape {
  let depth = 0;
  for (let at = blank(text, 0);;) {
    const char = text.charCodeAt(at);
    if (char === 0x5b || char === 0x7b) {
      if (depth === MAX_JSON_DEPTH) return "too_deep";
      const kind = char === 0x5b ? ARRAY : OBJECT;
      at = blank(text, at + 1);
      if (text.charCodeAt(at) !== kind) {
        open[depth++] = kind;
        if (kind === OBJECT && (at = key(text, at)) < 0) return "not_json";
        continue;
      }
      at++;
    } else if ((at = scalar(text, at)) < 0) return "not_json";
    for (;;) {
      at = blank(text, at);
      if (depth === 0) return at === text.length ? "json" : "not_json";
      const kind = open[depth - 1];
      const next = text.charCodeAt(at++);
      if (next === COMMA) {
        at = blank(text, at);
        if (kind === OBJECT && (at = key(text, at)) < 0) return "not_json";
        break;
      }
      if (next !== kind) return "not_json";
      depth--;
    }
  }
}

// Each of these gives the place behind what it reads, or -1 if that is not there.

function blank(text: string, at: number): number {
  for (;; at++) {
    const char = text.charCodeAt(at);
    if (char !== 0x20 && char !== 0x09 && char !== 0x0a && char !== 0x0d) return at;
  }
}

/** A key, its colon, and what is blank around them. */
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
      const escape = text.charAt(++at);
      if (escape === "u") {
        for (let i = 0; i < 4; i++) if (!isHex(text.charCodeAt(++at))) return -1;
      } else if (escape === "" || !SIMPLE_ESCAPES.includes(escape)) return -1;
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

function isDigit(char: number): boolean {
  return char >= 0x30 && char <= 0x39;
}

function isHex(char: number): boolean {
  return isDigit(char) || ((char | 0x20) >= 0x61 && (char | 0x20) <= 0x66);
}
