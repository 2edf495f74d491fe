import { assertEquals } from "@std/assert";
import { codecs } from "../../../src/process/codecs/codecs.ts";
import { DropCounters } from "../../../src/process/framing/drop_counters.ts";
import { bytesOf } from "../codecs/splits.ts";

Deno.test("DropCounters counts dropped frames and bytes by kind", () => {
  const discarded = new DropCounters();
  const decoder = codecs.ndjson.decoder({
    message: () => {},
    malformed: (fault) => discarded.add(fault),
    skipped: (bytes) => discarded.skipped(bytes),
  }, { maxFrame: 10 });
  for (const text of ["1\nno\n" + "x".repeat(20), "x".repeat(30) + "\nnope\n", "2\n[", ""]) {
    decoder.push(bytesOf(text));
  }
  decoder.end();
  assertEquals(discarded.kinds(), [
    ["not_json", { count: 2, bytes: 6 }],
    ["over_cap", { count: 1, bytes: 50 }],
    ["truncated", { count: 1, bytes: 1 }],
  ]);
  assertEquals(discarded.of("over_cap"), { count: 1, bytes: 50 });
  assertEquals(discarded.of("stray"), { count: 0, bytes: 0 });
  assertEquals(discarded.total, { count: 4, bytes: 57 });
});

Deno.test("DropCounters does not count a fault when its frame was delivered", () => {
  const discarded = new DropCounters();
  const decoder = codecs.lines.decoder({ message: () => {}, malformed: (fault) => discarded.add(fault) }, {
    maxFrame: 10,
  });
  decoder.push(Uint8Array.of(0xff, 0x0a));
  assertEquals(discarded.total, { count: 0, bytes: 0 });
});
