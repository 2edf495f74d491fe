/**
 * Finds secrets in a text, each character as it is or in a form of `secret_forms.ts`: compiled once for a process, used
 * for every text of it.
 *
 * A regular expression finds the places where one could begin; from there the text is compared character by character. The time is linear in the text, and bounded: a text that takes more work than
 * {@linkcode WORK} allows counts as secret from there on.
 */
import {
  CUT_FORM,
  FORM_CODES,
  formAt,
  formCode,
  formSize,
  formStarts,
  LONGEST_FORM,
  NO_FORM,
  PLUS,
  SPACE,
} from "./secret_forms.ts";

/** The characters that a secret needs to be redacted: a shorter one would hide everything, and so reveal itself. */
export const MIN_REDACTED_LENGTH = 4;

/** The ends at which a text was cut off, so that a part of a secret counts there: its end, or perhaps both. */
export type TextCut = "end" | "both";

export interface SecretSpan {
  /** Its first character. */
  readonly from: number;
  /** The first one behind it. */
  readonly to: number;
}

const NOTHING: readonly SecretSpan[] = [];
/** The most comparisons for a text, plus those for each of its characters: they block the runtime. */
const WORK = { base: 4_096, each: 4, most: 1_000_000 };
/** The first characters of a secret that decide where one could begin. */
const DEPTH = 8;
/** The length at which the beginning of a secret at the cut may be too short to be found: three characters, and a partial form. */
const SHORT_START = 48;
/** The character that a decoder gives for cut bytes. */
const REPLACEMENT = 0xfffd;

/** Matches the rest of a form whose beginning was cut off. */
const REST_OF_FORM = /[\da-fux{}%\\\ufffd\udc00-\udfff]/i;

type Pattern = readonly number[];
/** The next place from `from` on where a secret could begin, or -1. */
type Scan = (text: string, from: number) => number;

export class SecretMatcher {
  readonly #patterns: readonly Pattern[];
  readonly #byFirst: ReadonlyMap<number, readonly Pattern[]>;
  readonly #scan: Scan;
  #work = 0;

  private constructor(texts: readonly string[]) {
    this.#patterns = texts.map((text) => Array.from(text, (char) => char.codePointAt(0)!));
    this.#byFirst = Map.groupBy(this.#patterns, ([first]) => first!);
    this.#scan = scanFor(texts);
  }

  /** Creates a matcher for these secrets and each of their lines; `undefined` where none is long enough. */
  static of(secrets: readonly string[]): SecretMatcher | undefined {
    const texts = secrets.flatMap((secret) => [secret, ...secret.split(/\r\n|[\r\n]/)])
      .filter((text) => Array.from(text).length >= MIN_REDACTED_LENGTH);
    return texts.length === 0 ? undefined : new SecretMatcher([...new Set(texts)]);
  }

  /** Finds the secrets in `text`, in order and without overlaps. */
  find(text: string, cut?: TextCut): readonly SecretSpan[] {
    const first = this.#scan(text, 0);
    return first < 0 && cut === undefined ? NOTHING : this.#findFrom(first, text, cut);
  }

  #findFrom(first: number, text: string, cut: TextCut | undefined): readonly SecretSpan[] {
    const found: SecretSpan[] = [];
    this.#work = Math.min(WORK.base + WORK.each * text.length, WORK.most);
    if (cut === "both") add(found, 0, this.#endOfRest(text));
    for (let at = first; at >= 0; at = this.#scan(text, at + 1)) {
      add(found, at, this.#end(text, at, MIN_REDACTED_LENGTH));
      if (this.#work >= 0) continue;
      add(found, at, text.length);
      return found;
    }
    if (cut !== undefined) add(found, this.#startOfCut(text), text.length);
    return found;
  }

  /** Returns the end of the longest secret that begins at `at`, -1 for none; a cut one counts from `least` characters on. */
  #end(text: string, at: number, least: number): number {
    const form = formAt(text, at);
    let end = this.#endOf(text, at, { first: text.codePointAt(at)!, least });
    if (form > NO_FORM) end = Math.max(end, this.#endOf(text, at, { first: formCode(form), least }));
    return end;
  }

  #endOf(text: string, at: number, { first, least }: { first: number; least: number }): number {
    const patterns = this.#byFirst.get(first);
    if (patterns === undefined) {
      this.#work--;
      return -1;
    }
    let end = -1;
    for (const pattern of patterns) end = Math.max(end, this.#walk(text, at, { pattern, skip: 0, least }));
    return end;
  }

  /** Returns the start of a secret that the end of `text` cuts after a character or more; the length of the text if none. */
  #startOfCut(text: string): number {
    let at = Math.max(0, text.length - SHORT_START);
    while (at < text.length && this.#work >= 0 && this.#end(text, at, 1) !== text.length) at++;
    return at;
  }

  /** Returns the end of a secret that began before `text` did, -1 for none. */
  #endOfRest(text: string): number {
    let end = -1;
    // Behind the possible rest of a form, or of a character.
    for (let start = 0; start < text.length && start <= LONGEST_FORM; start++) {
      end = Math.max(end, this.#endOfRestAt(text, start));
      if (!REST_OF_FORM.test(text[start]!)) break;
    }
    return end;
  }

  #endOfRestAt(text: string, start: number): number {
    const form = formAt(text, start);
    const firsts = [text.codePointAt(start), form > NO_FORM ? formCode(form) : undefined];
    let end = -1;
    for (const pattern of this.#patterns) {
      for (let skip = 1; skip <= pattern.length - MIN_REDACTED_LENGTH; skip++) {
        if (pattern[skip] !== firsts[0] && pattern[skip] !== firsts[1]) continue;
        end = Math.max(end, this.#walk(text, start, { pattern, skip, least: MIN_REDACTED_LENGTH }));
        if (this.#work < 0) return text.length;
      }
    }
    return end;
  }

  /** Returns the end of `pattern`, without its first `skip` characters, if it is at `at`; else -1. */
  #walk(
    text: string,
    at: number,
    { pattern, skip, least }: { pattern: Pattern; skip: number; least: number },
  ): number {
    if (this.#work < 0) return -1;
    let index = skip;
    let place = at;
    // A character without other forms needs one comparison only.
    for (let code; (code = text.charCodeAt(place)) === pattern[index]; place++, index++) {
      if (FORM_CODES.has(code) || index + 1 === pattern.length) break;
    }
    this.#work -= index - skip;
    // There are several lengths only behind a `\` or `%`, each of which is itself or begins its other form.
    let places = [place];
    for (; index < pattern.length; index++) {
      const next: number[] = [];
      for (const place of places) {
        // Counts the searches among the next ones, too.
        this.#work -= 1 + next.length;
        const plain = plainSize(text, place, pattern[index]!);
        const form = formAt(text, place);
        if ((plain === CUT_FORM || form === CUT_FORM) && index - skip >= least) return text.length;
        if (plain > 0) next.push(place + plain);
        if (form > NO_FORM && formCode(form) === pattern[index]) addOnce(next, place + formSize(form));
      }
      if (next.length === 0 || this.#work < 0) return -1;
      places = next;
    }
    return Math.max(...places);
  }
}

/** Returns the length of the unencoded character at `place`; {@linkcode CUT_FORM} where the text ends there. */
function plainSize(text: string, place: number, wanted: number): number {
  const left = text.length - place;
  if (left <= 0) return CUT_FORM;
  const code = text.codePointAt(place)!;
  if (code === wanted) return code < 0x10000 ? 1 : 2;
  return left === 1 && (code === REPLACEMENT || (code & 0xfc00) === 0xd800) ? CUT_FORM : NO_FORM;
}

function addOnce(places: number[], place: number): void {
  if (!places.includes(place)) places.push(place);
}

/** Merges parts of one text: in order and without overlaps. */
export function joinSpans(parts: readonly SecretSpan[]): readonly SecretSpan[] {
  const found: SecretSpan[] = [];
  for (const { from, to } of [...parts].sort((a, b) => a.from - b.from)) add(found, from, to);
  return found;
}

/** Adds a part, unless it is empty; overlapping parts become one. */
function add(found: SecretSpan[], from: number, to: number): void {
  if (to <= from) return;
  for (let last; (last = found.at(-1)) !== undefined && from < last.to; found.pop()) {
    from = Math.min(from, last.from);
    to = Math.max(to, last.to);
  }
  found.push({ from, to });
}

/**
 * Finds candidates by the start of an encoded first character, or by the sets of characters for the first places: few texts
 * have these by chance.
 */
function scanFor(texts: readonly string[]): Scan {
  const any = `[${inClass(FORM_CODES)}]`;
  let rest = "";
  for (let place = Math.min(DEPTH, ...texts.map(({ length }) => length)) - 1; place > 0; place--) {
    // The end of the text may cut a secret from its fourth character on.
    const end = place >= MIN_REDACTED_LENGTH ? "|$" : "";
    rest = `(?:${any}|[${inClass(unitsAt(texts, place))}]${rest}${end})`;
  }
  const first = `[${inClass(unitsAt(texts, 0))}]${rest}`;
  const forms = texts.flatMap((text) => formStarts(text.codePointAt(0)!)).map((start) =>
    RegExp.escape(start)
  );
  const expression = new RegExp([...new Set(forms), first].join("|"), "g");
  return (text, from) => {
    expression.lastIndex = from;
    // Most texts have none: `test` costs less.
    if (!expression.test(text)) return -1;
    expression.lastIndex = from;
    return expression.exec(text)!.index;
  };
}

/** Returns the characters that may be at `place` of one of them, unencoded, and `+` for a space. */
function unitsAt(texts: readonly string[], place: number): number[] {
  const units = new Set(texts.map((text) => text.charCodeAt(place)));
  return [...units, ...(units.has(SPACE) ? [PLUS] : [])];
}

function inClass(units: Iterable<number>): string {
  return Array.from(units, (unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
