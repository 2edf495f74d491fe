/**
 * The sections of docs/errors.md, read for `outrider errors`. A test holds the page to the form that is read here.
 */

import { ERRORS_PAGE } from "./errors_page.ts";

/** One code, explained. All but the example is Markdown. */
export interface ExplainedCode {
  readonly code: string;
  /** The heading above it. */
  readonly section: string;
  /** The classes whose errors have it. */
  readonly classes: readonly string[];
  /** The meaning of the error, in a sentence or two. */
  readonly what: string;
  /** An example of its message. */
  readonly example: string;
  /** Its likely causes. */
  readonly causes: readonly string[];
  /** The way out. */
  readonly remedy: string;
  /** Fields of the error that help, beside `code`, `message` and `cause`. */
  readonly fields: readonly string[];
}

const FORM = new RegExp(
  [
    /^(?<code>\S+)\n\n(?<classes>`[^.]+`)\. (?<what>[^]+?)\n\n/,
    /```text\n(?<example>.+)\n```\n\n/,
    /Likely: (?<causes>[^]+?)\.\n\nWhat to do: (?<remedy>[^]+?)(?:\n\nFields: (?<fields>[^]+)\.)?$/,
  ].map(({ source }) => source).join(""),
);

/** Every code, in the order of the page. */
export const EXPLAINED_CODES: ReadonlyMap<string, ExplainedCode> = new Map(
  ERRORS_PAGE.split("\n## ").slice(1).flatMap((part) => {
    const [heading = "", ...entries] = part.split("\n### ");
    const section = heading.split("\n")[0]!;
    return entries.map((entry) => readEntry(entry.trim(), section)).map((entry) => [entry.code, entry]);
  }),
);

function readEntry(text: string, section: string): ExplainedCode {
  const parts = FORM.exec(text)!.groups!;
  const prose = (name: string) => (parts[name] ?? "").replaceAll("\n", " ");
  const list = (name: string) => prose(name).split("; ").filter((item) => item !== "");
  return {
    section,
    code: prose("code"),
    classes: prose("classes").replaceAll("`", "").split(", "),
    what: prose("what"),
    example: prose("example"),
    causes: list("causes"),
    remedy: prose("remedy"),
    fields: list("fields"),
  };
}

const TERMINAL_WIDTH = 80;

/** One code, for a terminal. */
export function explainedText(
  { code, classes, what, causes, remedy, example, fields }: ExplainedCode,
): string {
  const items = (texts: readonly string[]) => texts.map((text) => wrapped(plain(text), "  - "));
  return [
    `${code} (${classes.join(", ")})`,
    "",
    wrapped(example, "  "),
    "",
    wrapped(plain(what)),
    "",
    "Likely causes",
    ...items(causes),
    "",
    "What to do",
    wrapped(plain(remedy), "  "),
    ...(fields.length === 0 ? [] : ["", "Fields", ...items(fields)]),
  ].join("\n");
}

/** Without the marks of Markdown. */
function plain(text: string): string {
  return text.replaceAll("`", "");
}

/** The text in lines; the first begins with `indent`, the others with as many spaces. */
function wrapped(text: string, indent = ""): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    const empty = line.trim() === indent.trim();
    if (!empty && line.length + 1 + word.length > TERMINAL_WIDTH) {
      lines.push(line);
      line = " ".repeat(indent.length) + word;
    } else {
      line += empty ? word : ` ${word}`;
    }
  }
  return [...lines, line].join("\n");
}
