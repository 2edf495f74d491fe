import { defaultsOf } from "../../src/options/check.ts";
import { backoff } from "../../src/options/fields/supervision.ts";
import { assertEquals } from "@std/assert";
import {
  type Backoff,
  delayOf,
  isForgiven,
  NO_BACKOFF,
} from "../../src/supervision/restart/restart_limits.ts";
import { supervisor } from "../../src/supervision/supervisor_spec.ts";
import { fake, Tree } from "../support/probes.ts";

const plain: Backoff = { initial: 100, factor: 2, max: 1_000, jitter: 0, resetAfter: 5_000 };
const BARELY_ONE = 1 - Number.EPSILON;

function delays(backoff: Backoff, random: number, steps = 6): number[] {
  return Array.from({ length: steps }, (_, step) => delayOf(backoff, step, random));
}

Deno.test("each wait is longer by the factor, up to the cap", () => {
  assertEquals(delays(plain, 0.5), [100, 200, 400, 800, 1_000, 1_000]);
});

Deno.test("factor 1 waits the same each time", () => {
  assertEquals(delays({ ...plain, factor: 1 }, 0.5), [100, 100, 100, 100, 100, 100]);
});

Deno.test("jitter 0 leaves no room for chance", () => {
  assertEquals(delays(plain, 0), delays(plain, BARELY_ONE));
});

Deno.test("jitter reaches from below to above by its share, and never beyond the cap", () => {
  const jittered = { ...plain, jitter: 0.25 };
  assertEquals(delays(jittered, 0), [75, 150, 300, 600, 750, 750]);
  assertEquals(delays(jittered, 0.5), [100, 200, 400, 800, 1_000, 1_000]);
  assertEquals(delays(jittered, BARELY_ONE), [125, 250, 500, 1_000, 1_000, 1_000]);
});

Deno.test("waits are whole, finite milliseconds, however many restarts there were", () => {
  assertEquals(delayOf({ ...plain, initial: 33.3, jitter: 0.1 }, 0, 0.7), 35);
  assertEquals(delayOf(plain, 5_000, 0.5), 1_000);
  assertEquals(delayOf({ ...plain, initial: 0 }, 5_000, 0.5), 0);
});

Deno.test("no backoff is no wait, ever", () => {
  assertEquals(delays(NO_BACKOFF, BARELY_ONE), [0, 0, 0, 0, 0, 0]);
});

Deno.test("the numbers where nothing is said", () => {
  assertEquals(defaultsOf(backoff), {
    initial: 200,
    factor: 2,
    max: 30_000,
    jitter: 0.25,
    resetAfter: 60_000,
  });
});

Deno.test("a healthy time makes the next wait the first one again", () => {
  assertEquals([0, 4_999, 5_000].map((uptime) => isForgiven(plain, uptime)), [false, false, true]);
});

Deno.test("a child that keeps failing waits longer each time, and less after a healthy time", async () => {
  const child = fake("a", [], { backoff: plain });
  const tree = await Tree.start(
    supervisor("root", [child.spec], { intensity: { restarts: 100, within: 1 } }),
  );
  const waits: number[] = [];
  for (const uptime of [0, 0, 4_999, 5_000, 0]) {
    await tree.clock.advance(uptime);
    child.life.crash();
    await tree.settle();
    assertEquals(tree.system.status()[0]!.state, "restarting");
    const since = tree.clock.now();
    const before = child.lives.length;
    while (child.lives.length === before) await tree.clock.advance(1);
    waits.push(tree.clock.now() - since);
  }
  assertEquals(waits, [100, 200, 400, 100, 200]);
  await tree.stop();
});

Deno.test("the tree's randomness makes the jitter", async () => {
  const child = fake("a", [], { backoff: { ...plain, jitter: 0.5 } });
  const tree = await Tree.start(supervisor("root", [child.spec]), () => 0);
  child.life.crash();
  await tree.settle();
  await tree.clock.advance(49);
  assertEquals(child.lives.length, 1);
  await tree.clock.advance(1);
  assertEquals(child.lives.length, 2);
  await tree.stop();
});
