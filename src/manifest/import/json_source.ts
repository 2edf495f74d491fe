/**
 * The text of a JSON file of another tool, with comments: its value, and the line of everything in it.
 */

import { readInFormat } from "../tauri/formats.ts";
import type { YamlSource } from "./yaml_source.ts";

/** Reads the text of `file`. @throws {ManifestError} it is not JSON, nor JSON5, or has a key twice */
export async function readJson(text: string, file: string): Promise<YamlSource> {
  const { value, source } = await readInFormat(text, ".json", file);
  return { value, lineOf: (path) => source?.locate(path, "key").line };
}
