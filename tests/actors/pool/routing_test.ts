import { assert, assertEquals } from "@std/assert";
import { leastBusy, nextInTurn, rendezvous, routeOf, type Routing } from "../../../actors/pool/routing.ts";

const of = (...loads: (number | undefined)[]) =>
  loads.map((load) => ({ hasRoom: load !== undefined, load: load ?? 9 }));

Deno.test("round-robin takes the next that has room, behind the last one", () => {
  assertEquals(nextInTurn(of(0, 0, 0), -1), 0);
  assertEquals(nextInTurn(of(0, 0, 0), 0), 1);
  assertEquals(nextInTurn(of(0, 0, 0), 2), 0);
  assertEquals(nextInTurn(of(0, undefined, 3), 0), 2);
  assertEquals(nextInTurn(of(undefined, 1), 1), 1);
  assertEquals(nextInTurn(of(undefined, undefined), 0), -1);
  assertEquals(nextInTurn([], -1), -1);
});

Deno.test("least-busy takes the one with the least to do, in turn among equals", () => {
  assertEquals(leastBusy(of(2, 1, 3), -1), 1);
  assertEquals(leastBusy(of(1, 1, 1), 0), 1);
  assertEquals(leastBusy(of(1, 1, 1), 2), 0);
  assertEquals(leastBusy(of(undefined, 4, 3), 2), 2);
  assertEquals(leastBusy(of(0, undefined), 0), 0);
  assertEquals(leastBusy(of(undefined), 0), -1);
});

Deno.test("a key belongs to the same copy in every run, and a copy that goes moves no keys but its own", () => {
  const ids = ["1", "2", "3", "4", "5"];
  const keys = Array.from({ length: 5_000 }, (_, n) => `user-${n}`);
  const homes = keys.map((key) => ids[rendezvous(ids, key)]!);
  assertEquals(["ann", "bob", "cyd", "dan"].map((key) => ids[rendezvous(ids, key)]), ["5", "3", "1", "2"]);
  for (const id of ids) {
    const share = homes.filter((home) => home === id).length;
    assert(share > 850 && share < 1_150, `copy ${id} has ${share} of 5000 keys`);
  }
  const rest = ids.filter((id) => id !== "3");
  for (const [n, key] of keys.entries()) {
    if (homes[n] !== "3") assertEquals(rest[rendezvous(rest, key)], homes[n]);
  }
  const moved = keys.filter((_, n) => homes[n] === "3").map((key) => rest[rendezvous(rest, key)]);
  assertEquals(new Set(moved).size, 4);
  assertEquals(rendezvous([], "ann"), -1);
});

Deno.test("the key of a message is itself, one of its fields, or the result of a function", () => {
  const key = (routing: Routing, message: unknown) => {
    const route = routeOf(routing);
    assert(route.by === "hash");
    return route.key(message);
  };
  assertEquals(key("hash", "a line"), "a line");
  assertEquals(key("hash", { a: 1 }), '{"a":1}');
  assertEquals(key({ by: "hash", field: "user" }, { user: "ann", n: 1 }), "ann");
  assertEquals(key({ by: "hash", field: "user" }, { user: 7 }), "7");
  assertEquals(key({ by: "hash", field: "user" }, { n: 1 }), "undefined");
  assertEquals(key({ by: "hash", field: "toString" }, { n: 1 }), "undefined");
  assertEquals(key({ by: "hash", field: "user" }, "no object"), "undefined");
  assertEquals(key({ by: "hash", key: (line: string) => line[0]! }, "xyz"), "x");
  assertEquals(routeOf({ by: "least-busy" }), { by: "least-busy" });
});
