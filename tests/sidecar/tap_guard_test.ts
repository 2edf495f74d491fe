import { assertEquals } from "@std/assert";
import { codecs, type ProtocolTap } from "@outrider/outrider/protocol";
import { boom, echo } from "./echo.ts";

const quiet: ProtocolTap = { sent() {}, received() {}, malformed() {}, close: () => Promise.resolve() };

for (const method of ["sent", "received", "malformed", "close"] as const) {
  Deno.test(`a sidecar goes on and the log says so once when ${method} of a tap throws`, async () => {
    const tap = () => ({ ...quiet, [method]: boom });
    const tree = await echo({ protocol: { name: "j", codec: codecs.ndjson, pairing: { id: "id" }, tap } });
    const { ref, log } = tree;
    const bad = { n: 1, toJSON: () => ({ n: 1 }) };
    assertEquals(await Promise.all([1, 2, 3].map(async (n) => (await ref.ask({ ...bad, n })).n)), [1, 1, 1]);
    assertEquals(ref.generation, 1);
    await tree[Symbol.asyncDispose]();
    const lines = log.events.flatMap((event) => event.type === "output" ? [event.line] : []);
    // Nothing malformed came; what fails at the end is told where the log still reads.
    const told = method === "malformed" ? [] : ["Cannot go on with the tap: boom"];
    assertEquals(lines, told);
  });
}
