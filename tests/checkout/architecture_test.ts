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

/** The folders of `src` that are named in backticks, types of them included. */
function foldersIn(text: string): string[] {
  return [...new Set([...text.matchAll(/`(?:type )?(src\/\w+)\/?`/g)].map(([, folder]) => folder!))]
    .toSorted();
}

Deno.test("docs/architecture.md lists the allowed imports of each folder, and no others", () => {
  const section = read("docs/architecture.md").split("## Who imports whom")[1]!.split("\n## ")[0]!;
  const rows = [...section.matchAll(/^- `([^`]+)` imports ((?:.|\n {2})*?)\.$/gm)];
  const listed = new Map(rows.map(([, from, what]) => [from!, foldersIn(what!)]));
  // The sentence above the list has those; what may import all of `src` stands at its end.
  const atBottom = ["src/time/", "src/text/", "src/permissions/", "src/options/"];
  const folders = RULES.filter(([from, may]) =>
    /^src\/.*\/$/.test(from) && !atBottom.includes(from) && !may.includes("src/")
  );
  assert(folders.length > 10, `${folders.length}`);
  for (const [from, may] of folders) {
    const allowed = foldersIn(may.map((name) => `\`${name}\``).join());
    assertEquals(listed.get(from.slice(0, -1)), allowed, from);
  }
});
