/**
 * The one list of what is not printed as it is, and how it is shown instead.
 *
 * Text of a manifest, a sidecar, a control server, an environment or a file name may have in it what a terminal obeys
 * (ESC and the other control characters, those of C1 included), what turns the direction of writing or hides what stands
 * beside it (bidirectional controls, zero width, tags, fillers), what breaks lines, and halves of characters. All of it is
 * shown by its number. Variation selectors stay: they only choose between two pictures of the same character.
 */

const UNPRINTABLE = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

// Most text is plain, and to find that out is a tenth of the work of looking at each character's kind.
const PLAIN = /^[\x20-\x7e]*$/;

/** Sequences that colour what a terminal shows. */
// deno-lint-ignore no-control-regex -- they are what must not reach a terminal
export const COLOURS: RegExp = /\x1b\[[\d;:]*m/g;

/** Whether `text` can be printed as it is, on one line. */
export function isPrintable(text: string): boolean {
  return PLAIN.test(text) || text.search(UNPRINTABLE) < 0;
}

/** `text` with `shown` in place of each character that is not printed. */
export function replaceUnprintable(text: string, shown: (char: string) => string): string {
  return PLAIN.test(text) ? text : text.replace(UNPRINTABLE, shown);
}

/** `text` on one line, what is not printed as `\x1b`, `\u202e` or `\u{e0041}`. */
export function visible(text: string): string {
  return replaceUnprintable(text, byNumber);
}

/** {@linkcode visible}, but for tabs: a program's own lines have them. */
export function visibleLine(text: string): string {
  return replaceUnprintable(text, (char) => char === "\t" ? char : byNumber(char));
}

/** {@linkcode visible}, with what breaks lines and columns in a text that is meant to have many. */
export function visibleLines(text: string): string {
  return replaceUnprintable(text, (char) => char === "\n" || char === "\t" ? char : byNumber(char));
}

/** A text of JSON for the same value, in which nothing is not printed; between its values it may have line breaks. */
export function visibleJson(json: string): string {
  return replaceUnprintable(
    json,
    (char) =>
      char === "\n"
        ? char
        : Array.from({ length: char.length }, (_, at) => unit(char.charCodeAt(at))).join(""),
  );
}

/** A line may have millions of them. */
const SMALL_NUMBERS = Array.from({ length: 0x100 }, (_, code) => `\\x${code.toString(16).padStart(2, "0")}`);

function byNumber(char: string): string {
  const code = char.codePointAt(0)!;
  if (code < 0x100) return SMALL_NUMBERS[code]!;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : unit(code);
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}
