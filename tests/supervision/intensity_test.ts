import { assertEquals } from "@std/assert";
import { defaultsOf } from "../../src/options/check.ts";
import { intensity as intensityOptions } from "../../src/options/fields/supervision.ts";
import { countRestart } from "../../src/supervision/restart/restart_limits.ts";
import { supervisor } from "../../src/supervision/supervisor_spec.ts";
import { fake, Tree } from "../support/probes.ts";

Deno.test("restarts count within the window, and one exactly as old as the window still does", () => {
  const intensity = { restarts: 2, within: 100 };
  assertEquals(countRestart([], 0, intensity), [0]);
  assertEquals(countRestart([0, 50], 99, intensity), [0, 50, 99]);
  assertEquals(countRestart([0, 50], 100, intensity), [0, 50, 100]);
  assertEquals(countRestart([0, 50], 100.5, intensity), [50, 100.5]);
  assertEquals(countRestart([0, 50], 1_000, intensity), [1_000]);
});

Deno.test("without a word about it five restarts within three minutes are allowed", () => {
  assertEquals(defaultsOf(intensityOptions), { restarts: 5, within: 180_000, per: "supervisor" });
});

Deno.test("a supervisor allows as many restarts as its intensity, and gives up at the next", async () => {
  const child = fake("a", []);
  const tree = await Tree.start(
    supervisor("root", [child.spec], { intensity: { restarts: 3, within: 100 } }),
  );
  for (let i = 0; i < 3; i++) {
    child.life.crash();
    await tree.settle();
  }
  assertEquals(tree.states(), ["a running#4"]);
  child.life.crash();
  await tree.settle();
  assertEquals((await tree.system.ended).reason, "shutdown");
  assertEquals(child.lives.length, 4);
  await tree.stop();
});

Deno.test("the window slides: old restarts are forgiven on the tree's clock", async () => {
  const child = fake("a", []);
  const tree = await Tree.start(
    supervisor("root", [child.spec], { intensity: { restarts: 1, within: 100 } }),
  );
  for (let i = 0; i < 10; i++) {
    child.life.crash();
    await tree.clock.advance(101);
  }
  assertEquals(tree.states(), ["a running#11"]);
  child.life.crash();
  await tree.clock.advance(100);
  child.life.crash();
  await tree.settle();
  assertEquals((await tree.system.ended).reason, "shutdown");
  await tree.stop();
});

Deno.test("an intensity of no restarts gives up at the first failure", async () => {
  const child = fake("a", []);
  const tree = await Tree.start(
    supervisor("root", [child.spec], { intensity: { restarts: 0, within: 100 } }),
  );
  child.life.crash();
  await tree.system.ended;
  assertEquals(child.lives.length, 1);
  await tree.stop();
});

Deno.test("restarts of all children count together", async () => {
  const [a, b] = [fake("a", []), fake("b", [])];
  const tree = await Tree.start(
    supervisor("root", [a.spec, b.spec], { intensity: { restarts: 1, within: 100 } }),
  );
  a.life.crash();
  await tree.settle();
  b.life.crash();
  await tree.system.ended;
  assertEquals([a.lives.length, b.lives.length], [2, 1]);
  await tree.stop();
});
