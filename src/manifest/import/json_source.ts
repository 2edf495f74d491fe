/**
 * The text of a JSON file of another tool, with comments: its value, and the line of everything in it.
 */

import { ManifestError } from "../manifest_errors.ts";
import { manifestFileError } from "../read.ts";
import { Source } from "../source.ts";
import { asJson } from "../tauri/formats.ts";
import { pathText } from "../../text/words.ts";
import type { YamlSource } from "./yaml_source.ts";

/** Reads the text of `file`. @throws {ManifestError} it is not JSON, nor JSON5, or has a key twice */
export async function readJson(text: string, file: string): Promise<YamlSource> {
  const source = new Source(text);
  const { value, faults, empty } = source.read();
  if (value === undefined && !empty) {
    // Nothing says where anything is in JSON5.
    const json = await asJson(text, ".json5", file).catch(() => undefined);
    if (json !== undefined) return { value: JSON.parse(json), lineOf: () => undefined };
  }
  if (empty) throw manifestFileError("manifest_empty", file, "there is nothing in it but space and comments");
  if (faults.length > 0) {
    throw new ManifestError("manifest_invalid", {
      file,
      faults: faults.map(({ path, message, hint, offset }) => ({
        path: pathText(path),
        ...source.at(offset),
        message,
        hint,
      })),
    });
  }
  return { value, lineOf: (path) => source.locate(path, "key").line };
}
