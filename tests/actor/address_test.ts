import { assertEquals } from "@std/assert";
import { Address } from "../../src/actor/address.ts";
import { Stage } from "../support/probes.ts";
import { EPOCH } from "../support/virtual_clock.ts";

Deno.test("an address counts its incarnations and notifies each watcher when one ends", async () => {
  const stage = new Stage();
  const address = new Address("a", stage.system, {});
  const told: unknown[] = [];
  address.watchers.set({}, { onEnd: (...notice) => told.push(notice), onGone() {} });
  assertEquals([address.generation, address.lastExit], [0, { reason: "normal" }]);
  address.begin();
  assertEquals([address.generation, address.lastExit], [1, undefined]);
  address.end({ reason: "shutdown" });
  assertEquals(told, [[1, { reason: "shutdown" }]]);
  await stage.close();
});

Deno.test("watchers are notified when another one leaves meanwhile", async () => {
  const stage = new Stage();
  const address = new Address("a", stage.system, {});
  const told: string[] = [];
  for (const name of ["first", "second", "third"]) {
    const onEnd = () => {
      told.push(name);
      address.watchers.clear();
    };
    address.watchers.set({ name }, { onEnd, onGone() {} });
  }
  address.begin();
  address.end({ reason: "normal" });
  assertEquals(told[0], "first");
  assertEquals(address.watchers.size, 0);
  await stage.close();
});

Deno.test("an event carries wall time, path and generation", async () => {
  const stage = new Stage();
  await stage.clock.advance(7);
  const address = stage.system.address("a/b");
  address.begin();
  address.emit({ type: "starting" });
  await stage.close();
  assertEquals(stage.log.events, [{ at: EPOCH + 7, path: "a/b", generation: 1, type: "starting" }]);
});

Deno.test("an address takes messages again when a new incarnation begins", async () => {
  const stage = new Stage();
  const address = stage.system.address("a");
  address.close("it has finished");
  assertEquals(address.mailbox.tryOffer(1), false);
  address.begin();
  assertEquals(address.mailbox.tryOffer(1), true);
  await stage.close();
});
