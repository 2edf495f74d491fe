/**
 * The catalogue of errors as text: one code for a terminal, or all of it as the page `docs/errors.md`.
 *
 * @module
 */

import { CATALOGUE } from "./catalogue.ts";
import type { CatalogueSection, ExplainedCode } from "./entry.ts";

const TERMINAL_WIDTH = 80;
/** As deno.json has it, so that formatting leaves the page as it is. */
const PAGE_WIDTH = 110;

const HEAD = `# Errors

Every error of Outrider is of one of the classes below and has a stable \`code\` to match on. Messages are for people and may change. What an error comes from is its \`cause\`, and that of the cause, down to the first. \`outrider errors\` lists the codes, \`outrider errors CODE\` explains one.

With \`--log-format json\`, and \`--json\` where a verb has it, errors are data: \`name\`, \`code\`, \`message\`, the fields listed here, and \`cause\`, which has the same form. In an event they stand in its \`cause\`, or the \`cause\` of its \`exit\`. The one that ends a command is the last line on standard error, as \`error\` of an object with \`time\`, \`level\` and \`type\`.

Not in this list: what your own code throws, and what Deno throws unexpectedly (a disk that fails, say). Both are passed on as they are, as a cause.

This page is made by \`outrider errors --markdown\`.`;

/** One code, for a terminal. */
export function terminalText(code: string, entry: ExplainedCode): string {
  const { classes, what, causes, remedy, example, fields = [] } = entry;
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [title, ...items.map((item) => wrapped(plain(item), TERMINAL_WIDTH, "  - "))];
  return [
    `${code} (${classes.join(", ")})`,
    "",
    wrapped(example, TERMINAL_WIDTH, "  "),
    "",
    wrapped(plain(what), TERMINAL_WIDTH),
    "",
    ...list("Likely causes", causes),
    "",
    "What to do",
    wrapped(plain(remedy), TERMINAL_WIDTH, "  "),
    ...(fields.length === 0 ? [] : ["", ...list("Fields", fields)]),
  ].join("\n");
}

/** The page. */
export function cataloguePage(): string {
  const head = HEAD.split("\n\n").map((paragraph) => wrapped(paragraph, PAGE_WIDTH));
  return [...head, ...CATALOGUE.flatMap(groupText)].join("\n\n") + "\n";
}

function groupText({ title, about, codes }: CatalogueSection): string[] {
  return [
    `## ${title}`,
    wrapped(about, PAGE_WIDTH),
    ...Object.entries(codes).flatMap(([code, entry]) => entryText(code, entry)),
  ];
}

function entryText(
  code: string,
  { classes, what, causes, remedy, example, fields = [] }: ExplainedCode,
): string[] {
  const of = classes.map((name) => `\`${name}\``).join(", ");
  return [
    `### ${code}`,
    wrapped(`${of}. ${what}`, PAGE_WIDTH),
    `\`\`\`text\n${example}\n\`\`\``,
    wrapped(`Likely: ${causes.join("; ")}.`, PAGE_WIDTH),
    wrapped(`What to do: ${remedy}`, PAGE_WIDTH),
    ...(fields.length === 0 ? [] : [wrapped(`Fields: ${fields.join("; ")}.`, PAGE_WIDTH)]),
  ];
}

/** The text in lines of that width; the first begins with `indent`, the others with as many spaces. */
function wrapped(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    const empty = line.trim() === indent.trim();
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = " ".repeat(indent.length) + word;
    } else {
      line += empty ? word : ` ${word}`;
    }
  }
  return [...lines, line].join("\n");
}

/** Without the marks of Markdown. */
function plain(text: string): string {
  return text.replaceAll("`", "");
}
