/** What a stream into an incarnation keeps registered while that lives. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { IncarnationEndedError } from "../../src/actor/actor_errors.ts";
import { writableOf } from "../../src/actor/streams.ts";
import { failureOf, Stage } from "../support/probes.ts";

Deno.test("a writable is forgotten when nothing can write to it any more", async () => {
  const stage = new Stage();
  const address = stage.system.address("a");
  address.takesStreams = true;
  address.begin();
  const kept = writableOf(address).getWriter();
  (() => {
    for (let n = 0; n < 100; n++) writableOf(address);
  })();
  let garbage: unknown[] = [];
  while (address.watchers.size > 1) {
    garbage = new Array(1_000_000).fill(address); // so that it is collected
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  garbage.length = 0;
  // The one that is held still fails with its incarnation.
  address.end({ reason: "shutdown" });
  assertInstanceOf(await failureOf(kept.closed), IncarnationEndedError);
  assertEquals(address.watchers.size, 0);
  await stage.close();
});
