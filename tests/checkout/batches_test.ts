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
