/**
 * The sources of the package as text: which codes and classes of errors are in them, and which messages.
 *
 * @module
 */

import { checkout } from "./outrider.ts";

/** A file of the package. */
export interface SourceFile {
  /** Relative to the checkout. */
  readonly path: string;
  readonly text: string;
}

/** All modules of `src` and `actors`. */
export function sources(folders: readonly string[] = ["src", "actors"]): SourceFile[] {
  return folders.flatMap((folder) =>
    [...Deno.readDirSync(checkout + folder)].flatMap(({ name, isDirectory }) => {
      const path = `${folder}/${name}`;
      if (isDirectory) return sources([path]);
      return name.endsWith(".ts") ? [{ path, text: Deno.readTextFileSync(checkout + path) }] : [];
    })
  );
}

/** The codes of errors in a file: of fields, of options of `super`, and of unions that name all codes of a class. */
export function codesIn({ text }: SourceFile): string[] {
  const unions = [...text.matchAll(/^export type \w*(?:ErrorCode|Refusal) =\n?((?:[^;]|;(?!\n))*);$/gm)];
  return [
    ...[...text.matchAll(/^ {2}(?:override )?readonly code(?:: [^=\n]+)? = "(\w+)"/gm)].map(([, code = ""]) =>
      code
    ),
    ...[...text.matchAll(/super\((?:[^;]|;(?!\n))*?code: "(\w+)"/g)].map(([, code = ""]) => code),
    ...unions.flatMap(([, union = ""]) =>
      [...withoutComments(union).matchAll(/"(\w+)"/g)].map(([, code = ""]) => code)
    ),
  ];
}

/** The numbers that a file about JSON-RPC knows, in code or in words. */
export function numbersIn({ path, text }: SourceFile): string[] {
  if (!path.startsWith("src/sidecar/json_rpc/")) return [];
  return [...text.matchAll(/-3\d_?\d{3}\b/g)].map(([number]) => number.replace("_", ""));
}

/** The classes of errors that a file has, but for those that only others are made from. */
export function classesIn({ text }: SourceFile): string[] {
  return [...text.matchAll(/^export class (\w+) extends (?:\w+Error|Error)\b/gm)].map(([, name = ""]) =>
    name
  );
}

/** Makings of errors that are of no class of ours. */
export function plainErrorsIn({ path, text }: SourceFile): string[] {
  return [...withoutComments(text).matchAll(/new (?:Type|Range)?Error\(([^)]*)/g)]
    .map(([, begins = ""]) => `${path}: ${begins.trim().split("\n")[0]}`);
}

/** The messages in a file that begin with "Cannot": what must be at their beginning. */
export function messagesIn({ text }: SourceFile): RegExp[] {
  return [...text.matchAll(/["`](?=Cannot )/g)].flatMap(({ 0: quote, index }) => {
    const message = quote === "`" ? template(text, index + 1) : RegExp.escape(plain(text, index + 1));
    return [new RegExp(`^${message}`)];
  }).filter(({ source }) => source.split("[^]*?")[0]!.length >= 12);
}

function plain(text: string, from: number): string {
  return JSON.parse(/^"(?:[^"\\]|\\.)*"/.exec(text.slice(from - 1))![0]) as string;
}

/** A template as a pattern: what stands in `${}` is anything. */
function template(text: string, from: number): string {
  let pattern = "";
  for (let at = from; text[at] !== "`"; at++) {
    if (!text.startsWith("${", at)) {
      pattern += RegExp.escape(text[at]!);
      continue;
    }
    let depth = 0;
    do {
      if (text[at] === "{") depth++;
      if (text[at] === "}") depth--;
      at++;
    } while (depth > 0 || text[at - 1] === "$");
    at--;
    pattern += "[^]*?";
  }
  return pattern;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
}
