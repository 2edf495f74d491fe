/**
 * The text of an INI file by the rules of Python's `configparser`, as supervisord uses it. Pure.
 *
 * A line that is indented goes on with the value above it, `;` and `#` behind a space begin a comment, and of a key that
 * comes twice the last counts.
 */

import type { ImportReport } from "../report.ts";

/** A value, and the line that it begins on. */
interface IniValue {
  readonly text: string;
  readonly line: number;
}

/** A section. */
export interface IniSection {
  readonly name: string;
  readonly line: number;
  /** By key, in lower case. */
  readonly values: ReadonlyMap<string, IniValue>;
}

/** A section while it is read. */
interface OpenSection {
  readonly name: string;
  readonly line: number;
  readonly values: Map<string, IniValue>;
}

/** Reads all sections, in the order of their first lines; what is not INI is a fault, what a later line replaces a note. */
export function readIni(text: string, report: ImportReport): IniSection[] {
  const sections = new Map<string, OpenSection>();
  let section: OpenSection | undefined;
  let key: string | undefined;
  let indent = 0;
  for (const [index, whole] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1;
    const content = withoutComment(whole);
    const value = content.trim();
    if (value === "") continue;
    const depth = content.length - content.trimStart().length;
    const open = key === undefined ? undefined : section?.values.get(key);
    if (open !== undefined && depth > indent) {
      section!.values.set(key!, { ...open, text: `${open.text}\n${value}` });
      continue;
    }
    indent = depth;
    const [, header] = /^\[(.+)\]/.exec(value) ?? [];
    if (header !== undefined) {
      section = sections.get(header) ?? { name: header, line, values: new Map() };
      sections.set(header, section);
      key = undefined;
      continue;
    }
    const cut = value.search(/[=:]/);
    const given = value.slice(cut + 1).trim();
    if (section === undefined) report.fault([line], "expected a section before it, such as [program:web]");
    else if (cut < 1) report.fault([line], 'expected "key=value" or a section');
    else {
      key = value.slice(0, cut).trim().toLowerCase();
      const earlier = section.values.get(key);
      if (earlier !== undefined) {
        report.leftOut([earlier.line], `"${key}", as it comes again on line ${line}, which counts`);
      }
      section.values.set(key, { text: given, line });
      continue;
    }
    key = undefined;
  }
  return [...sections.values()];
}

/** A comment is a line of its own, or comes behind a space. */
function withoutComment(line: string): string {
  const at = /^\s*[;#]|\s[;#]/.exec(line)?.index;
  return at === undefined ? line : line.slice(0, at);
}
