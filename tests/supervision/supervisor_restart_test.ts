import { assertEquals, assertInstanceOf } from "@std/assert";
import { GaveUpError } from "../../src/supervision/supervision_errors.ts";
import { supervisor } from "../../src/supervision/supervisor_spec.ts";
import type { Strategy } from "../../src/supervision/restart/strategy.ts";
import { type Fake, fake, type FakeOptions, Tree } from "../support/probes.ts";

const slow = { initial: 100, factor: 2, max: 10_000, jitter: 0, resetAfter: 60_000 };

/** Children a, b, c under a strategy; `journal` begins when all have started. */
async function abc(
  strategy: Strategy,
  options: Record<string, FakeOptions> = {},
): Promise<{ tree: Tree; journal: string[]; a: Fake; b: Fake; c: Fake }> {
  const journal: string[] = [];
  const [a, b, c] = ["a", "b", "c"].map((id) => fake(id, journal, options[id])) as [Fake, Fake, Fake];
  const tree = await Tree.start(supervisor("root", [a.spec, b.spec, c.spec], { strategy }));
  journal.length = 0;
  return { tree, journal, a, b, c };
}

const orders: Record<Strategy, readonly string[]> = {
  one_for_one: ["start b"],
  one_for_all: ["stop c", "stop a", "start a", "start b", "start c"],
  rest_for_one: ["stop c", "start b", "start c"],
};

for (const strategy of Object.keys(orders) as Strategy[]) {
  Deno.test(`${strategy}: when the middle one fails, the group stops in reverse and starts in order`, async () => {
    const { tree, journal, b } = await abc(strategy);
    b.life.crash();
    await tree.settle();
    assertEquals(journal, orders[strategy]);
    await tree.stop();
  });

  Deno.test(`${strategy}: with a backoff the group is stopped before the wait and started after it`, async () => {
    const { tree, journal, b } = await abc(strategy, { b: { backoff: slow } });
    b.life.crash();
    await tree.clock.advance(99);
    const split = orders[strategy].findIndex((line) => line.startsWith("start"));
    assertEquals(journal, orders[strategy].slice(0, split));
    assertEquals(tree.system.active, true);
    await tree.clock.advance(1);
    assertEquals(journal, orders[strategy]);
    await tree.stop();
  });
}

Deno.test("the group's start waits until each member's stop is complete: no two incarnations overlap", async () => {
  const { tree, journal, a, c } = await abc("one_for_all", { c: { hangs: true, shutdown: "infinity" } });
  a.life.crash();
  await tree.settle();
  assertEquals(journal, ["stop c"]);
  c.life.end({ reason: "shutdown" });
  await tree.settle();
  assertEquals(journal, ["stop c", "stop b", "start a", "start b", "start c"]);
  c.life.end({ reason: "shutdown" });
  await tree.system.kill();
});

Deno.test("a member that dies while its group is being restarted is not restarted twice", async () => {
  const { tree, journal, a, b } = await abc("one_for_all");
  a.life.crash();
  b.life.crash();
  await tree.settle();
  assertEquals(journal, ["stop c", "start a", "start b", "start c"]);
  assertEquals(tree.states(), ["a running#2", "b running#2", "c running#2"]);
  await tree.stop();
});

Deno.test("a temporary member of a restarted group is stopped and forgotten", async () => {
  const { tree, journal, a } = await abc("one_for_all", { b: { restart: "temporary" } });
  a.life.crash();
  await tree.settle();
  assertEquals(journal, ["stop c", "stop b", "start a", "start c"]);
  assertEquals(tree.states(), ["a running#2", "c running#2"]);
  await tree.stop();
});

Deno.test("a transient child that ended well stays down and known; its group brings it back", async () => {
  const { tree, journal, a, b } = await abc("one_for_all", { b: { restart: "transient" } });
  b.life.end({ reason: "normal" });
  await tree.settle();
  assertEquals([journal, tree.states()[1]], [[], "b stopped#1"]);
  a.life.crash();
  await tree.settle();
  assertEquals(journal, ["stop c", "start a", "start b", "start c"]);
  await tree.stop();
});

Deno.test("a restart that fails is tried again after its backoff, and counts each time", async () => {
  const boom = new Error("boom");
  const child = fake("a", [], { backoff: slow, outcomes: ["ok", boom, boom] });
  const tree = await Tree.start(
    supervisor("root", [child.spec], { intensity: { restarts: 3, within: 100_000 } }),
  );
  child.life.crash();
  await tree.clock.advance(100);
  assertEquals([child.lives.length, tree.states()], [2, ["a restarting#2"]]);
  await tree.clock.advance(199);
  assertEquals(child.lives.length, 2);
  await tree.clock.advance(1);
  assertEquals(child.lives.length, 3);
  await tree.clock.advance(400);
  assertEquals(tree.states(), ["a running#4"]);
  await tree.stop();
  const restarts = tree.log.events.flatMap((event) =>
    event.type === "restarting" ? [`${event.delay} ${event.restart}/${event.limit}`] : []
  );
  assertEquals(restarts, ["100 1/3", "200 2/3", "400 3/3"]);
});

Deno.test("a restart that keeps failing without backoff ends by the intensity", async () => {
  const boom = new Error("boom");
  const child = fake("a", [], { outcomes: ["ok", boom, boom, boom, boom, boom, boom] });
  const tree = await Tree.start(
    supervisor("root", [child.spec], { intensity: { restarts: 3, within: 1_000 } }),
  );
  child.life.crash();
  const exit = await tree.clock.until(tree.system.ended);
  assertEquals(child.lives.length, 4);
  assertInstanceOf((exit as { cause?: Error }).cause, GaveUpError);
  await tree.stop();
});

Deno.test("when a group's restart fails in the middle, the attempt goes on from there", async () => {
  const { tree, journal, a } = await abc("rest_for_one", { b: { outcomes: ["ok", new Error("boom")] } });
  a.life.crash();
  await tree.settle();
  assertEquals(journal, ["stop c", "stop b", "start a", "start b", "start b", "start c"]);
  assertEquals(tree.states(), ["a running#2", "b running#3", "c running#2"]);
  await tree.stop();
});

Deno.test("under one_for_all a group whose restart failed is restarted as a whole", async () => {
  const { tree, journal, a } = await abc("one_for_all", { b: { outcomes: ["ok", new Error("boom")] } });
  a.life.crash();
  await tree.settle();
  assertEquals(journal.slice(2), ["start a", "start b", "stop a", "start a", "start b", "start c"]);
  await tree.stop();
});

Deno.test("a failure of one before it overtakes a child's backoff under rest_for_one", async () => {
  const { tree, journal, a, b } = await abc("rest_for_one", { b: { backoff: slow } });
  b.life.crash();
  await tree.clock.advance(50);
  a.life.crash();
  await tree.settle();
  assertEquals(journal, ["stop c", "start a", "start b", "start c"]);
  await tree.clock.advance(0); // the turn that the start was given
  assertEquals(tree.clock.pending, 0);
  await tree.clock.advance(1_000);
  assertEquals(b.lives.length, 2);
  await tree.stop();
});

Deno.test("giving up stops all children in reverse and says which failure was one too many", async () => {
  const journal: string[] = [];
  const [a, b] = [fake("a", journal), fake("b", journal)];
  const tree = await Tree.start(
    supervisor("root", [a.spec, b.spec], { intensity: { restarts: 0, within: 10 } }),
  );
  a.life.crash("the last straw");
  const exit = await tree.system.ended as { reason: string; cause?: Error };
  assertInstanceOf(exit.cause, GaveUpError);
  assertEquals([exit.reason, (exit.cause.cause as Error).message], ["shutdown", "the last straw"]);
  assertEquals(journal, ["start a", "start b", "stop b"]);
  await tree.stop();
  const gaveUp = tree.log.events.find(({ type }) => type === "gave_up");
  assertEquals(gaveUp, {
    ...gaveUp!,
    type: "gave_up",
    path: "/",
    limit: 0,
    within: 10,
    cause: exit.cause.cause as Error,
  });
});
