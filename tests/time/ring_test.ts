import { assertEquals } from "@std/assert";
import { Ring } from "../../src/time/ring.ts";

/** A fixed sequence of numbers from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

Deno.test("a ring behaves like an array when pushes, unshifts and shifts mix", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomFrom(seed);
    const ring = new Ring<number>();
    const model: number[] = [];
    for (let step = 0; step < 2_000; step++) {
      // Growing and shrinking phases, so that it grows while its head is anywhere.
      const growing = Math.floor(step / 250) % 2 === 0;
      const dice = random();
      if (dice < (growing ? 0.3 : 0.65)) {
        if (model.length > 0) assertEquals(ring.shift(), model.shift());
      } else if (dice < 0.85) {
        ring.push(step);
        model.push(step);
      } else {
        ring.unshift(step);
        model.unshift(step);
      }
      assertEquals(ring.size, model.length, `seed ${seed}, step ${step}`);
    }
    while (model.length > 0) assertEquals(ring.shift(), model.shift());
    assertEquals(ring.size, 0);
  }
});

Deno.test("a ring keeps its order when it grows while wrapped around", () => {
  const ring = new Ring<number>();
  for (let i = 0; i < 16; i++) ring.push(i);
  for (let i = 0; i < 10; i++) ring.shift();
  for (let i = 16; i < 100; i++) ring.push(i);
  ring.unshift(9);
  assertEquals(
    Array.from({ length: ring.size }, () => ring.shift()),
    Array.from({ length: 91 }, (_, i) => i + 9),
  );
});

Deno.test("a ring keeps undefined as an item", () => {
  const ring = new Ring<undefined>();
  ring.push(undefined);
  assertEquals(ring.size, 1);
  assertEquals(ring.shift(), undefined);
  assertEquals(ring.size, 0);
});
