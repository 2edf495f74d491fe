/** Two thousand restarts of a real process leave nothing behind in the runtime. */
import { assert, assertEquals } from "@std/assert";
import type { Sample } from "./restart_forever.ts";

/**
 * Bytes that the heap may have grown by from the 500th to the 2,000th restart. What is seen is around 150 KB, of the
 * engine's own making (compiled code, inline caches); a leak of one event a restart would be 300 KB, of one
 * incarnation several MB.
 */
const HEAP_GROWTH = 600_000;

Deno.test("2,000 restarts: no descriptor, timer or memory more than after 500", async (test) => {
  const path = (relative: string) => new URL(relative, import.meta.url).pathname;
  const map = path("../support/npm/import_map.json");
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--v8-flags=--expose-gc",
      `--import-map=${map}`,
      path("restart_forever.ts"),
      "500",
      "2000",
    ],
  }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  const [early, late] = text.decode(stdout).trim().split("\n").map((line) => JSON.parse(line) as Sample);
  assert(late!.restarts - early!.restarts >= 1_000);
  assertEquals([early!.timers, late!.timers], [0, 0]);
  const grown = late!.heap - early!.heap;
  assert(grown < HEAP_GROWTH, `the heap has grown by ${grown} bytes`);
  await test.step({
    name: "descriptors",
    // They are counted in /proc, which Linux alone has.
    ignore: Deno.build.os !== "linux",
    fn: () => assertEquals(late!.descriptors, early!.descriptors),
  });
});
