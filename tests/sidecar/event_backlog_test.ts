/** What a reader of events who is behind, and a tap whose sink is, keep in memory. */
import { assert, assertEquals } from "@std/assert";
import { sidecar, start, supervisor } from "@outrider/outrider";
import { tap } from "../../actors/tap.ts";
import { EVENT_BYTES } from "../../src/actor/events/event.ts";

Deno.test("a paused reader of events keeps a few MB when a sidecar floods it with long lines", async () => {
  const LINES = 150;
  const BYTES = 200_000;
  const flood = `l=$(head -c ${BYTES} /dev/zero | tr '\\0' x); i=0
    while [ $i -lt ${LINES} ]; do echo "$l"; i=$((i+1)); done; exec cat`;
  const system = await start(
    supervisor("root", [sidecar("flood", { command: "sh", args: ["-c", flood], protocol: "lines" })]),
  );
  const events = system.events();
  while (system.ref("flood").deadLetters < LINES) await new Promise((resolve) => setTimeout(resolve, 5));
  await system.stop();
  let [lost, kept, bytes] = [0, 0, 0];
  for await (const event of events) {
    if (event.type === "events_lost") lost += event.count;
    if (event.type !== "dead_letter") continue;
    kept++;
    bytes += String(event.message).length;
  }
  assertEquals(lost + kept, LINES);
  assertEquals(bytes, kept * BYTES);
  assert(bytes <= EVENT_BYTES, `it kept ${bytes} bytes`);
});

Deno.test("a tap whose sink takes nothing keeps only the beginning of long frames", async () => {
  const FRAMES = 400;
  const BYTES = 1_000_000;
  const taken = Promise.withResolvers<void>();
  const protocol = tap("lines", () => taken.promise, { cap: 100 });
  const system = await start(supervisor("root", [sidecar("c", { command: "cat", protocol })]));
  for (let n = 0; n < FRAMES; n++) {
    const line = `${n} `.padEnd(BYTES, "x");
    assertEquals(await system.ref("c").ask(line), line);
  }
  // Twice as many frames went by as are counted here: sent and received.
  const { heapUsed } = Deno.memoryUsage();
  taken.resolve();
  await system.stop();
  assert(heapUsed < FRAMES * BYTES, `the heap has ${heapUsed} bytes`);
});
