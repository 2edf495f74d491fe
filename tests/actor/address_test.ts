import { assertEquals } from "@std/assert";
import { Place } from "../../src/actor/address.ts";
import { Stage } from "../support/probes.ts";
import { EPOCH } from "../support/virtual_clock.ts";

Deno.test("a place counts its incarnations and tells each watcher of each end", async () => {
  const stage = new Stage();
  const place = new Place("a", stage.system, {});
  const told: unknown[] = [];
  place.watchers.set({}, { onEnd: (...notice) => told.push(notice), onGone() {} });
  assertEquals([place.generation, place.lastExit], [0, { reason: "normal" }]);
  place.begin();
  assertEquals([place.generation, place.lastExit], [1, undefined]);
  place.end({ reason: "shutdown" });
  assertEquals(told, [[1, { reason: "shutdown" }]]);
  await stage.close();
});

Deno.test("a watcher that leaves while watchers are told does not disturb the others", async () => {
  const stage = new Stage();
  const place = new Place("a", stage.system, {});
  const told: string[] = [];
  for (const name of ["first", "second", "third"]) {
    const onEnd = () => {
      told.push(name);
      place.watchers.clear();
    };
    place.watchers.set({ name }, { onEnd, onGone() {} });
  }
  place.begin();
  place.end({ reason: "normal" });
  assertEquals(told[0], "first");
  assertEquals(place.watchers.size, 0);
  await stage.close();
});

Deno.test("an event carries wall time, path and generation", async () => {
  const stage = new Stage();
  await stage.clock.advance(7);
  const place = stage.system.place("a/b");
  place.begin();
  place.emit({ type: "starting" });
  await stage.close();
  assertEquals(stage.log.events, [{ at: EPOCH + 7, path: "a/b", generation: 1, type: "starting" }]);
});

Deno.test("a new incarnation at a place that was closed takes messages again", async () => {
  const stage = new Stage();
  const place = stage.system.place("a");
  place.close("it has finished");
  assertEquals(place.mailbox.tryOffer(1), false);
  place.begin();
  assertEquals(place.mailbox.tryOffer(1), true);
  await stage.close();
});
