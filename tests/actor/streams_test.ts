/** What a stream into an incarnation keeps registered while that lives. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { IncarnationEndedError } from "../../src/actor/actor_errors.ts";
import { writableOf } from "../../src/actor/streams.ts";
import { failureOf, Stage } from "../support/probes.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

Deno.test("a writable is forgotten when nothing can write to it any more", async () => {
  const stage = new Stage();
  const address = stage.system.address("a");
  address.takesStreams = true;
  address.begin();
  const kept = writableOf(address).getWriter();
  (() => {
    for (let n = 0; n < 100; n++) writableOf(address);
  })();
  while (address.watchers.size > 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  // The one that is held still fails with its incarnation.
  address.end({ reason: "shutdown" });
  assertInstanceOf(await failureOf(kept.closed), IncarnationEndedError);
  assertEquals(address.watchers.size, 0);
  await stage.close();
});
