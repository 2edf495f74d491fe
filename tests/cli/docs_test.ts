/** docs/cli.md has every verb with every option of it, and no others; what it shows of `init` is printed. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkout, Folder, outrider, outriderEach } from "./outrider.ts";

const page = Deno.readTextFileSync(`${checkout}docs/cli.md`);
const { stdout: help } = await outrider(["--help"], { flags: [] });
const verbs = [...help.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, verb = ""]) => verb);
const outcomes = await outriderEach(verbs.map((verb) => [verb, "--help"]), { flags: [] });
const helps = verbs.map((verb, index) => [verb, outcomes[index]!.stdout] as const);

/** The rows of the first table behind a heading. */
function rows(heading: string): string[][] {
  const section = page.split(`\n${heading}\n`)[1]!;
  const [table] = section.slice(section.indexOf("\n|") + 1).split("\n\n");
  return table!.split("\n").slice(2).map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("docs/cli.md lists every verb as its help has it, and no other", () => {
  assert(verbs.length >= 15);
  const usages = helps.map(([, help]) =>
    /^Usage: outrider (.*)/.exec(help)![1]!.replace(/ \[(OPTIONS|-o OUT|--.*)\]$/, "").replace(
      " [OPTIONS]",
      "",
    )
  );
  const [table] = page.split("## Options");
  const listed = [...table!.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, usage = ""]) => usage);
  assertEquals(listed.toSorted(), usages.toSorted());
});

Deno.test("docs/cli.md lists every option of every verb, and no other", () => {
  const found = helps.flatMap(([verb, help]) =>
    [...help.matchAll(/^ {2}(-[-\w]+(?:, --[-\w]+)?(?: [A-Z]+)?) {2,}\S/gm)].map(([, option]) =>
      `${verb} ${option}`
    )
  );
  assert(found.length > 25);
  const listed = rows("## Options").map(([verb, option]) => `${verb} ${option}`.replaceAll("`", ""));
  assertEquals(listed.toSorted(), found.toSorted());
});

Deno.test("docs/cli.md shows the output of init", async () => {
  await using folder = new Folder();
  const { stdout } = await outrider(["init"], { cwd: folder.path });
  assertStringIncludes(page, `$ outrider init\n${stdout}`);
});
