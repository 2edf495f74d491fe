/** The rules are those of the docs of `@std/dotenv`, each with the example given there. */
import { assertEquals, assertMatch } from "@std/assert";
import { expandDotenv, parseDotenv } from "../../src/text/dotenv.ts";

const OUTSIDE: Readonly<Record<string, string>> = { KEY: "<KEY_VALUE_FROM_ENV>", EXISTING_KEY: "<EXISTING>" };

function valuesOf(text: string): Readonly<Record<string, string>> {
  return expandDotenv(parseDotenv(text), { outside: (name) => OUTSIDE[name], limit: 10_000 }).values;
}

/** Rule, text, values. */
const RULES: readonly (readonly [string, string, Record<string, string>])[] = [
  ["a variable", "BASIC=basic", { BASIC: "basic" }],
  ["empty lines are skipped", "\nA=1\n\n\nB=2\n", { A: "1", B: "2" }],
  ["lines beginning with # are comments", "# A=1\n  # B=2\nC=3", { C: "3" }],
  ["empty values become empty strings", "EMPTY=", { EMPTY: "" }],
  ["single quotes are taken away", "SINGLE_QUOTE='quoted'", { SINGLE_QUOTE: "quoted" }],
  ["double quotes are taken away", 'DOUBLE_QUOTE="quoted"', { DOUBLE_QUOTE: "quoted" }],
  ["empty quotes", `A=''\nB=""`, { A: "", B: "" }],
  ["newlines are expanded in double quotes", 'MULTILINE="new\\nline"', { MULTILINE: "new\nline" }],
  ["and stay in single quotes", "A='new\\nline'", { A: "new\\nline" }],
  ["a value in quotes may have several lines", "A='\n-----BEGIN\nx\n'\nB=1", { A: "-----BEGIN\nx", B: "1" }],
  ["inner quotes are maintained", 'JSON={"foo": "bar"}', { JSON: '{"foo": "bar"}' }],
  ["space around values without quotes is removed", "FOO= some value ", { FOO: "some value" }],
  ["space within quotes is kept", 'FOO=" some value "', { FOO: " some value " }],
  ["a comment behind a value", "A=1 # x\nB=2#y\nC='3' # z", { A: "1", B: "2", C: "3" }],
  ["equals signs in a value", "EQUALS=equ==als", { EQUALS: "equ==als" }],
  ["indented", "  A=1\n\tB=\t2", { A: "1", B: "2" }],
  ["export is ignored", "export A=1", { A: "1" }],
  ["$KEY and ${KEY} are expanded", "A=$KEY\nB=${KEY}", { A: OUTSIDE.KEY!, B: OUTSIDE.KEY! }],
  ["KEY=$KEY is the value outside", "KEY=$KEY", { KEY: OUTSIDE.KEY! }],
  ["references within the file", "A=1\nB=${A}2\nC=$B", { A: "1", B: "12", C: "12" }],
  ["an escaped dollar sign stays", "KEY=\\$KEY\nB=\\${KEY}", { KEY: "\\$KEY", B: "\\${KEY}" }],
  ["a default", "KEY=${NONE:-default}\nB=$NONE:-/default/path", { KEY: "default", B: "/default/path" }],
  ["a default that is a reference", "A=${NO_SUCH_KEY:-${EXISTING_KEY:-default}}", {
    A: OUTSIDE.EXISTING_KEY!,
  }],
  ["in quotes nothing is expanded", `A='$KEY'\nB="$KEY"`, { A: "$KEY", B: "$KEY" }],
  ["lines of Windows", "A=1\r\nB='2'\r\n", { A: "1", B: "2" }],
];

for (const [rule, text, values] of RULES) {
  Deno.test(`dotenv follows std's rules: ${rule}`, () => assertEquals(valuesOf(text), values));
}

Deno.test("dotenv reports the line when it is not a variable, and reads the others", () => {
  const { ignored } = parseDotenv("A=1\nnothing\n1B=2\nPK='\nx\n'\n__proto__=3\nC=4");
  assertEquals(ignored, [2, 3, 7]);
  assertEquals(valuesOf("A=1\nnothing\nC=4"), { A: "1", C: "4" });
});

Deno.test("dotenv leaves a reference empty and names the variable when what it refers to is not set", () => {
  const read = expandDotenv(parseDotenv("A=1\nPASSWORD=pa$word"), { outside: () => undefined, limit: 100 });
  assertEquals(read.values, { A: "1", PASSWORD: "pa" });
  assertEquals(read.incomplete.map(({ name, line }) => [name, line]), [["PASSWORD", 2]]);
});

Deno.test("dotenv ends when references go round, grow or nest without end", () => {
  assertEquals(valuesOf("A=$B\nB=$A"), { A: "", B: "" });
  const faultOf = (text: string) =>
    expandDotenv(parseDotenv(text), { outside: () => undefined, limit: 10_000 }).fault ?? "";
  const growing = Array.from({ length: 30 }, (_, index) => `A${index}=$A${index + 1}$A${index + 1}`);
  assertMatch(faultOf([...growing, "A30=xxxxxxxx"].join("\n")), /more than 10000/);
  const chain = Array.from({ length: 1_000 }, (_, index) => `A${index}=$A${index + 1}`);
  assertMatch(faultOf(chain.join("\n")), /too deep/);
  assertMatch(faultOf(`A=${"${B:-".repeat(5_000)}${"}".repeat(5_000)}`), /too deep/);
});
