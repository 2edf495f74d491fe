/** JSON with comments: what is allowed, and where a text goes wrong. */
import { assertEquals } from "@std/assert";
import { parse } from "../../../src/manifest/parse.ts";
import { errorOf, faultsOf, FILE, treeOf } from "../probe.ts";

const leaf = `{"id":"a","command":"b"}`;

Deno.test("comments, trailing commas, CRLF and a byte order mark are fine", () => {
  const text =
    `\ufeff// one\r\n{ /* two */ "name": "t", // three\r\n "children": [${leaf},],\r\n}\r\n// four`;
  assertEquals(parse(text, { file: FILE }).name, "t");
});

Deno.test("a byte order mark and CRLF do not shift places", () => {
  assertEquals(faultsOf(`\ufeff{"name":1,\r\n"children":[${leaf}],\r\n  "x":1}`), [
    "1:9 name: expected a string, got a number",
    "3:3 x: unknown key; valid keys are $schema, version, defaults, name, description, strategy, intensity, onLimit, onStartFailure, autoShutdown, " +
    "env, envFile, stopWithin, onHostDeath, permissions, log, children, templates",
  ]);
});

Deno.test("a text with nothing in it is empty", () => {
  for (const text of ["", " \n\t", "\ufeff", "// nothing\n/* at all */"]) {
    assertEquals(errorOf(text).code, "manifest_empty", JSON.stringify(text));
  }
});

Deno.test("broken JSON says where, one fault a line", () => {
  const cases: [string, string[]][] = [
    [`{"name": "t"\n"children": []}`, [`2:1 : expected "," before this`]],
    [`{name: "t"}`, [`1:2 : "name" is not valid JSON; keys and text go in double quotes`]],
    [`{'name': 1}`, [`1:2 : "'name'" is not valid JSON; keys and text go in double quotes`]],
    [`{"name": nul,\n"children": tru}`, [
      `1:10 : "nul" is not valid JSON; keys and text go in double quotes`,
      `2:13 : "tru" is not valid JSON; keys and text go in double quotes`,
    ]],
    [`{"name": "t"`, [`1:13 : expected "}"`]],
    [`{"name": "\\q"}`, [`1:10 : unknown escape; a backslash is written "\\\\"`]],
    [`{"name": "t"} {}`, ["1:15 : expected nothing after the manifest"]],
    [`{"name": "t" /* x`, ["1:14 : the comment has no end"]],
    [`{"name" "t"}`, [`1:9 : expected ":" after the key`]],
    [`hello`, [`1:1 : "hello" is not valid JSON; keys and text go in double quotes`]],
  ];
  for (const [text, faults] of cases) {
    assertEquals(faultsOf(text), faults, text);
    assertEquals(errorOf(text).code, "manifest_invalid");
  }
});

Deno.test("a key that stands twice is a fault, at any level", () => {
  assertEquals(
    faultsOf(`{"name":"t",\n"name":"u",\n"children":[{"id":"a","command":"b","stop":{"term":1,"term":2}}]}`),
    [
      "2:1 name: the same key again; the first is on line 1",
      "3:54 children[0].stop.term: the same key again; the first is on line 3",
    ],
  );
});

Deno.test("JSON nests as deep as a manifest needs, and no deeper", () => {
  const at = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const message = (text: string) => errorOf(text).faults.map((fault) => fault.message);
  assertEquals(message(at(101)), ["nests deeper than 100 levels"]);
  assertEquals(message("[".repeat(900_000)), ["nests deeper than 100 levels"]);
  assertEquals(
    message(at(100)),
    ["nests deeper than 100 levels"].slice(1).concat("expected an object, got an array"),
  );
  const reply = { deep: JSON.parse(at(89)) };
  parse(treeOf({ id: "a", command: "b", protocol: "ndjson", ready: { reply } }), { file: FILE });
});
