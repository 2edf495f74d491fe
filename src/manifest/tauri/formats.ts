/**
 * Tauri's files in JSON5 and TOML, as JSON. What reads them is loaded where an app has such a file.
 */

import { type Fault, ManifestError } from "../manifest_errors.ts";
import { MAX_DEPTH } from "../plain_json.ts";

const PARSERS: Readonly<Record<string, () => Promise<(text: string) => unknown>>> = {
  ".json5": async () => (await import("json5")).default.parse,
  ".toml": async () => (await import("smol-toml")).parse,
};

/** The endings of the files that Tauri reads. */
export const ENDINGS: readonly string[] = [".json", ...Object.keys(PARSERS)];

/** Whether files with that ending are in another format than JSON. */
export function isOtherFormat(ending: string): boolean {
  return Object.hasOwn(PARSERS, ending);
}

/**
 * The text of `file` as JSON; dates become texts, as in Tauri.
 *
 * @throws {ManifestError} it is not in the format that its `ending` says
 */
export async function asJson(text: string, ending: string, file: string): Promise<string> {
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
