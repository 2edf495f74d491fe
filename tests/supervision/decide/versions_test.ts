import { assertEquals } from "@std/assert";
import { Versions } from "../../../src/supervision/decide/versions.ts";

Deno.test("a version keeps saying what it said when newer ones are made of it", () => {
  const first = new Versions([["a", 1], ["b", 2]]);
  const second = first.with("a", 3);
  const third = second.with("b", undefined).with("c", 4);
  const all = (versions: Versions<number>) => ["a", "b", "c"].map((key) => versions.get(key));
  for (let times = 0; times < 2; times++) {
    assertEquals(all(first), [1, 2, undefined]);
    assertEquals(all(third), [3, undefined, 4]);
    assertEquals(all(second), [3, 2, undefined]);
  }
});

Deno.test("two versions made of the same one do not meet", () => {
  const origin = new Versions([["a", 0]]);
  const [left, right] = [origin.with("a", 1), origin.with("a", 2)];
  assertEquals([origin, left, right].map((versions) => versions.get("a")), [0, 1, 2]);
  const further = left.with("a", 3);
  assertEquals([right, further, left, origin].map((versions) => versions.get("a")), [2, 3, 1, 0]);
});
