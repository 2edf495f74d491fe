/**
 * `outrider import FILE`
 */

import { basename, dirname, resolve as absolute } from "node:path";
import { ImportFile, type ImportNote } from "../../manifest/import/format.ts";
import { IMPORT_FORMAT_NAMES, IMPORT_FORMATS, importFormatOf } from "../../manifest/import/formats.ts";
import { rebaseManifest } from "../../manifest/import/rebase.ts";
import type { ManifestInput } from "../../manifest/fields/types.ts";
import { INPUT_OPTIONS, readInputs } from "../inputs.ts";
import { type Fault, ManifestError } from "../../manifest/manifest_errors.ts";
import { parse } from "../../manifest/parse.ts";
import { visibleJson } from "../../text/printable.ts";
import { EXIT, parseOneOf, print, printErrorsEscaped, readFileArgs, UsageError, type Verb } from "../verb.ts";
import { writeNew } from "../new_file.ts";

/** Writes the manifest for a file of another tool. */
export const importVerb: Verb = async (args) => {
  const { file: name, values } = readFileArgs(args, {
    from: { type: "string" },
    output: { type: "string", short: "o" },
    merge: { type: "list" },
    ...INPUT_OPTIONS,
  });
  const from = values.from === undefined ? undefined : parseOneOf("--from", values.from, IMPORT_FORMAT_NAMES);
  const file = new ImportFile(absolute(name));
  const format = from ?? await importFormatOf(file);
  if (values.merge.length > 0 && IMPORT_FORMATS[format].takesMerges !== true) {
    throw new UsageError(`Cannot use --merge: nothing is laid over ${IMPORT_FORMATS[format].title}`);
  }
  const inputs = await readInputs(values);
  if (Object.keys(inputs).length > 0 && IMPORT_FORMATS[format].takesInputs !== true) {
    throw new UsageError(`Cannot use --input: ${IMPORT_FORMATS[format].title} asks for nothing`);
  }
  const importer = await IMPORT_FORMATS[format].load();
  const merges = values.merge.map((path) => absolute(path));
  const { manifest, notes, dir = file.dir } = await importer(file, { merges, inputs });
  const output = values.output === undefined ? undefined : absolute(values.output);
  // Of one that is new, nobody knows other defaults.
  const { name: tree, ...rest } = manifest;
  const dated: ManifestInput = { name: tree, version: 2, ...rest };
  const moved = output === undefined ? dated : rebaseManifest(dated, dir, dirname(output));
  const text = `${visibleJson(JSON.stringify(moved, null, 2))}\n`;
  requireLoadable(text, {
    from: file.path,
    file: output ?? `${dir}/outrider.json`,
    platform: anyPlatformOf(manifest),
  });
  if (notes.length > 0) await printErrorsEscaped(...noteLines(basename(file.path), notes));
  if (output !== undefined) return await writeNew(output, text);
  for (const line of text.trimEnd().split("\n")) print(line);
  return EXIT.OK;
};

/** @throws {ManifestError} what was made of `from` can't be loaded as `file`; nothing says where it is in `from` */
function requireLoadable(
  text: string,
  { from, ...where }: { readonly from: string; readonly file: string; readonly platform: string | undefined },
): void {
  try {
    parse(text, where);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    const faults = error.faults.map(({ path, message, hint }): Fault => ({
      path: `the manifest of it: ${path}`,
      line: undefined,
      column: undefined,
      message,
      hint,
    }));
    throw new ManifestError(error.code, { file: from, faults, cause: error });
  }
}

/** How many notes are printed. */
const MOST_NOTES = 1_000;

/** The notes, a line each: what is left out, then what is in another form than in the file. */
function noteLines(file: string, notes: readonly ImportNote[]): string[] {
  const shown = notes.slice(0, MOST_NOTES);
  const lines = [false, true].flatMap((isTaken) => {
    const some = shown.filter((note) => (note.isTaken ?? false) === isTaken);
    if (some.length === 0) return [];
    const lines = some.map(({ line, text }) =>
      line === undefined ? `  ${text}` : `  ${file}:${line}  ${text}`
    );
    return [isTaken ? "Changed:" : "Left out:", ...lines];
  });
  return notes.length === shown.length ? lines : [...lines, `  and ${notes.length - shown.length} more`];
}

/** One that not all of the manifest is left out on. */
function anyPlatformOf({ children, templates = [] }: ManifestInput): string | undefined {
  const [first] = [...children, ...templates];
  return first !== undefined && "platforms" in first ? first.platforms?.[0] : undefined;
}
