/** docs/cli.md has every verb, and no others; what it shows of `init` is printed. docs/verbs.md has the help of each. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkout, Folder, outrider } from "./outrider.ts";
import { Session } from "./session.ts";

const page = Deno.readTextFileSync(`${checkout}docs/cli.md`);
await using session = new Session({ flags: [] });
const helpOf = async (...verb: string[]) => (await session.run([...verb, "--help"])).stdout;
const verbs = [...(await helpOf()).matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, verb = ""]) => verb);
const helps = await Promise.all(verbs.map(async (verb) => [verb, await helpOf(verb)] as const));

Deno.test("docs/cli.md lists every verb as its help has it, and no other", () => {
  assert(verbs.length >= 15);
  const usages = helps.map(([, help]) =>
    /^Usage: outrider (.*)/.exec(help)![1]!.replace(/ \[(OPTIONS|-o OUT|--.*)\]$/, "").replace(
      " [OPTIONS]",
      "",
    )
  );
  const [table] = page.split("## Exit codes");
  const listed = [...table!.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, usage = ""]) => usage);
  assertEquals(listed.toSorted(), usages.toSorted());
});

Deno.test("docs/verbs.md has the help of every verb, in the order of the list, and no other", () => {
  const text = Deno.readTextFileSync(`${checkout}docs/verbs.md`);
  const parts = text.split(/^## /m).slice(1).map((part) => part.trimEnd());
  assertEquals(parts, helps.map(([verb, help]) => `${verb}\n\n\`\`\`text\n${help}\`\`\``));
});

Deno.test("the help of explain names every cause that is a word, as the error for another word does", async () => {
  const { stderr } = await outrider([
    "explain",
    `${checkout}examples/quickstart/outrider.json`,
    "clock",
    "boredom",
  ]);
  const [, words = ""] = /a signal, or (.*)\n/.exec(stderr) ?? [];
  const help = new Map(helps).get("explain")!.replaceAll(/\s+/g, " ");
  assert(words.split(", ").length > 5, stderr);
  assertStringIncludes(help, `such as SIGKILL; or ${words} `);
});

Deno.test("docs/cli.md shows the output of init", async () => {
  await using folder = new Folder();
  const { stdout } = await outrider(["init"], { cwd: folder.path });
  assertStringIncludes(page, `$ outrider init\n${stdout}`);
});
