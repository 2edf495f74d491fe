/** What the workflows run is there, and the tests for Windows need no POSIX. */
import { assert, assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(new URL(path, root));
const list = ".github/windows-tests.txt";

/** What a test for Windows can't have: programs, signals, paths and permissions of POSIX, and its own path as a text. */
const POSIX =
  /Deno\.(Command|kill|env|execPath|chmod|symlink|makeTempDir)|"sh"|\.pathname|mkfifo|\/bin\/|\/tmp|"\/srv|command: "|fixture/;

/** A file of `tests/` with all that it imports from there, relative to the root. */
function withImports(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, specifier] of read(file).matchAll(/from "(\.[^"]+\.ts)"/g)) {
    const path = new URL(specifier!, new URL(file, root)).href.slice(root.href.length);
    if (path.startsWith("tests/")) withImports(path, seen);
  }
  return seen;
}

Deno.test("the tests that Windows runs exist and use nothing of POSIX", () => {
  const files = read(list).trim().split("\n");
  assert(files.length > 50);
  assertEquals(files, [...new Set(files)].toSorted(), `${list} is sorted`);
  const wrong = files.flatMap((file) =>
    [...withImports(file)].flatMap((path) => {
      const found = POSIX.exec(read(path));
      return found === null ? [] : [`${file}: ${path} has ${found[0]}`];
    })
  );
  assertEquals(wrong, []);
});

Deno.test("the workflows run tasks of deno.json, with actions of a pinned major, the least permissions, and a limit", () => {
  const { tasks } = JSON.parse(read("deno.json")) as { tasks: Record<string, unknown> };
  for (const { name } of Deno.readDirSync(new URL(".github/workflows/", root))) {
    const text = read(`.github/workflows/${name}`);
    for (const [, task = ""] of text.matchAll(/deno task ([\w:]+)/g)) {
      assert(task in tasks, `${name}: ${task}`);
    }
    for (const [, action = ""] of text.matchAll(/uses: (\S+)/g)) {
      assert(/@v\d+$/.test(action) || action.startsWith("./"), `${name}: ${action}`);
    }
    assert(text.includes("\npermissions:\n  contents: read\n"), name);
    assertEquals(text.match(/runs-on:/g)?.length, text.match(/timeout-minutes:/g)?.length, name);
  }
});
