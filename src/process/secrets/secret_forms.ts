/**
 * Reads the encoded forms in which programs write a character of a text. Used by the matcher of secrets; pure.
 *
 * The forms are: JSON's escapes (`\"`, `\/`, `\n`, and `\u003c` in either case, pairs of surrogates too);
 * percent-encoding of its UTF-8 in either case, and `+` for a space; and those of our own samples (`\x1b`, `\u{202e}`).
 */

/** There is no form at this place. */
export const NO_FORM = 0;
/** The text ends within a form. */
export const CUT_FORM = -1;

/** The length of the longest form, `\u{10ffff}`. */
const LONGEST_BRACED = 10;

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
/** The length of the longest form of a character: two halves of it in JSON, four bytes percent-encoded. */
export const LONGEST_FORM = 12;
/** Stands for a space in the query of an address. */
export const PLUS = 0x2b;
export const SPACE = 0x20;

/** JSON's short escapes, by the code of the character behind the backslash. */
const SHORT: ReadonlyMap<number, number> = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" })
    .map(([letter, char]) => [letter.charCodeAt(0), char.charCodeAt(0)]),
);

/** The codes of the characters that begin a form, but for the `+` of a space. */
export const FORM_CODES: ReadonlySet<number> = new Set([BACKSLASH, PERCENT]);

/** Returns the first two characters of each form of a character, but for the `+` of a space. */
export function formStarts(code: number): string[] {
  const short = [...SHORT].filter(([, char]) => char === code).map(([letter]) => String.fromCharCode(letter));
  const lead = new TextEncoder().encode(String.fromCodePoint(code))[0]!;
  const digit = (lead >> 4).toString(16);
  return ["\\u", "\\x", ...short.map((letter) => `\\${letter}`), `%${digit}`, `%${digit.toUpperCase()}`];
}

/** Reads the form at `at`, for {@linkcode formCode} and {@linkcode formSize}; {@linkcode NO_FORM} or {@linkcode CUT_FORM}. */
export function formAt(text: string, at: number): number {
  switch (text.charCodeAt(at)) {
    case PLUS:
      return packed(SPACE, 1);
    case PERCENT:
      return bytesAt(text, at, "%");
    case BACKSLASH:
      return escapeAt(text, at);
    default:
      return NO_FORM;
  }
}

/** Returns where a form begins that the end of `text` may cut; the length of the text if there is none. */
export function cutFormAt(text: string): number {
  const from = Math.max(0, text.length - LONGEST_FORM);
  const at = text.slice(from).search(/[\\%]/);
  return at < 0 ? text.length : from + at;
}

export function formCode(form: number): number {
  return form >> 5;
}

export function formSize(form: number): number {
  return form & 31;
}

function packed(code: number, size: number): number {
  return code << 5 | size;
}

function escapeAt(text: string, at: number): number {
  if (at + 1 >= text.length) return CUT_FORM;
  const letter = text.charCodeAt(at + 1);
  if (letter === 0x78) return hexEscapeAt(text, at);
  if (letter !== 0x75) {
    const code = SHORT.get(letter);
    return code === undefined ? NO_FORM : packed(code, 2);
  }
  if (text[at + 2] === "{") return bracedAt(text, at);
  const unit = digits(text, at + 2, 4);
  if (unit < 0xd800 || unit > 0xdbff) {
    return unit < 0 ? unit === LACKING ? CUT_FORM : NO_FORM : packed(unit, 6);
  }
  // The first half of a pair; its second must follow in the same form.
  const rest = text.slice(at + 6, at + 8);
  if (rest !== "\\u") return "\\u".startsWith(rest) ? CUT_FORM : NO_FORM;
  const low = digits(text, at + 8, 4);
  if (low === LACKING) return CUT_FORM;
  return low < 0xdc00 || low > 0xdfff
    ? NO_FORM
    : packed(0x10000 + (unit - 0xd800) * 0x400 + low - 0xdc00, 12);
}

/** `\x1b` is a code; from 0xc2 on, as `sampleOfBytes` writes it, the first byte of a character's UTF-8. */
function hexEscapeAt(text: string, at: number): number {
  const byte = digits(text, at + 2, 2);
  if (byte < 0) return byte === LACKING ? CUT_FORM : NO_FORM;
  return byte < 0xc2 ? packed(byte, 4) : bytesAt(text, at, "\\x");
}

function bracedAt(text: string, at: number): number {
  // No further than the longest form: searching to the end of the text at each `\u{` would be quadratic.
  const inside = text.slice(at + 3, at + LONGEST_BRACED).indexOf("}");
  if (inside < 0) return text.length - at < LONGEST_BRACED ? CUT_FORM : NO_FORM;
  if (inside === 0) return NO_FORM;
  const size = inside + 4;
  const code = digits(text, at + 3, inside);
  return code < 0 || code > 0x10ffff ? NO_FORM : packed(code, size);
}

/** Reads the UTF-8 of a character, each byte as two digits behind `mark`. */
function bytesAt(text: string, at: number, mark: string): number {
  const width = mark.length + 2;
  const lead = digits(text, at + mark.length, 2);
  if (lead < 0) return lead === LACKING ? CUT_FORM : NO_FORM;
  if (lead < 0x80) return packed(lead, width);
  if (lead < 0xc2 || lead > 0xf4) return NO_FORM;
  const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  let code = lead & (0x3f >> more);
  for (let index = 1; index <= more; index++) {
    const from = at + index * width;
    const there = text.slice(from, from + mark.length);
    if (there !== mark) {
      return from + there.length >= text.length && mark.startsWith(there) ? CUT_FORM : NO_FORM;
    }
    const byte = digits(text, from + mark.length, 2);
    if (byte === LACKING) return CUT_FORM;
    if (byte < 0 || (byte & 0xc0) !== 0x80) return NO_FORM;
    code = code << 6 | byte & 0x3f;
  }
  return packed(code, (more + 1) * width);
}

const NO_DIGITS = -1;
/** The text ends before all digits. */
const LACKING = -2;

/** Returns the value of `count` hexadecimal digits at `at`. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    if (index >= text.length) return LACKING;
    const code = text.charCodeAt(index);
    const lower = code | 0x20;
    if (code >= 0x30 && code <= 0x39) value = value * 16 + code - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) value = value * 16 + lower - 0x57;
    else return NO_DIGITS;
  }
  return value;
}
