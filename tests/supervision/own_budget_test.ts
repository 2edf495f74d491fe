/** A restart budget of each child, and quarantines that grow: what one child does is charged to that child alone. */
import { assert, assertEquals } from "@std/assert";
import { PRESETS } from "../../src/options/presets.ts";
import { NO_BACKOFF } from "../../src/supervision/restart/restart_limits.ts";
import { supervisor, type SupervisorOptions } from "../../src/supervision/supervisor_spec.ts";
import { fake, type FakeOptions, Tree } from "../support/probes.ts";

const S = 1_000;
const own: SupervisorOptions = {
  intensity: { restarts: 1, within: 180 * S, per: "child" },
  onLimit: { quarantine: { coolDown: 30 * S, factor: 2, max: 600 * S } },
};
const atOnce: FakeOptions = { backoff: NO_BACKOFF };

Deno.test("a child with a budget of its own is quarantined alone when each sibling has died as well", async () => {
  const children = ["a", "b", "c", "d"].map((id) => fake(id, [], atOnce));
  const tree = await Tree.start(supervisor("root", children.map(({ spec }) => spec), own));
  for (const { life } of children) life.crash();
  await tree.settle();
  assertEquals(tree.states(), ["a running#2", "b running#2", "c running#2", "d running#2"]);
  children[1]!.life.crash();
  await tree.settle();
  assertEquals(tree.states(), ["a running#2", "b quarantined#2", "c running#2", "d running#2"]);
  await tree.stop();
});

Deno.test("each quarantine in a row is longer when the child dies before it was ready for long", async () => {
  const child = fake("a", [], atOnce);
  const tree = await Tree.start(supervisor("root", [child.spec], own));
  child.life.crash();
  await tree.settle();
  const lengths: number[] = [];
  for (let n = 0; n < 8; n++) {
    child.life.crash();
    await tree.settle();
    const last = tree.log.events.at(-1)!;
    assert(last.type === "quarantined" && last.coolDown !== undefined && last.nth === n + 1);
    lengths.push(last.coolDown / S);
    await tree.clock.advance(last.coolDown - 1);
    assertEquals(tree.states(), [`a quarantined#${n + 2}`]);
    await tree.clock.advance(1);
    assertEquals(tree.states(), [`a running#${n + 3}`]);
  }
  assertEquals(lengths, [30, 60, 120, 240, 480, 600, 600, 600]);
  await tree.stop();
});

Deno.test("a child has its whole budget again when it was ready for its resetAfter", async () => {
  const child = fake("a", [], atOnce);
  const tree = await Tree.start(supervisor("root", [child.spec], own));
  const crash = async () => {
    child.life.crash();
    await tree.settle();
  };
  await crash();
  await crash();
  await tree.clock.advance(30 * S);
  await tree.clock.advance(60 * S);
  await crash();
  assertEquals(tree.states(), ["a running#4"]);
  await crash();
  const last = tree.log.events.at(-1)!;
  assert(last.type === "quarantined" && last.nth === 1 && last.coolDown === 30 * S);
  await tree.stop();
});

Deno.test("a death is charged to the child that died when its group is restarted with it", async () => {
  const children = ["a", "b", "c"].map((id) => fake(id, [], atOnce));
  const rules = { ...own, strategy: "one_for_all" } as const;
  const tree = await Tree.start(supervisor("root", children.map(({ spec }) => spec), rules));
  for (const id of [0, 1, 2]) {
    children[id]!.life.crash();
    await tree.settle();
  }
  assertEquals(tree.states(), ["a running#4", "b running#4", "c running#4"]);
  await tree.stop();
});

Deno.test("a supervisor gives up at the budget of one child when onLimit is escalate", async () => {
  const children = ["a", "b"].map((id) => fake(id, [], atOnce));
  const rules = { ...own, onLimit: "escalate" } as const;
  const tree = await Tree.start(supervisor("root", children.map(({ spec }) => spec), rules));
  for (const { life } of children) life.crash();
  await tree.settle();
  assertEquals(tree.states(), ["a running#2", "b running#2"]);
  children[0]!.life.crash();
  const exit = await tree.system.ended;
  assert(exit.reason === "shutdown");
  assertEquals(
    exit.cause?.message,
    "Cannot keep 'a' running: more than 1 restart within 180000 ms: boom",
  );
  await tree.stop();
});

Deno.test("the preset operator tries again after 30 s, then ever more rarely", () => {
  const { onLimit, backoff } = PRESETS.operator.supervisor;
  assertEquals([onLimit, PRESETS.operator.quarantine, (backoff as { resetAfter: number }).resetAfter], [
    { quarantine: { coolDown: "30s" } },
    { factor: 2, max: "10m" },
    60 * S,
  ]);
});
