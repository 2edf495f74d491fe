/** Reading the arguments of a verb. */
import { parseArgs } from "node:util";
import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { parseArguments } from "../../src/cli/arguments.ts";

const OPTIONS = {
  "json": { type: "boolean" },
  "verbose": { type: "boolean", short: "v", default: false },
  "output": { type: "string", short: "o" },
  "for": { type: "string", default: "1s" },
  "merge": { type: "list" },
} as const;

/** The same for Node. */
const NODE_OPTIONS = { ...OPTIONS, "merge": { type: "string", multiple: true } } as const;

/** Pieces of command lines, among them each mistake. */
const PIECES = [
  [
    "file",
    "",
    "-",
    "--",
    "a=b",
    "--json",
    "--verbose",
    "-v",
    "--output",
    "-o",
    "--for",
    "-vv",
    "-vo",
    "-ov",
    "--merge",
    "--merge=a",
    "--merge=-b",
  ],
  ["--output=x", "--output=", "--output=--json", "-ofile", "-o=x", "-vofile", "--json=1", "-vx", "--no-json"],
  ["--jsn", "-x", "---", "--=x", "--__proto__", "--constructor=1", "-5", "--output=-5", "--for=é", "-é"],
].flat();

/** What `parseArgs` of Node makes of it; `undefined`: an error. */
function byNode(args: readonly string[]): { values: object; positionals: readonly string[] } | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: NODE_OPTIONS,
      allowPositionals: true,
    });
    return { values: { json: undefined, output: undefined, merge: [], ...values }, positionals };
  } catch {
    return undefined;
  }
}

Deno.test("arguments are read as parseArgs of node:util reads them, whatever they are", () => {
  const commandLine = fc.array(fc.constantFrom(...PIECES), { maxLength: 5 });
  fc.assert(
    fc.property(commandLine, (args) => {
      const { unknown, isWrong, ...read } = parseArguments(args, OPTIONS);
      assertEquals(unknown === undefined && !isWrong ? read : undefined, byNode(args));
    }),
    { numRuns: 10_000, seed: 7 },
  );
});

Deno.test("the first unknown option is named as it is written, also behind another mistake", () => {
  const unknownOf = (...args: string[]) => parseArguments(args, OPTIONS).unknown;
  assertEquals(unknownOf("--json=1", "--jsn=2", "-x"), { name: "jsn", written: "--jsn" });
  assertEquals(unknownOf("a", "-vxo", "--jsn"), { name: "x", written: "-x" });
  assertEquals(unknownOf("--output", "--jsn", "--", "--jsn"), undefined);
});
