/**
 * Imports of texts: what a format makes of one, which is a manifest that can be loaded.
 *
 * @module
 */
import { assert } from "@std/assert";
import { ImportFile, type ImportNote } from "../../../src/manifest/import/format.ts";
import { IMPORT_FORMATS, type ImportFormatName } from "../../../src/manifest/import/formats.ts";
import { ManifestError } from "../../../src/manifest/manifest_errors.ts";
import { parse } from "../../../src/manifest/parse.ts";
import { Folder } from "../../cli/outrider.ts";

/** A manifest, as its JSON is read. */
// deno-lint-ignore no-explicit-any
export type ReadManifest = any;

/** What was made of a text. */
export interface ImportedText {
  readonly manifest: ReadManifest;
  /** By line, where they have one: `3 web: runs in sh -c, for a pipe`. */
  readonly left: readonly string[];
  readonly changed: readonly string[];
}

/** Imports `text` in a folder called `app`, with other files beside it. */
export async function imported(
  format: ImportFormatName,
  text: string,
  beside: Readonly<Record<string, string>> = {},
): Promise<ImportedText> {
  await using folder = new Folder();
  Deno.mkdirSync(`${folder.path}/app`);
  for (const [name, content] of Object.entries(beside)) folder.write(`app/${name}`, content);
  const file = new ImportFile(folder.write("app/file", text));
  const importer = await IMPORT_FORMATS[format].load();
  const { manifest, notes } = await importer(file, { merges: [], inputs: {} });
  const json = JSON.stringify(manifest);
  parse(json, { file: `${folder.path}/app/outrider.json` });
  const lines = (isTaken: boolean) => notes.filter((note) => (note.isTaken ?? false) === isTaken).map(shown);
  return { manifest: JSON.parse(json), left: lines(false), changed: lines(true) };
}

function shown({ line, text }: ImportNote): string {
  return line === undefined ? text : `${line} ${text}`;
}

/** The faults of a text that can't be imported, by line: `2 a.replicas: expected a number, got "x"`. */
export async function faultsOf(format: ImportFormatName, text: string): Promise<string[]> {
  const error = await imported(format, text).then(() => undefined, (error) => error);
  assert(error instanceof ManifestError, `${error}`);
  return error.faults.map(({ line, path, message, hint }) =>
    `${line === undefined ? "" : `${line} `}${path === "" ? "" : `${path}: `}${message}${
      hint === undefined ? "" : `; ${hint}`
    }`
  );
}
