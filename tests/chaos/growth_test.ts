/** A thousand restarts of a real process leave nothing behind in the runtime. */
import { assert, assertEquals } from "@std/assert";
import type { Sample } from "./restart_forever.ts";

/**
 * Bytes that the heap may have grown by from the 250th to the 1,000th restart. What is seen is around 150 KB, of the
 * engine's own making (compiled code, inline caches); a leak of one incarnation a restart would be over 1 MB.
 */
const HEAP_GROWTH = 400_000;

Deno.test("1,000 restarts: no descriptor, timer or memory more than after 250", async (test) => {
  const path = (relative: string) => new URL(relative, import.meta.url).pathname;
  const map = path("../support/npm/import_map.json");
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--v8-flags=--expose-gc",
      `--import-map=${map}`,
      path("restart_forever.ts"),
      "250",
      "1000",
    ],
  }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  const [early, late] = text.decode(stdout).trim().split("\n").map((line) => JSON.parse(line) as Sample);
  assert(late!.restarts - early!.restarts >= 500);
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
