/** What all files keep to: an exported name has one meaning, a module is imported once, tests share one process. */
import { assertEquals } from "@std/assert";
import { confusingNames, doubleImports } from "./names.ts";

/** Names that two files declare on purpose, with the reason. */
const ALLOWED: readonly string[] = [];

const root = new URL("../../", import.meta.url);

async function textsIn(folders: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  async function read(folder: string): Promise<void> {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
      if (isDirectory) await read(`${folder}${name}/`);
      else if (name.endsWith(".ts") && !name.endsWith(".d.ts")) { // an outline is of its module
        texts.set(`${folder}${name}`, await Deno.readTextFile(new URL(folder + name, root)));
      }
    }
  }
  for (const folder of folders) await read(folder);
  return texts;
}

Deno.test("an exported name has one meaning in the package", async () => {
  assertEquals(confusingNames(await textsIn(["src/", "actors/"]), ALLOWED), []);
});

Deno.test("a file imports a module once", async () => {
  assertEquals(doubleImports(await textsIn(["src/", "actors/", "tests/", "examples/"])), []);
});

Deno.test("a test changes no variable, folder or mask of the process that it shares with all others", async () => {
  const tests = [...await textsIn(["tests/"])].filter(([file]) => file.endsWith("_test.ts"));
  const changing = tests.filter(([, text]) => /\bDeno\.(env\.(set|delete)|chdir|umask)\(/.test(text));
  assertEquals(changing.map(([file]) => file), [], "do it in a process of the test's own");
});

Deno.test("the check of names reports a name when two files declare it", () => {
  const files = new Map([
    ["a.ts", "export interface Place {\n}\nexport function run(): void;\nexport function run(): void {\n}\n"],
    ["b.ts", 'export class Place {\n}\nexport { run } from "./a.ts";\n'],
  ]);
  assertEquals(confusingNames(files, []), ["Place is declared in a.ts and b.ts"]);
  assertEquals(confusingNames(files, ["Place"]), []);
});

Deno.test("the check of names reports names when they differ in case or by an s alone", () => {
  const files = new Map([
    ["a.ts", "export type SetId = 1;\nexport const LIMIT = 1;\nexport interface Step {\n}\n"],
    [
      "b.ts",
      "export type SetID = 1;\nexport const limit = 1;\nexport type Steps = 1;\nexport const steps = 1;\n",
    ],
  ]);
  assertEquals(confusingNames(files, []), [
    "Step in a.ts and Steps in b.ts differ by an s",
    "SetId and SetID differ in case alone",
  ]);
});

Deno.test("the check of imports reports a module when a file names it twice", () => {
  const twice =
    'import { a } from "./x.ts";\nimport type { B } from "./x.ts";\nimport * as x from "./x.ts";\n';
  assertEquals(doubleImports(new Map([["a.ts", twice], ["b.ts", twice.replace(/^.*\n/, "")]])), [
    "a.ts imports ./x.ts twice",
  ]);
});
