/**
 * supervisord's `%(name)s` in a value: what the file itself says is put in its place, what is known when a program starts
 * stays a variable. Pure.
 */

import { addPart, type WordPart } from "../words.ts";

/** The variable with the number of a copy. */
export const PROCESS_NUM = "PROCESS_NUM";

/** What the names in a value are. */
export interface ExpansionNames {
  /** The names that are known, with their values. */
  readonly known: ReadonlyMap<string, string>;
  /** Whether the number of a process is that of a copy. */
  readonly isPool: boolean;
}

/** A value, in parts. */
export interface ExpandedText {
  readonly parts: readonly WordPart[];
  /** What can't be put in its place, as a clause. */
  readonly fault?: string;
}

/** How long a value may become, which is more than a program is given. */
const MOST_EXPANDED = 200_000;

const EXPANSION = /%(?:%|\((\w+)\)([-0 +#]?\d{0,2})([sd])|(.?))/g;

/** Expands a value. */
export function expandText(text: string, { known, isPool }: ExpansionNames): ExpandedText {
  const parts: WordPart[] = [];
  let fault: string | undefined;
  let length = 0;
  const add = (part: WordPart) => {
    length += typeof part === "string" ? part.length : 1;
    if (part !== "") addPart(parts, part);
  };
  let from = 0;
  for (const { 0: whole, 1: name, 2: width = "", 3: kind = "s", index } of text.matchAll(EXPANSION)) {
    add(text.slice(from, index));
    from = index + whole.length;
    if (length > MOST_EXPANDED) {
      return { parts: [], fault: `longer than ${MOST_EXPANDED} characters with what it refers to` };
    }
    if (whole === "%%") add("%");
    else if (name === undefined) fault ??= '"%" stands alone; a percent sign is "%%"';
    else if (name === "process_num" && isPool) {
      add({ variable: PROCESS_NUM, ...(width !== "" && { format: `%${width}d` }) });
    } else if (known.has(name)) add(formatted(known.get(name)!, width, kind));
    else if (/^ENV_[A-Za-z_]\w*$/.test(name)) add({ variable: name.slice(4) });
    else if (name === "host_node_name") fault ??= "%(host_node_name)s, which is known on that machine alone";
    else fault ??= `%(${name})s, which supervisord does not know here`;
  }
  add(text.slice(from));
  return { parts, ...(fault !== undefined && { fault }) };
}

/** A value as Python's `%` formats it. */
function formatted(value: string, width: string, kind: string): string {
  const length = Number(/\d+$/.exec(width)?.[0] ?? 0);
  if (width.startsWith("-")) return value.padEnd(length);
  return value.padStart(length, kind === "d" && width.startsWith("0") ? "0" : " ");
}

/** The text, where all of it is known. */
export function wholeText({ parts, fault }: ExpandedText): string | undefined {
  if (fault !== undefined || !parts.every((part) => typeof part === "string")) return undefined;
  return parts.join("");
}

/**
 * The pairs of `A="b",C=d`, each value in parts; a word where a pair is not one.
 */
export function pairsIn(
  parts: readonly WordPart[],
): readonly (readonly [name: string, value: WordPart[]])[] | string {
  const pairs: [string, WordPart[]][] = [];
  let name: string | undefined = "";
  let value: WordPart[] | undefined;
  let quote = "";
  let fault: string | undefined;
  const add = (part: WordPart) => {
    if (value === undefined) {
      if (typeof part === "string") name += part;
      else fault = "the name of a variable is not known";
      return;
    }
    addPart(value, part);
  };
  const close = () => {
    if (value !== undefined) pairs.push([name!, value]);
    else if (name !== "") fault ??= `"${name}" has no value`;
    [name, value] = ["", undefined];
  };
  for (const part of parts) {
    if (typeof part !== "string") {
      add(part);
      continue;
    }
    for (let at = 0; at < part.length; at++) {
      const char = part[at]!;
      if (char === quote) quote = "";
      else if (quote === "" && (char === '"' || char === "'")) quote = char;
      else if (char === "\\" && quote !== "'" && (quote === "" || '"\\'.includes(part[at + 1] ?? ""))) {
        add(part[++at] ?? "");
      } else if (quote === "" && char === ",") close();
      else if (quote === "" && char === "=" && value === undefined) value = [""];
      else if (quote !== "" || !/\s/.test(char)) add(char);
    }
  }
  close();
  if (quote !== "") fault ??= "a quote without an end";
  return fault ?? pairs;
}
