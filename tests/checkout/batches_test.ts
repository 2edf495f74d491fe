/** No test is lost on the way to its isolate: what the tasks leave out is what the batches load. */
import { assert, assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);

Deno.test("each task of tests leaves out the folders that a batch loads, and no other", () => {
  const batches = new URL("tests/batches/", root);
  const loaded = [...Deno.readDirSync(batches)].filter(({ name }) => name.endsWith("_test.ts")).flatMap(
    ({ name }) => {
      const [, list = ""] = /await load\(([^)]*)\);/.exec(Deno.readTextFileSync(new URL(name, batches))) ??
        [];
      return [...list.matchAll(/"(\w+)"/g)].map(([, folder]) => `tests/${folder}`);
    },
  );
  assert(loaded.length > 5);
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root)));
  for (const task of ["test", "test:jsr"]) {
    const [, list = ""] = / --ignore=(\S+)/.exec(tasks[task].command) ?? [];
    assertEquals(list.split(",").toSorted(), loaded.toSorted(), task);
  }
});

Deno.test("a file that has an isolate of its own is loaded by that, and there is one of its name alone", () => {
  for (const { name } of Deno.readDirSync(new URL("tests/batches/alone/", root))) {
    const text = Deno.readTextFileSync(new URL(`tests/batches/alone/${name}`, root));
    const [, path = ""] = /import "\.\.\/\.\.\/(\S+)";/.exec(text) ?? [];
    assert(path.endsWith(`/${name}`), name);
    assertEquals(
      named(new URL("tests/", root), name).filter((found) => !found.includes("/alone/")).length,
      1,
    );
  }
});

/** The files of that name below `folder`. */
function named(folder: URL, name: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) => {
    const path = new URL(`${entry.name}${entry.isDirectory ? "/" : ""}`, folder);
    return entry.isDirectory ? named(path, name) : entry.name === name ? [path.pathname] : [];
  });
}
