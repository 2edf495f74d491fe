/** docs/coming-from-process-managers.md: every field and command of Outrider that it names is there. */
import { assert, assertEquals } from "@std/assert";
import { parse } from "../../src/manifest/parse.ts";
import { jsonSchema } from "../../src/manifest/json_schema.ts";
import { VERB_HELP } from "../../src/cli/verb_help.ts";
import { checkout } from "./outrider.ts";

const page = Deno.readTextFileSync(`${checkout}docs/coming-from-process-managers.md`);

/** Every name of a property, anywhere in a schema. */
function* propertiesOf(schema: unknown): Generator<string> {
  if (typeof schema !== "object" || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties") yield* Object.keys(value);
    yield* propertiesOf(value);
  }
}

const schema = jsonSchema();
const fields = new Set(propertiesOf(schema));
const words = new Set(JSON.stringify(schema).match(/(?<=")[\w-]+(?=")/g));

/** The last cells of the tables with `head` in it, with the code that stands in each. */
function lastCells(head: RegExp): string[][] {
  return [...page.matchAll(/^\|.*\|\n\| -.*\n((?:\|.*\n)+)/gm)].filter(([table]) =>
    head.test(table.split("\n")[0]!)
  )
    .flatMap(([, rows = ""]) => rows.trim().split("\n"))
    .map((row) => [...row.split(/(?<!\\)\|/).at(-2)!.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code));
}

Deno.test("every field that the tables name is one of a manifest", () => {
  const codes = lastCells(/\| (?:in a manifest|here) /).flat().filter((code) =>
    !code.startsWith("outrider ")
  );
  assert(codes.length > 120, String(codes.length));
  const unknown = codes.flatMap((code) => {
    if (/^(bwrap|prlimit|node --watch|workers\/1)$/.test(code)) return [];
    const quoted = [...code.matchAll(/"([\w-]+)"/g)].map(([, word = ""]) => word);
    const names = quoted.length > 0 ? quoted : code.split(".");
    return names.filter((name) =>
      !fields.has(name) && !words.has(name) && !/^(PORT|NUMBER|5000)$/.test(name)
    );
  });
  assertEquals(unknown, []);
});

Deno.test("every command that the page names is a verb, with options that it has", () => {
  const codes = [...page.matchAll(/`outrider ([a-z]+)([^`…]*)`/g)];
  assert(codes.length > 80, String(codes.length));
  const unknown = codes.flatMap(([code, verb = "", rest = ""]) => {
    const help = VERB_HELP[verb] ?? "";
    const options = rest.split(" ").filter((word) => /^--?[a-z]/.test(word));
    const isKnown = help !== "" && options.every((option) => new RegExp(`\\s${option},?\\s`).test(help));
    return isKnown ? [] : [code];
  });
  assertEquals(unknown, []);
});

Deno.test("the pieces of manifests on the page are taken", () => {
  const child = { id: "web", command: "web" };
  const tree = (fields: string, ...children: object[]) =>
    parse(`{ "name": "t", "children": ${JSON.stringify([child, ...children])}, ${fields} }`, {
      file: "t.json",
    });
  tree(`"onLimit": { "quarantine": {} }`);
  tree(`"autoShutdown": "any_significant"`, { ...child, id: "tests", restart: "no", significant: true });
  for (
    const fields of [
      `"stop": { "term": "30s" }`,
      `"start": false`,
      `"env": { "PORT": { "from": "PORT", "default": "5000" } }`,
    ]
  ) {
    const [key] = Object.keys(JSON.parse(`{${fields}}`));
    assert(page.includes(key!));
    tree(`"onLimit": "escalate"`, { id: "b", command: "b", ...JSON.parse(`{${fields}}`) });
  }
});
