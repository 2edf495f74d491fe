/**
 * The glob patterns of LSP 3.17, matched in a time that a pattern can't make long: they come from a server. Pure; used for
 * watched files.
 *
 * `*` and `?` stay within a name, `**` goes over any number of folders, `{a,b}` is one of several, `[a-z]` and `[!a-z]`
 * are a character.
 */

import { fitsParts } from "@outrider/outrider/actor";

/** The most characters of a pattern. */
const LONGEST = 4_096;

/** The most patterns without braces that a pattern may stand for. */
const MOST_CHOICES = 256;

/** One character of a name, or any number of them. */
type Part = "many" | ((char: string) => boolean);

/** The parts of one name, or any number of folders. */
type NamePattern = "folders" | readonly Part[];

/** Returns what tests a path with `/` between its names; `undefined`: it is not a pattern. */
export function globMatcher(glob: string): ((path: string) => boolean) | undefined {
  if (glob.length > LONGEST) return undefined;
  const choices = choicesOf(glob);
  if (choices === undefined) return undefined;
  const patterns: NamePattern[][] = [];
  for (const choice of choices) {
    const names = choice.split("/").map(namePattern);
    if (names.includes(undefined)) return undefined;
    patterns.push(names as NamePattern[]);
  }
  return (path) => {
    const names = path.split("/").map((name) => [...name]);
    return patterns.some((pattern) =>
      fitsParts(pattern, names, (part) => part === "folders", (part, name) => fitsName(part, name))
    );
  };
}

function fitsName(pattern: NamePattern, name: readonly string[]): boolean {
  if (pattern === "folders") return true;
  return fitsParts(pattern, name, (part) => part === "many", (part, char) => part === "many" || part(char));
}

/** The patterns without braces that it stands for; `undefined`: they are too many, or a brace is left open. */
function choicesOf(glob: string): readonly string[] | undefined {
  const start = glob.indexOf("{");
  if (start === -1) return [glob];
  const choices: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < glob.length; at++) {
    const char = glob[at];
    if (char === "{") depth++;
    else if (char === "}") depth--;
    if (depth > 1 || (depth === 1 && char !== ",")) continue;
    choices.push(glob.slice(from, at));
    from = at + 1;
    if (depth === 0) break;
  }
  if (depth > 0) return undefined;
  const all: string[] = [];
  for (const choice of choices) {
    const whole = choicesOf(glob.slice(0, start) + choice + glob.slice(from));
    if (whole === undefined || all.length + whole.length > MOST_CHOICES) return undefined;
    all.push(...whole);
  }
  return all;
}

function namePattern(name: string): NamePattern | undefined {
  if (name === "**") return "folders";
  const parts: Part[] = [];
  const chars = [...name];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    if (char === "*") parts.push("many");
    else if (char === "?") parts.push(() => true);
    else if (char === "[") {
      const end = chars.indexOf("]", at + 2);
      if (end === -1) return undefined;
      parts.push(charSet(chars.slice(at + 1, end)));
      at = end;
    } else parts.push((other) => other === char);
  }
  return parts;
}

function charSet(chars: readonly string[]): (char: string) => boolean {
  const isNot = chars[0] === "!" || chars[0] === "^";
  const set = isNot ? chars.slice(1) : chars;
  return (char) => {
    let has = false;
    for (let at = 0; at < set.length && !has; at++) {
      const [from, dash, to] = set.slice(at, at + 3);
      has = dash === "-" && to !== undefined ? from! <= char && char <= to : from === char;
      if (dash === "-" && to !== undefined) at += 2;
    }
    return has !== isNot;
  };
}
