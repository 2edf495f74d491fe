/**
 * JavaScript's regular expressions in the syntax of RE2, with the same meaning.
 *
 * The source has passed `new RegExp` already, so only what RE2 lacks is checked: a lookaround, a
 * backreference, an octal escape. Groups capture nothing here, as only whether a text matches counts.
 */

import { notLinear } from "./pattern.ts";

/** An expression for RE2. */
export interface TranslatedPattern {
  /** Its source. */
  readonly source: string;
  /** The text that it stands for, where it is no more than that. */
  readonly literal: string | undefined;
  /** Whether the literal has to be at the beginning. */
  readonly atStart: boolean;
  /** Whether the literal has to be at the end. */
  readonly atEnd: boolean;
}

const NOT_LINE_END = String.raw`[^\n\r\x{2028}\x{2029}]`;
const ANYTHING = "(?s:.)";
const NOTHING = String.raw`[^\x00-\x{10FFFF}]`;
const QUANTIFIER = /^\{\d+(?:,\d*)?\}/;
const MODIFIERS = /^\(\?([ims]*)(?:-([ims]*))?:/;
const NAME = /^\(\?<[^>]*>/;

/** JavaScript's classes as ranges: RE2's `\s` knows no Unicode. */
const SETS: Readonly<Record<string, string>> = {
  d: "0-9",
  D: String.raw`\x00-/:-\x{10FFFF}`,
  w: "0-9A-Z_a-z",
  // Without U+017F and U+212A: RE2 takes them for `s` and `k` where case does not count, and JavaScript does not.
  W: "\\x00-/:-@\\[-\\^`\\{-\\x{17E}\\x{180}-\\x{2129}\\x{212B}-\\x{10FFFF}",
  s: String.raw`\t-\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}`,
  S: String
    .raw`\x00-\x08\x0E-\x1F!-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}\x{202A}-\x{202E}` +
    String.raw`\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{FEFE}\x{FF00}-\x{10FFFF}`,
};

/** The characters that an escape of one letter stands for. */
const CONTROLS: Readonly<Record<string, number>> = { f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b };

/** Translates `source`, which `new RegExp(source, flags)` takes. @throws {PatternError} RE2 has nothing for it */
export function translatePattern(source: string, flags: string): TranslatedPattern {
  return new Translation(source, flags).result();
}

class Translation {
  readonly #source: string;
  readonly #unicode: boolean;
  readonly #flags: string;
  /** Whether `.` is any character and lines have ends, in each group that is open. */
  readonly #modes: { readonly s: boolean; readonly m: boolean }[];
  #at = 0;
  #out = "";
  #literal: string | undefined = "";
  #atStart = false;
  #atEnd = false;

  constructor(source: string, flags: string) {
    if (flags.includes("v")) throw notLinear("the flag `v` is not supported; `u` is");
    this.#source = source;
    this.#flags = flags;
    this.#unicode = flags.includes("u");
    this.#modes = [{ s: flags.includes("s"), m: flags.includes("m") }];
  }

  result(): TranslatedPattern {
    while (this.#at < this.#source.length) this.#next();
    const folds = this.#flags.includes("i");
    const sticks = this.#flags.includes("y");
    const body = sticks ? `\\A(?:${this.#out})` : this.#out;
    return {
      source: folds ? `(?i)${body}` : body,
      literal: folds ? undefined : this.#literal,
      atStart: this.#atStart || sticks,
      atEnd: this.#atEnd,
    };
  }

  get #mode(): { readonly s: boolean; readonly m: boolean } {
    return this.#modes.at(-1)!;
  }

  #next(): void {
    const char = this.#source[this.#at]!;
    switch (char) {
      case "\\":
        return this.#escape();
      case "[":
        return this.#special(this.#class());
      case "(":
        return this.#group();
      case ")":
        if (this.#modes.length > 1) this.#modes.pop();
        break;
      case ".":
        this.#at++;
        return this.#special(this.#mode.s ? ANYTHING : NOT_LINE_END);
      case "^":
        return this.#start();
      case "$":
        return this.#end();
      case "{": {
        const [quantifier] = QUANTIFIER.exec(this.#source.slice(this.#at)) ?? [];
        if (quantifier === undefined) return this.#character(this.#take());
        this.#at += quantifier.length;
        return this.#special(quantifier);
      }
      case "*":
      case "+":
      case "?":
      case "|":
        break;
      default:
        return this.#character(this.#take());
    }
    this.#at++;
    this.#special(char);
  }

  #take(): number {
    const code = this.#source.codePointAt(this.#at)!;
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }

  #character(code: number): void {
    if (this.#atEnd) this.#literal = undefined;
    if (this.#literal !== undefined) this.#literal += String.fromCodePoint(code);
    this.#out += written(code);
  }

  #special(source: string): void {
    this.#literal = undefined;
    this.#out += source;
  }

  #start(): void {
    const first = this.#at++ === 0 && !this.#mode.m;
    if (first) this.#atStart = true;
    else this.#literal = undefined;
    this.#out += this.#mode.m ? "(?m:^)" : "\\A";
  }

  #end(): void {
    this.#at++;
    if (this.#mode.m) this.#literal = undefined;
    this.#atEnd = true;
    this.#out += this.#mode.m ? "(?m:$)" : "\\z";
  }

  #group(): void {
    const rest = this.#source.slice(this.#at);
    const [name] = NAME.exec(rest) ?? [];
    const [modifiers, on = "", off = ""] = MODIFIERS.exec(rest) ?? [];
    const [around] = /^\(\?<?[=!]/.exec(rest) ?? [];
    if (around !== undefined) {
      const what = around.includes("<") ? "lookbehind" : "lookahead";
      throw notLinear(`a ${what}, \`${around}…)\`, is not supported`);
    }
    const { s, m } = this.#mode;
    if (modifiers !== undefined) {
      this.#modes.push({
        s: (s || on.includes("s")) && !off.includes("s"),
        m: (m || on.includes("m")) && !off.includes("m"),
      });
      this.#at += modifiers.length;
      const folds = on.includes("i") ? "i" : off.includes("i") ? "-i" : "";
      return this.#special(`(?${folds}:`);
    }
    this.#modes.push({ s, m });
    this.#at += (name ?? "(").length;
    this.#special("(?:");
  }

  #escape(): void {
    const letter = this.#source[this.#at + 1]!;
    if (letter === "b" || letter === "B") {
      this.#at += 2;
      return this.#special(`\\${letter}`);
    }
    const atom = this.#escaped();
    if (typeof atom === "number") this.#character(atom);
    else this.#special(`[${atom}]`);
  }

  /** An escape as the character that it is, or as what stands in a class. */
  #escaped(): number | string {
    const letter = this.#source[this.#at + 1]!;
    const set = SETS[letter];
    const rest = this.#source.slice(this.#at);
    this.#at += 2;
    if (set !== undefined) return set;
    const control = CONTROLS[letter];
    if (control !== undefined) return control;
    if (letter >= "1" && letter <= "9") {
      throw notLinear(`a backreference, \`\\${letter}\`, is not supported`);
    }
    if (letter === "0") {
      if (/^\\0\d/.test(rest)) throw notLinear("an octal escape is not supported; `\\x41` is");
      return 0;
    }
    if (letter === "k" && (this.#unicode || /\(\?<[^=!]/.test(this.#source))) {
      throw notLinear("a backreference, `\\k<…>`, is not supported");
    }
    if (letter === "c") {
      const [, control] = /^\\c([A-Za-z])/.exec(rest) ?? [];
      if (control === undefined) {
        this.#at--;
        return 0x5c;
      }
      this.#at++;
      return control.charCodeAt(0) % 32;
    }
    if (letter === "x" || letter === "u") return this.#hexadecimal(rest) ?? letter.charCodeAt(0);
    if ((letter === "p" || letter === "P") && this.#unicode) return this.#property(rest);
    this.#at--;
    return this.#take();
  }

  #hexadecimal(rest: string): number | undefined {
    const [pair, high = "", low = ""] = /^\\u(d[89ab][\da-f]{2})\\u(d[c-f][\da-f]{2})/i.exec(rest) ?? [];
    const [all, digits] = (this.#unicode ? /^\\u\{([\da-f]+)\}/i.exec(rest) : null) ??
      /^\\x([\da-f]{2})/i.exec(rest) ?? /^\\u([\da-f]{4})/i.exec(rest) ?? [];
    const read = pair ?? all;
    if (read === undefined) return undefined;
    this.#at += read.length - 2;
    if (pair === undefined) return parseInt(digits!, 16);
    return String.fromCharCode(parseInt(high, 16), parseInt(low, 16)).codePointAt(0)!;
  }

  /** `\p{…}`: RE2 names scripts without saying that they are scripts. */
  #property(rest: string): string {
    const [all = "", letter = "", name = ""] =
      /^\\([pP])\{(?:(?:Script|sc|General_Category|gc)=)?([^}]*)\}/.exec(rest) ?? [];
    this.#at += all.length - 2;
    return `\\${letter}{${name}}`;
  }

  #class(): string {
    const negated = this.#source[++this.#at] === "^";
    if (negated) this.#at++;
    let items = "";
    while (this.#source[this.#at] !== "]") {
      const from = this.#item();
      const ranges = this.#source[this.#at] === "-" && this.#source[this.#at + 1] !== "]";
      if (!ranges) {
        items += typeof from === "number" ? written(from) : from;
        continue;
      }
      this.#at++;
      const to = this.#item();
      if (typeof from === "number" && typeof to === "number") items += `${written(from)}-${written(to)}`;
      else for (const one of [from, 0x2d, to]) items += typeof one === "number" ? written(one) : one;
    }
    this.#at++;
    if (items === "") return negated ? ANYTHING : NOTHING;
    return `[${negated ? "^" : ""}${items}]`;
  }

  #item(): number | string {
    if (this.#source[this.#at] !== "\\") return this.#take();
    if (this.#source[this.#at + 1] !== "b") return this.#escaped();
    this.#at += 2;
    return 0x08;
  }
}

/** A character that stands for itself, in a class and out of it. */
function written(code: number): string {
  const isPlain = (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) || code === 0x20 || code === 0x5f;
  return isPlain ? String.fromCharCode(code) : `\\x{${code.toString(16)}}`;
}
