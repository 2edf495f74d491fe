/**
 * Reads the text of an `.env` file by the rules of `@std/dotenv`. Pure; used for the `envFile` of sidecars.
 *
 * It differs from `@std/dotenv` in what it does at a fault: it reads no variable of the runtime by itself, ends at any
 * text, reports the lines that are not variables, and leaves a reference to an unset variable empty, not `undefined`.
 */

/** One variable, as it stands in the file. */
export interface DotenvVariable {
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
  /** Whether references such as `${NAME}` in it are replaced: it has no quotes. */
  readonly expands: boolean;
}

/** A text, read. */
export interface Dotenv {
  /** In the order of the text; of two with one name, the last. */
  readonly variables: readonly DotenvVariable[];
  /** The numbers of the lines that are neither a variable nor a comment nor empty. */
  readonly ignored: readonly number[];
}

/** The values of a file. */
export interface ExpandedDotenv {
  readonly values: Readonly<Record<string, string>>;
  /** The variables that refer to one that is not set, and say no default. */
  readonly incomplete: readonly DotenvVariable[];
  /** Why a value can't be had, as a clause that quotes nothing; there are no values then. */
  readonly fault?: string;
}

/** A value can't be had; the message says why, as a clause, and quotes nothing. */
class DotenvLimit extends Error {}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const START = /[ \t]*(?:export[ \t]+)?([^\s=#]+)[ \t]*=[ \t]*/y;
const REFERENCE = /\\?\$(?:\{([^{}:]+)(:-|\})|(\w+)(:-)?)/g;

/** References within references that are followed. */
const MAX_DEPTH = 50;

/** Reads `text`. */
export function parseDotenv(text: string): Dotenv {
  const variables = new Map<string, DotenvVariable>();
  const ignored: number[] = [];
  let line = 1;
  for (let at = 0; at < text.length;) {
    const { variable, end } = readVariable(text, at, line);
    const content = text.slice(at, end).trim();
    // The prototype of an object is not a variable.
    if (variable !== undefined && NAME.test(variable.name) && variable.name !== "__proto__") {
      variables.delete(variable.name);
      variables.set(variable.name, variable);
    } else if (content !== "" && !content.startsWith("#")) ignored.push(line);
    line += text.slice(at, end + 1).split("\n").length - 1;
    at = end + 1;
  }
  return { variables: [...variables.values()], ignored };
}

/** Reads the variable at the line that begins at `at`, and finds the end of its last line. */
function readVariable(
  text: string,
  at: number,
  line: number,
): { readonly variable?: DotenvVariable; readonly end: number } {
  START.lastIndex = at;
  const start = START.exec(text);
  if (start === null) return { end: endOfLine(text, at) };
  const [whole, name = ""] = start;
  const from = at + whole.length;
  const quote = text[from];
  const close = quote === "'" || quote === '"' ? text.indexOf(quote, from + 1) : -1;
  if (close < 0) {
    const end = endOfLine(text, from);
    const [value = ""] = text.slice(from, end).split("#");
    return { variable: { name, value: value.trim(), line, expands: true }, end };
  }
  // A newline right behind the first quote, or before the last, is not part of the value.
  const inner = text.slice(from + 1, close).replace(/^\r?\n/, "").replace(/\r?\n$/, "");
  const value = quote === '"' ? inner.replace(/\\([nrt])/g, (_, letter) => ESCAPES[letter]!) : inner;
  return { variable: { name, value, line, expands: false }, end: endOfLine(text, close) };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/**
 * Replaces references: `$NAME`, `${NAME}` and `${NAME:-default}` are what the file, or `outside`, says of that name; one
 * behind a backslash stays. A variable that refers to itself means the one outside. None may be longer than `limit` characters, or refer too deep.
 */
export function expandDotenv(
  { variables }: Dotenv,
  { outside, limit }: { readonly outside: (name: string) => string | undefined; readonly limit: number },
): ExpandedDotenv {
  const known = new Map(variables.map((variable) => [variable.name, variable]));
  const values = new Map<string, string>();
  const open = new Set<string>();
  const incomplete = new Set<DotenvVariable>();

  const valueOf = (name: string, depth: number): string | undefined => {
    const variable = known.get(name);
    if (variable === undefined || open.has(name)) return outside(name);
    const value = values.get(name);
    if (value !== undefined) return value;
    open.add(name);
    const expanded = variable.expands ? expand(variable.value, variable, depth) : variable.value;
    open.delete(name);
    values.set(name, expanded);
    return expanded;
  };

  const expand = (text: string, variable: DotenvVariable, depth: number): string => {
    if (depth > MAX_DEPTH) throw new DotenvLimit(`its variable ${variable.name} refers too deep`);
    let result = "";
    let at = 0;
    REFERENCE.lastIndex = 0;
    for (let found; (found = REFERENCE.exec(text)) !== null;) {
      const [whole, braced, mark, plain, plainMark] = found;
      const from = found.index + whole.length;
      const end = mark === ":-" ? closingBrace(text, from) : plainMark === ":-" ? text.length : from;
      if (end === undefined) continue;
      result += text.slice(at, found.index);
      at = mark === ":-" ? end + 1 : end;
      if (whole.startsWith("\\")) result += text.slice(found.index, at);
      else {
        const value = valueOf((braced ?? plain)!, depth + 1);
        const hasDefault = (mark ?? plainMark) === ":-";
        if (value === undefined && !hasDefault) incomplete.add(variable);
        result += value ?? (hasDefault ? expand(text.slice(from, end), variable, depth + 1) : "");
      }
      if (result.length > limit) {
        throw new DotenvLimit(`its variable ${variable.name} has more than ${limit} characters`);
      }
      REFERENCE.lastIndex = at;
    }
    return result + text.slice(at);
  };

  try {
    for (const { name } of variables) valueOf(name, 0);
  } catch (error) {
    if (error instanceof DotenvLimit) return { values: {}, incomplete: [], fault: error.message };
    throw error;
  }
  return { values: Object.fromEntries(values), incomplete: [...incomplete] };
}

/** Finds the brace that closes a default, over the references in it; `undefined` without one. */
function closingBrace(text: string, from: number): number | undefined {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith("${", at)) depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return undefined;
}
