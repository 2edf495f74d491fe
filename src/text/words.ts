/**
 * Times, sizes and untrusted text in the words of the terminal.
 */

import { COLOURS, isPrintable, visibleJson, visibleLine } from "./printable.ts";

/** Formats milliseconds for people: `<1 ms`, `12 ms`, `1.25 s`, `3 min`, `2 h`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0 ms";
  if (ms < 1) return "<1 ms";
  // Compared as rounded: there is no `1000 ms`, and no `120 min`.
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`;
  if (round(ms / 1_000, 2) < 120) return `${round(ms / 1_000, 2)} s`;
  if (round(ms / 60_000, 1) < 120) return `${round(ms / 60_000, 1)} min`;
  return `${round(ms / 3_600_000, 1)} h`;
}

/** `3 sidecars`, `1 sidecar`. */
export function formatCount(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** A host with its port, as `--allow-net` takes it: `127.0.0.1:80`, `[::1]:80`. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** How a process ended, as a clause: `exited with code 1`. */
export function howEnded(
  { code, signal }: { readonly code: number; readonly signal?: string | undefined },
): string {
  return signal === undefined ? `exited with code ${code}` : `was ended by ${signal}`;
}

/** Makes a sidecar's text safe for a terminal: colours are removed, tabs stay, other unprintable characters are shown. */
export function printableLine(text: string): string {
  // Not node:util's stripVTControlCharacters: it takes text for a sequence, up to the next BEL, and loses it.
  return visibleLine(text.replace(COLOURS, ""));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

const MAX_SHOWN = 60;
const MAX_INLINE = 120;

/** Text in double quotes, cut to 60 characters, everything unprintable escaped. */
export function quote(text: string): string {
  const short = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return visibleJson(JSON.stringify(short));
}

/** JSON on one line, as one writes it in a manifest; nothing where that is long, or not safe to print. */
export function inlineJson(value: unknown): string | undefined {
  const text = spaced(value);
  return text.length > MAX_INLINE || !isPrintable(text) ? undefined : text;
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${
    Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`).join(", ")
  } }`;
}

/** Describes a value, for "got …": its type, or the value itself where that says more. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "boolean" || Number.isNaN(value)) return String(value);
  if (value === Infinity || value === -Infinity) return "a number too large to hold";
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return String(value);
  return typeName(value);
}

/** The type of a value with its article, for "expected a string, got …". */
export function typeName(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "boolean" || Number.isNaN(value)) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number") return Number.isFinite(value) ? "a number" : "a number too large to hold";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** `"a", "b" or "c"`. */
export function quoteChoices(options: readonly string[]): string {
  const quoted = options.map(quote);
  const last = quoted.pop() ?? "nothing";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}

/** A key without what people take for the same: case, `-`, `_`, space and a `=` at its end. */
export function foldKey(key: string): string {
  return key.toLowerCase().replace(/[-_\s]|=$/g, "");
}

/**
 * The option that was probably meant, or undefined when none is near: case, `-` and `_` do not count, and about
 * one character in three may differ.
 */
export function nearestKey(word: string, options: readonly string[]): string | undefined {
  // A key can be as long as the file; what is that long is not a misspelling, and the distance would take minutes.
  if (word.length > 64) return undefined;
  const folded = foldKey(word);
  let best: string | undefined;
  let least = Infinity;
  for (const option of options) {
    const other = foldKey(option);
    const allowed = Math.floor(Math.max(word.length, option.length) / 3);
    if (Math.abs(folded.length - other.length) > allowed) continue;
    const apart = editDistance(folded, other, Math.min(allowed, least - 1));
    if (apart <= allowed && apart < least) [best, least] = [option, apart];
  }
  return best;
}

/** A path as one would write it in TypeScript: `children[1].env["odd key"]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (/^[A-Za-z_$][\w$]{0,63}$/.test(String(key))) {
      text += text === "" ? String(key) : `.${String(key)}`;
    } else text += `[${quote(String(key))}]`;
  }
  return text;
}

/**
 * The fewest characters to insert, delete, replace or swap with their neighbour to get from `one` to `other`; a swapped
 * pair is left alone after that. Its work grows with both lengths; where more than `most` are sure, `Infinity` ends it.
 */
export function editDistance(one: string, other: string, most = Infinity): number {
  let above = Array.from({ length: other.length + 1 }, (_, column) => column);
  let twoAbove = above;
  let leastAbove = 0;
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= other.length; column++) {
      const replaced = above[column - 1]! + (one[row - 1] === other[column - 1] ? 0 : 1);
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const swapped = row > 1 && column > 1 && isSwapped ? twoAbove[column - 2]! + 1 : Infinity;
      const apart = Math.min(replaced, above[column]! + 1, current[column - 1]! + 1, swapped);
      current.push(apart);
      if (apart < least) least = apart;
    }
    // A later row is at least the row above it, or, by a swap, one more than the row above that.
    if (least > most && leastAbove + 1 > most) return Infinity;
    leastAbove = least;
    [twoAbove, above] = [above, current];
  }
  return above[other.length]!;
}
