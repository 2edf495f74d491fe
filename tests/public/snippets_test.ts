/**
 * Each program that README, the docs and the doc comments show runs to its end. `deno test --doc` does the same, with an
 * isolate and all modules of the package anew for each: a quarter of a second of processor time.
 */
import { assert } from "@std/assert";
import { checkout } from "../cli/outrider.ts";

/** Where programs are shown, relative to the checkout. */
const SHOWN = ["README.md", "docs", "mod.ts", "src", "actors", "examples"];

/** A block of code that is not marked with `ignore`. */
interface Snippet {
  readonly path: string;
  /** The path, and the lines of the block in the file. */
  readonly name: string;
  readonly code: string;
}

/** The Markdown and TypeScript files at or below `path`. */
function filesOf(path: string): string[] {
  if (!Deno.statSync(checkout + path).isDirectory) return /\.(md|ts)$/.test(path) ? [path] : [];
  return [...Deno.readDirSync(checkout + path)].flatMap(({ name }) => filesOf(`${path}/${name}`)).sort();
}

/** The same text with what is no doc comment, and the stars of those, taken away; all lines stay where they are. */
function docComments(text: string): string {
  let isInside = false;
  return text.split("\n").map((line) => {
    isInside ||= /^\s*\/\*\*/.test(line);
    const shown = isInside ? line.replace(/^\s*\/?\*+\/? ?/, "") : "";
    if (line.includes("*/")) isInside = false;
    return shown;
  }).join("\n");
}

/** The programs in `text`, of the file `path`. */
function snippetsOf(path: string, text: string): Snippet[] {
  const shown = path.endsWith(".ts") ? docComments(text) : text;
  return [...shown.matchAll(/^ *```(?:[tj]sx?|typescript|javascript)((?: [^\n]*)?)\n(.*?)^ *```$/gms)]
    .filter(([, attributes]) => !/\bignore\b/.test(attributes!))
    .map(({ index, 0: block, 2: code = "" }) => {
      const first = shown.slice(0, index).split("\n").length;
      return { path, name: `${path}#${first}-${first + block.split("\n").length - 1}`, code };
    });
}

/** A module of `code` as if it were in `path`; what is exported by name `run` runs it, unless it is a module itself. */
function moduleOf(path: string, code: string): string {
  const imports: string[] = [];
  const body = code.replace(/^import [^;]*;$/gm, (statement) => {
    const from = new URL(path, `file://${checkout}`);
    imports.push(statement.replace(/"(\.[^"]*)"/, (_, relative) => `"${new URL(relative, from)}"`));
    return "";
  });
  return [...imports, ...(/^export /m.test(body) ? [body] : ["export async function run() {", body, "}"])]
    .join("\n");
}

const snippets = SHOWN.flatMap(filesOf)
  .flatMap((path) => snippetsOf(path, Deno.readTextFileSync(checkout + path)));
const folder = Deno.makeTempDirSync({ prefix: "outrider-snippets-" });
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

for (const [index, { path, name, code }] of snippets.entries()) {
  Deno.test(`${name} runs to its end`, async () => {
    const file = `${folder}/${index}.ts`;
    await Deno.writeTextFile(file, moduleOf(path, code));
    const { run } = await import(`file://${file}`);
    await run?.();
  });
}

Deno.test("there are programs in the README, the docs and the sources", () => {
  for (const part of ["README.md", "docs/", "src/", "actors/", "mod.ts"]) {
    assert(snippets.some(({ path }) => path.startsWith(part)), part);
  }
});
