import { assertEquals } from "@std/assert";
import { orphanLines } from "../../../src/cli/checks/containment.ts";

Deno.test("orphans are reported in words, or as events of a JSON log", () => {
  const from = { pid: 6, at: 0, path: "a/b", generation: 2 };
  const swept = { ended: [{ pid: 7, from }], remaining: [{ pid: 8, from: undefined }] };
  assertEquals(orphanLines(swept, { json: false }), [
    "Ended process 7, which a sidecar had left behind in a session of its own",
    "Cannot end process 8, which a sidecar had left behind",
  ]);
  const [ended, remaining] = orphanLines(swept, { json: true }).map((line) => {
    const { time: _, ...fields } = JSON.parse(line);
    return fields;
  });
  const event = { level: "warn", type: "swept" };
  assertEquals(ended, { ...event, path: "a/b", generation: 2, pid: 7, ended: true });
  assertEquals(remaining, { ...event, path: "/", generation: 0, pid: 8, ended: false });
});
