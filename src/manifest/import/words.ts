/**
 * Splits texts into words as Python's `shlex.split` does: by space and quotes, without a shell. A part of a word may be a
 * value that is known when the program starts. Pure.
 */

import { isShellWord, singleQuote } from "../../text/shell_quote.ts";

/** A part of a word: a text, or the name of a variable. */
export type WordPart = string | {
  readonly variable: string;
  readonly isQuoted?: boolean;
  readonly format?: string;
};

/** A word, in parts. */
export type PartedWord = readonly WordPart[];

/** Adds a part to others; a text behind a text is one with it. */
export function addPart(parts: WordPart[], part: WordPart): void {
  const last = parts.length - 1;
  if (typeof part === "string" && typeof parts[last] === "string") parts[last] += part;
  else parts.push(part);
}

/** The words of `parts`; nothing where a quote has no end, or a backslash nothing behind it. */
export function splitWords(parts: readonly WordPart[]): readonly PartedWord[] | undefined {
  const words: WordPart[][] = [];
  let word: WordPart[] | undefined;
  let quote = "";
  const add = (part: WordPart) => {
    if (word === undefined) words.push(word = []);
    addPart(word, part);
  };
  for (const part of parts) {
    if (typeof part !== "string") {
      add({ ...part, isQuoted: quote !== "" });
      continue;
    }
    for (let at = 0; at < part.length; at++) {
      const char = part[at]!;
      if (quote === "" && /\s/.test(char)) word = undefined;
      else if (char === quote) quote = "";
      else if (quote === "" && (char === "'" || char === '"')) {
        quote = char;
        add("");
      } else if (char === "\\" && quote !== "'" && (quote === "" || /["\\]/.test(part[at + 1] ?? ""))) {
        at++;
        if (at === part.length) return undefined;
        add(part[at]!);
      } else add(char);
    }
  }
  return quote === "" ? words : undefined;
}

/** The text of a word of which all is known. */
export function wholeWord(word: PartedWord): string | undefined {
  return word.every((part) => typeof part === "string") ? word.join("") : undefined;
}

/** A word as a shell takes it; the value of a variable without quotes is split into words there as well. */
export function shellWord(word: PartedWord): string {
  if (word.length === 0) return "''";
  return word.map((part) => {
    if (typeof part === "string") return part === "" || isShellWord(part) ? part : singleQuote(part);
    const value = part.format === undefined
      ? `$${part.variable}`
      : `$(printf '${part.format}' "$${part.variable}")`;
    return part.isQuoted === false ? value : `"${value}"`;
  }).join("") || "''";
}
