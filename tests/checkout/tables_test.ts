/** Tables of the pages fit a terminal: no cell is longer than 100 characters; longer text is a paragraph or a list. */
import { assert, assertEquals } from "@std/assert";

const LONGEST = 100;
const root = new URL("../../", import.meta.url);

/** The cells of a page's tables that are too long, each as `line: its beginning`; what is in code blocks is no table. */
function longCells(markdown: string): string[] {
  let inCode = false;
  return markdown.split("\n").flatMap((line, index) => {
    if (/^\s*(```|~~~)/.test(line)) inCode = !inCode;
    if (inCode || !/^\s*\|/.test(line)) return [];
    const cells = line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
    // The line of dashes is as long as its column.
    return cells.filter((cell) => cell.length > LONGEST && !/^:?-+:?$/.test(cell))
      .map((cell) => `${index + 1}: ${cell.slice(0, 40)}`);
  });
}

/** The pages of the checkout, relative to its root. */
function* pages(): Generator<string> {
  for (const { name } of Deno.readDirSync(root)) if (name.endsWith(".md")) yield name;
  for (const { name } of Deno.readDirSync(new URL("docs/", root))) {
    if (name.endsWith(".md")) yield `docs/${name}`;
  }
  for (const { name, isDirectory } of Deno.readDirSync(new URL("examples/", root))) {
    if (isDirectory) yield `examples/${name}/README.md`;
  }
}

Deno.test("no cell of a table in the pages is longer than 100 characters", async () => {
  const found: string[] = [];
  let tables = 0;
  for (const page of pages()) {
    const text = await Deno.readTextFile(new URL(page, root));
    tables += text.match(/^\| *-/gm)?.length ?? 0;
    found.push(...longCells(text).map((cell) => `${page}:${cell}`));
  }
  assert(tables > 30, `${tables}`);
  assertEquals(found, []);
});

Deno.test("longCells finds a long cell where it stands, and nothing in code or between cells", () => {
  const long = "x".repeat(101);
  const page = [
    `| a | ${long} |`,
    `| ${"-".repeat(120)} | - |`,
    `| ${"y".repeat(60)} | ${"z".repeat(60)} |`,
    `| ${"v".repeat(60)}\\|${"w".repeat(60)} |`,
    "```text",
    `| ${long} |`,
    "```",
    long,
  ].join("\n");
  assertEquals(longCells(page), [`1: ${"x".repeat(40)}`, `4: ${"v".repeat(40)}`]);
});
