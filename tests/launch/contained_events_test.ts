import { assertEquals } from "@std/assert";
import { orphanEvents, orphanLines } from "../../src/launch/contained_events.ts";
import { jsonLine } from "../../src/log.ts";

Deno.test("orphans are reported as sentences, and as events of the JSON log", () => {
  const from = { pid: 6, at: 0, path: "a/b", generation: 2 };
  const orphans = { ended: [{ pid: 7, from }], remaining: [{ pid: 8, from: undefined }] };
  assertEquals(orphanLines(orphans), [
    "Ended process 7, which a sidecar had left behind in a session of its own",
    "Cannot end process 8, which a sidecar had left behind",
  ]);
  const [ended, remaining] = orphanEvents(orphans).map((event) => {
    const { time: _, ...fields } = JSON.parse(jsonLine(event));
    return fields;
  });
  const event = { level: "warn", type: "swept" };
  assertEquals(ended, { ...event, path: "a/b", generation: 2, pid: 7, ended: true });
  assertEquals(remaining, { ...event, path: "/", generation: 0, pid: 8, ended: false });
});
