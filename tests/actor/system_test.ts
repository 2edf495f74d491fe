import { assertEquals, assertNotStrictEquals, assertStrictEquals, assertThrows, fail } from "@std/assert";
import { systemClock } from "../../src/time/clock.ts";
import { UnknownActorError } from "../../src/actor/actor_errors.ts";
import { ActorSystem } from "../../src/actor/system.ts";
import { Stage } from "../support/probes.ts";

Deno.test("a system runs on the machine's clock and randomness by default", () => {
  const system = new ActorSystem();
  assertStrictEquals(system.clock, systemClock);
  assertStrictEquals(system.random, Math.random);
  system.close();
});

Deno.test("a system gives the same address and ref when asked twice for a path", async () => {
  const stage = new Stage();
  assertStrictEquals(stage.system.address("a"), stage.system.address("a"));
  assertStrictEquals(stage.plant("a"), stage.system.ref("a"));
  await stage.close();
});

Deno.test("a system lists the known paths when a path is unknown", async () => {
  const stage = new Stage();
  for (const path of ["/", "a", "b", "b/c"]) stage.plant(path);
  assertThrows(
    () => stage.system.ref("d"),
    UnknownActorError,
    "Cannot find an actor at 'd': the tree has a, b, b/c",
  );
  await stage.close();
});

Deno.test("addresses below are closed, and none of a similar name, when one is closed", async () => {
  const stage = new Stage();
  const [a, below, alike] = ["a", "a/b", "ab"].map((path) => stage.plant(path));
  stage.system.closeAddresses("a", "it is over");
  assertEquals([a, below, alike].map((ref) => ref!.tryTell(1)), [false, false, true]);
  await stage.close();
});

Deno.test("all addresses are closed when the root is closed", async () => {
  const stage = new Stage();
  const refs = ["/", "a", "a/b"].map((path) => stage.plant(path));
  stage.system.closeAddresses("/", "it is over");
  assertEquals(refs.map((ref) => ref.tryTell(1)), [false, false, false]);
  await stage.close();
});

Deno.test("a path is unknown when its address was removed, and another address later", async () => {
  const stage = new Stage();
  const old = stage.plant("a");
  stage.plant("a/b");
  stage.system.removeAddresses("a", "it is over");
  assertThrows(() => stage.system.ref("a/b"), UnknownActorError);
  const fresh = stage.plant("a");
  assertNotStrictEquals(fresh, old);
  assertEquals([old.tryTell(1), fresh.tryTell(1)], [false, true]);
  await stage.close();
});

Deno.test("event streams and timers of asks end when a system is closed", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const asked = ref.ask("hello").catch((error: Error) => error);
  assertEquals(stage.clock.pending, 1);
  await stage.close();
  await asked;
  assertEquals(stage.clock.pending, 0);
});

Deno.test("addresses below one are found without visiting any other when there are many", () => {
  const system = new ActorSystem();
  for (const path of ["/", "a", "a/b", "a/b/c", "a/d", "ab", "e"]) system.address(path);
  assertEquals([...system.addressesUnder("a")].map(({ path }) => path), ["a", "a/b", "a/d", "a/b/c"]);
  assertEquals([...system.addressesUnder("/")].length, 7);
  // Were another one looked at, it would say so.
  for (const path of ["/", "ab", "e"]) {
    Object.defineProperty(system.address(path), "below", {
      value: new Proxy(new Map(), {
        get: (map, key) => key === "delete" ? map.delete.bind(map) : fail(path),
      }),
    });
  }
  system.closeAddresses("a", "it is over");
  system.removeAddresses("a/b", "it is over");
  assertEquals([...system.addressesUnder("a")].map(({ path }) => path), ["a", "a/d"]);
  assertEquals([...system.addressesUnder("a/b")], []);
  system.close();
});

Deno.test("an address is not below another when it was removed", () => {
  const system = new ActorSystem();
  for (let times = 0; times < 3; times++) {
    system.address("pool/worker");
    system.removeAddresses("pool/worker", "it is over");
  }
  assertEquals(system.address("pool").below.size, 0);
  system.close();
});
