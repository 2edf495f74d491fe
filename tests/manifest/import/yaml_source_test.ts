/** YAML with its lines: what people write is read, what is made to take for ever is refused at once. */
import { assertEquals, assertThrows } from "@std/assert";
import { readYaml } from "../../../src/manifest/import/yaml_source.ts";
import { ManifestError } from "../../../src/manifest/manifest_errors.ts";

const read = (text: string) => readYaml(text, "/srv/a.yaml");
const fault = (text: string) => {
  const { faults } = assertThrows(() => read(text), ManifestError);
  return `${faults[0]!.line}: ${faults[0]!.message}`;
};

Deno.test("readYaml finds the line of a value, also where an alias or a merge has put it", () => {
  const { value, lineOf } = read("a: &a\n  x: 1\n  y: [p,\n    q]\nb:\n  <<: *a\n  x: 2\nc: *a\n");
  assertEquals(value, { a: { x: 1, y: ["p", "q"] }, b: { x: 2, y: ["p", "q"] }, c: { x: 1, y: ["p", "q"] } });
  const paths = [["a", "y", 1], ["b", "x"], ["b", "y"], ["c"], ["c", "x"], ["a", "none", "such"], []];
  assertEquals(paths.map(lineOf), [4, 7, 3, 8, 2, 1, 1]);
});

Deno.test("readYaml refuses with the line what is not YAML, or has a key twice, a loop or a second document", () => {
  assertEquals(fault("a:\n\tb: 1"), "2: not YAML: tabs are not allowed as indentation");
  assertEquals(fault("a: 1\nb: 2\na: 3"), '3: the key "a" again; the first is on line 1');
  assertEquals(fault("a: &a\n  b: *a"), '2: no anchor "a" before this');
  assertEquals(fault("a: 1\n---\nb: 1"), "2: a second document; expected one");
  assertEquals(fault("a: 1\n<<: 2"), '2: expected a mapping, or a list of them, after "<<"');
  assertEquals(fault("? [a]\n: 1"), "1: a key that is not text");
  assertEquals(fault("# nothing"), "undefined: there is nothing in it but space and comments");
});

Deno.test("readYaml has an answer within seconds when a file is made to take for ever", () => {
  const lines = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => line(index)).join("\n");
  const levels = [
    "a: &a [x, x]",
    ...["b", "c", "d", "e", "f", "g", "h"].map((name, at) =>
      `${name}: &${name} [${Array(30).fill(`*${"abcdefg"[at]}`)}]`
    ),
  ];
  assertEquals(typeof read(levels.join("\n")).value, "object");
  assertEquals(
    typeof read(lines(5_000, (at) => `k${at}: &k${at} x`) + "\n" + lines(5_000, (at) => `r${at}: *k${at}`))
      .value,
    "object",
  );
  const wide = `a: &a {${lines(2_000, (at) => ` k${at}: 1,`)}\n }\nb:\n`;
  assertEquals(fault(wide + lines(100, () => " - {<<: *a}")), '2053: "<<" merges more than 100000 keys');
  assertEquals(fault("[".repeat(2_000)), "1: nests deeper than 100 levels");
  assertEquals(fault("[".repeat(150) + "]".repeat(150)), "1: nests deeper than 100 levels");
});
