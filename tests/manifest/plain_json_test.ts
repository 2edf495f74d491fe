import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { MAX_DEPTH, plainJson } from "../../src/manifest/plain_json.ts";

Deno.test("plainJson gives the value of any JSON text whose keys are told apart", () => {
  fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => {
    assertEquals(plainJson(text), { value: JSON.parse(text) });
  }));
});

Deno.test("plainJson takes no text when it has comments, a key twice or too many levels", () => {
  const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  const cases: [text: string, isPlain: boolean][] = [
    [`{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": ":"}]}`, true],
    [`{"a": 1, "a": 1}`, false],
    [`{"a": 1, "\\u0061": 1}`, false],
    [`{"x": {"a": 1, "b": [{}], "a": 1}}`, false],
    [`{"a\\"": "{", "a": "a\\\\"}`, true],
    [`{"a": 1, // why\n"b": 2}`, false],
    [`{"a": 1,}`, false],
    ["", false],
    [deep(MAX_DEPTH), true],
    [deep(MAX_DEPTH + 1), false],
  ];
  for (const [text, isPlain] of cases) assertEquals([text, plainJson(text) !== undefined], [text, isPlain]);
  assertEquals(plainJson(`"${"\\\\x".repeat(300_000)}"`) !== undefined, true);
});
