/** docs/architecture.md and CONTRIBUTING.md name files and folders that exist, and imports that are allowed. */
import { assert, assertEquals } from "@std/assert";
import { RULES } from "./layers.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(new URL(path, root));

function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(path, root));
    return true;
  } catch {
    return false;
  }
}

/** The paths of the checkout that a page names in backticks. */
function pathsOf(page: string): string[] {
  return [...read(page).matchAll(/`((?:src|actors|tests|docs|examples|\.github)(?:\/[\w./-]+)?|mod\.ts)`/g)]
    .map(([, path]) => path!);
}

for (const [page, least] of [["docs/architecture.md", 40], ["CONTRIBUTING.md", 15]] as const) {
  Deno.test(`${page} names files and folders that exist`, () => {
    const paths = pathsOf(page);
    assert(paths.length >= least, `${paths.length}`);
    assertEquals(paths.filter((path) => !exists(path)), []);
  });
}

Deno.test("docs/architecture.md lists the allowed imports of each folder", () => {
  const section = read("docs/architecture.md").split("## Who imports whom")[1]!.split("\n## ")[0]!;
  const rows = [...section.matchAll(/^- `([^`]+)` imports ((?:.|\n {2})*?)\.$/gm)];
  assert(rows.length >= 6);
  for (const [, from, what] of rows) {
    const rule = RULES.find(([prefix]) => prefix === `${from}/`);
    if (from === "actors") continue;
    assert(rule !== undefined, from);
    const allowed = rule[1].map((name) => name.replace(/^type /, "").replace(/\/$/, ""));
    const said = [...what!.matchAll(/`([^`]+)`/g)].map(([, path]) => path!);
    assertEquals(said.filter((path) => !allowed.includes(path)), [], from);
  }
});
