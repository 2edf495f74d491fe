/**
 * The options of log files: where output is written to beside the terminal, and how much of it is kept.
 */

import { filled, flag, key, shape, sizeField, types, whole, word } from "../build.ts";
import type { Property, ShapeField } from "../field.ts";
import type { LogEntry } from "../types.ts";

/** The largest that a log file may get, in bytes: 1 TiB. */
const MAX_FILE = 2 ** 40;
/** How many older files a log may have. */
const MAX_KEPT = 1_000;

const fields: Readonly<Record<string, Property>> = {
  file: key(filled, "The file to write to; its folder must exist", { otherwise: "" }),
  dir: key(
    filled,
    "The folder with a file for each child, such as `web.log`; it is made where it is missing",
    {
      otherwise: "",
    },
  ),
  max: key(
    {
      ...sizeField(MAX_FILE),
      words: ["infinity"],
      input: `SizeInput | "infinity"`,
      output: `number | "infinity"`,
    },
    "The most bytes of a file before a new one is begun; with infinity, others rotate it",
  ),
  keep: key(
    whole(1, MAX_KEPT),
    "How many older files are kept: `web.log.1`, which is the newest, `web.log.2` and so on",
  ),
  gzip: key(flag, "Whether older files are compressed: `web.log.1.gz`"),
  overflow: key(
    word(["wait", "drop"]),
    "Where the disk is slower than a child: make its pipes wait, or drop its newest lines",
  ),
  format: key(word(["text", "json"]), "A timeline to read, or an event a line as JSON"),
};

/** The log files of a child, or of a whole tree. */
export const logField: ShapeField = shape(fields, {
  defaults: "log",
  conditions: { oneOf: [{ required: ["file"] }, { required: ["dir"] }] },
  rule({ file, dir }, refuse, isClean) {
    // A key that is not known may be one of the two, misspelt.
    if (isClean && (file === undefined) === (dir === undefined)) {
      refuse(file === undefined ? `needs "file" or "dir"` : `has "file" and "dir"; leave one of them out`);
    }
  },
  types: types("LogInput", "LogEntry", "A log file, or a folder of log files; one of `file` and `dir`."),
  schema: { id: "Log", description: "A log file, or a folder of log files; one of file and dir." },
});

/** The log files of a tree that code starts: `of` says whose. */
export const codeLogField: ShapeField = {
  ...logField,
  fields: {
    of: key(filled, "The path of the child whose output it takes, with those below it", {
      otherwise: "all that no other log takes",
    }),
    ...fields,
  },
  types: types("LogFileInput", "CheckedLogFile", "Log files of a launched tree; one of `file` and `dir`."),
};

/** The name of a log file in a folder: a path has slashes, and no id has a plus. */
export function logFileName(path: string): string {
  return `${path === "/" ? "+tree" : path.replaceAll("/", "+")}.log`;
}

/** The path of the child whose log file has this name in a folder; none for another file, and that of the tree itself. */
export function placeOf(name: string): readonly string[] {
  const [, place] = /^(\w.*)\.log$/.exec(name) ?? [];
  return place === undefined ? [] : [place.replaceAll("+", "/")];
}

/** What has to be read and written for a log. */
export function logPaths({ file, dir, ...kept }: Pick<LogEntry, "file" | "dir" | "keep" | "gzip">): string[] {
  return [...dir === undefined ? [] : [dir], ...file === undefined ? [] : logFiles(file, kept)];
}

/** All files of a log: the one that is written to, then the older ones, in each form that one may have. */
function logFiles(file: string, { keep, gzip }: Pick<LogEntry, "keep" | "gzip">): string[] {
  return [file, ...Array.from({ length: keep }, (_, index) => rotatedForms(file, index + 1, gzip)).flat()];
}

/** The files that an older one of that number may be: as it was written, and compressed. */
export function rotatedForms(file: string, number: number, gzip: boolean): string[] {
  return gzip ? [`${file}.${number}`, `${file}.${number}.gz`] : [`${file}.${number}`];
}
