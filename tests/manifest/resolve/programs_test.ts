import { assertEquals, assertThrows } from "@std/assert";
import { ManifestError } from "../../../src/manifest/manifest_errors.ts";
import { parse } from "../../../src/manifest/parse.ts";
import { programsIn } from "../../../src/manifest/resolve/programs.ts";

Deno.test("programs reads the programs of an invalid manifest", () => {
  const text = `{ "name": "x", "children": [
    { "id": "a", "comand": "nothing" },
    { "id": "b", "command": "./bin/b", "cwd": "sub", "env": { "A": "1", "B": 2 }, "restrat": "never" },
    { "id": "s", "children": [{ "command": "cat" }] } ] }`;
  const error = assertThrows(() => parse(text, { file: "/m/outrider.json" }), ManifestError);
  assertEquals(error.programs, [
    { path: "b", command: "/m/bin/b", cwd: "/m/sub", env: { A: "1" } },
    { path: "s/0", command: "cat", cwd: "/m", env: {} },
  ]);
});

Deno.test("programs finds none where the value is not a tree", () => {
  for (const value of [null, 1, "x", [], {}, { children: 1 }, { children: [null, 2, { command: 3 }] }]) {
    assertEquals(programsIn(value, "/m"), []);
  }
});
