/**
 * Reads files in JSON, JSON5 and TOML, as Tauri has them. What reads the last two is loaded where an app has such a file.
 */

import { type Fault, ManifestError } from "../manifest_errors.ts";
import { MAX_DEPTH } from "../plain_json.ts";
import { manifestFileError } from "../read.ts";
import { Source } from "../source.ts";
import { pathText } from "../../text/words.ts";

const PARSERS: Readonly<Record<string, () => Promise<(text: string) => unknown>>> = {
  ".json5": async () => (await import("json5")).default.parse,
  ".toml": async () => (await import("smol-toml")).parse,
};

/** The endings of the files that Tauri reads. */
export const ENDINGS: readonly string[] = [".json", ...Object.keys(PARSERS)];

/** What a text says. */
export interface FormattedValue {
  readonly value: unknown;
  /** Where everything is in it; nothing says so of a text that is not JSON. */
  readonly source?: Source | undefined;
}

/**
 * Reads the text of `file` in the format that its `ending` says. One that is named as JSON may be JSON5, as in Tauri.
 *
 * @throws {ManifestError} it is not in that format, has a key twice, or there is nothing in it
 */
export async function readInFormat(text: string, ending: string, file: string): Promise<FormattedValue> {
  if (Object.hasOwn(PARSERS, ending)) {
    return { value: valueOf(new Source(await asJson(text, ending, file)), file) };
  }
  const source = new Source(text);
  const read = source.read();
  const isJson = read.value !== undefined || read.empty;
  const json5 = isJson ? undefined : await asJson(text, ".json5", file).catch(() => undefined);
  return json5 === undefined
    ? { source, value: valueOf(source, file, read) }
    : { value: valueOf(new Source(json5), file) };
}

/** @throws {ManifestError} */
function valueOf(source: Source, file: string, { value, faults, empty } = source.read()): unknown {
  if (empty) throw manifestFileError("manifest_empty", file, "there is nothing in it but space and comments");
  if (faults.length === 0) return value;
  throw new ManifestError("manifest_invalid", {
    file,
    faults: faults.map(({ path, message, hint, offset }): Fault => ({
      path: pathText(path),
      ...source.at(offset),
      message,
      hint,
    })),
  });
}

/** The text as JSON; dates become texts, as in Tauri. @throws {ManifestError} it is not in that format */
async function asJson(text: string, ending: string, file: string): Promise<string> {
  const parse = await PARSERS[ending]!();
  try {
    return JSON.stringify(parse(text));
  } catch (cause) {
    throw new ManifestError("manifest_invalid", { file, faults: [faultOf(cause, ending)], cause });
  }
}

/** A parser that runs out of stack says nothing of the text; else both say where the fault is, each in its own words, behind the name of the format. */
function faultOf(cause: unknown, ending: string): Fault {
  if (cause instanceof RangeError) {
    return { path: "", line: undefined, column: undefined, message: `nests deeper than ${MAX_DEPTH} levels` };
  }
  const { message, line, lineNumber, column, columnNumber } = cause as ParserError;
  const [said = ""] = message.split("\n");
  const format = ending.slice(1).toUpperCase();
  return {
    path: "",
    line: line ?? lineNumber,
    column: column ?? columnNumber,
    message: `not ${format}: ${
      said.replace(/^(?:JSON5|Invalid TOML document): /, "").replace(/ at \d+:\d+$/, "")
    }`,
  };
}

interface ParserError extends Error {
  readonly line?: number;
  readonly lineNumber?: number;
  readonly column?: number;
  readonly columnNumber?: number;
}
