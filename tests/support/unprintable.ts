/**
 * What must not reach a terminal as it is.
 *
 * @module
 */

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => String.fromCodePoint(from + n));

/** Characters that a terminal obeys, that turn the direction of writing, that hide, or that are halves. */
export const UNPRINTABLE: readonly string[] = [
  ...range(0x00, 0x1f),
  ...range(0x7f, 0x9f), // DEL and C1
  "\u00ad",
  "\u061c",
  "\u115f", // Hangul fillers look like nothing
  "\u3164",
  "\uffa0",
  "\u180e",
  ...range(0x200b, 0x200f),
  ...range(0x2028, 0x202e),
  ...range(0x2060, 0x2064),
  ...range(0x2066, 0x206f),
  "\ufeff",
  "\ufff9",
  "\ufffb",
  "\ud800",
  "\udfff",
  ...range(0xe0001, 0xe007f), // tags
  "\u{e0100}",
];

/** Those of {@linkcode UNPRINTABLE} that text of a manifest may hold: no NUL and no halves. */
export const TEXT: string = UNPRINTABLE.filter((char) => char !== "\0" && char.isWellFormed()).join("");

const RAW = new RegExp(
  `[${
    UNPRINTABLE.filter((char) => char !== "\n").map((char) => `\\u{${char.codePointAt(0)!.toString(16)}}`)
      .join("")
  }]`,
  "u",
);

/** The first character of `text` that should have been shown by its number; line breaks may be there. */
export function rawIn(text: string): string | undefined {
  const [char] = RAW.exec(text) ?? [];
  return char && `U+${char.codePointAt(0)!.toString(16)} in ${JSON.stringify(text.slice(0, 2_000))}`;
}
