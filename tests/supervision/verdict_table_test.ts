import { assert, assertEquals } from "@std/assert";
import { verdictTable } from "./verdict_table.ts";

const DOCS = new URL("../../docs/supervision.md", import.meta.url);

Deno.test("the manual of supervision holds the decision table as it is in the code", async () => {
  let docs: string;
  try {
    docs = await Deno.readTextFile(DOCS);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  assert(docs.includes(verdictTable()), `docs/supervision.md lacks this table:\n\n${verdictTable()}\n`);
});

Deno.test("the table has a row for each cause of death and says restart where the code does", () => {
  const [head, rule, ...rows] = verdictTable().split("\n");
  assertEquals(head?.match(/`[a-z-]+`/g)?.length, 7);
  assert(/^[| -]+$/.test(rule!));
  const cells = rows.map((row) =>
    row.split("|").slice(3, -1).map((cell) => cell.trim() === "" ? "." : "R").join("")
  );
  assertEquals(cells, [
    "R..R...",
    "RR.....",
    "RR..RR.",
    "RR..RR.",
    "RR..RR.",
    "RR..R..",
    "RR..R.R",
    "RR..R..",
    "RR..R..",
    ".......",
  ]);
});
