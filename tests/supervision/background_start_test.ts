/** Starts that take time do not keep a supervisor from its other children. A turn of the clock is `advance(0)`. */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { StartError, SupervisionError } from "../../src/supervision/supervision_errors.ts";
import { dynamicSupervisor, supervisor } from "../../src/supervision/supervisor_spec.ts";
import { failureOf, fake, type FakeOptions, stateOf, Tree } from "../support/probes.ts";

/** A tree of `a`, whose restart takes until it is told, and `b`; `a` has just crashed. */
async function restarting(options: FakeOptions = {}, rules: Parameters<typeof supervisor>[2] = {}) {
  const journal: string[] = [];
  const a = fake("a", journal, { outcomes: ["ok", "never"], ...options });
  const b = fake("b", journal);
  const tree = await Tree.start(supervisor("root", [a.spec, b.spec], rules));
  a.life.crash();
  await tree.clock.advance(0);
  journal.length = 0;
  return { tree, journal, a, b };
}

/** The code of what `promise` is refused with. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await failureOf(promise);
  return error instanceof SupervisionError || error instanceof StartError ? error.code : `${error}`;
}

Deno.test("a restart that takes time does not hold up a death of a sibling, nor requests", async () => {
  const { tree, journal, a, b } = await restarting();
  b.life.crash();
  await tree.settle();
  assertEquals([journal, tree.states()], [["start b"], ["a starting#2", "b running#2"]]);
  await tree.system.startChild("/", fake("c", journal).spec);
  await tree.system.terminateChild("b");
  a.life.ready();
  await tree.settle();
  assertEquals(tree.states(), ["a running#2", "b stopped#2", "c running#1"]);
  await tree.stop();
});

Deno.test("a restart that fails after a time is judged, counted and tried again, others having gone on meanwhile", async () => {
  const { tree, journal, a } = await restarting({ outcomes: ["ok", "never", "never"] }, {
    intensity: { restarts: 2, within: 1_000 },
  });
  await tree.clock.advance(100);
  a.life.fail(new Error("boom"));
  await tree.clock.advance(0);
  assertEquals([journal, tree.states()], [["start a"], ["a starting#3", "b running#1"]]);
  a.life.fail(new Error("boom"));
  await tree.clock.until(tree.system.ended);
  assertEquals((await tree.log.until(({ type }) => type === "gave_up")).path, "/");
  assertEquals(tree.log.lines().filter((line) => line.startsWith("a#2") || line.startsWith("a#1 re")), [
    "a#1 ready",
    "a#1 restarting",
    "a#2 starting",
    "a#2 start_failed",
    "a#2 retrying",
    "a#2 restarting",
  ]);
});

Deno.test("many children of a dynamic supervisor start at the same time, and count for maxChildren", async () => {
  const journal: string[] = [];
  const tree = await Tree.start(supervisor("root", [dynamicSupervisor("pool", { maxChildren: 2 })]));
  const [a, b, c] = ["a", "b", "c"].map((id) => fake(id, journal, { outcomes: ["never"] }));
  const starts = [a, b].map((child) => tree.system.startChild("pool", child!.spec));
  await tree.clock.advance(0);
  assertEquals(journal, ["start a", "start b"]);
  assertEquals(await codeOf(tree.system.startChild("pool", c!.spec)), "max_children");
  assertEquals(await codeOf(tree.system.startChild("pool", a!.spec)), "already_started");
  b!.life.ready();
  assertEquals((await starts[1])?.started, "ok");
  assertEquals(await stateOf(starts[0]), "pending");
  a!.life.ready();
  assertEquals((await starts[0])?.started, "ok");
  await tree.stop();
});

Deno.test("a startChild that fails after a time is told to its caller, and the child is not kept", async () => {
  const journal: string[] = [];
  const tree = await Tree.start(supervisor("root", []));
  const a = fake("a", journal, { outcomes: ["never"] });
  const started = failureOf(tree.system.startChild("/", a.spec));
  await tree.clock.advance(50);
  assertEquals(tree.states(), ["a starting#1"]);
  a.life.fail(new Error("boom"));
  assertEquals((await started).message, "Cannot start 'a': boom");
  assertEquals(tree.states(), []);
  await tree.stop();
});

Deno.test("a child with nothing to start after a time is kept, and a temporary one is not", async () => {
  const journal: string[] = [];
  const tree = await Tree.start(supervisor("root", []));
  for (const restart of ["permanent", "temporary"] as const) {
    const ready = Promise.withResolvers<"ignore">();
    const { spec } = fake(restart, journal, { restart });
    const start = () => ({
      started: ready.promise,
      ended: new Promise<never>(() => {}),
      stop() {},
      kill() {},
    });
    const started = tree.system.startChild("/", { ...spec, start });
    await tree.clock.advance(0);
    ready.resolve("ignore");
    assertEquals((await started).started, "ignore");
  }
  assertEquals(tree.states(), ["permanent stopped#1"]);
  await tree.stop();
});

Deno.test("a child that starts can't be started again or deleted", async () => {
  const { tree, a } = await restarting();
  for (const [request, verb] of [["restartChild", "restart"], ["deleteChild", "delete"]] as const) {
    const error = await failureOf(tree.system[request]("a"));
    assertInstanceOf(error, SupervisionError);
    assertEquals([error.code, error.message], [
      "running",
      `Cannot ${verb} 'a': it is starting; terminate it first`,
    ]);
  }
  a.life.ready();
  await tree.stop();
});

Deno.test("one that runs says so", async () => {
  const { tree, a } = await restarting();
  a.life.ready();
  const error = await failureOf(tree.system.deleteChild("b"));
  assertEquals(error.message, "Cannot delete 'b': it is running; terminate it first");
  await tree.stop();
});

Deno.test("neither can one whose start has failed when nobody has looked at that yet", async () => {
  const { tree, a } = await restarting({ outcomes: ["ok", "never", "ok"] });
  const hanging = fake("hanging", [], { hangs: true, shutdown: 100 });
  await tree.system.startChild("/", hanging.spec);
  const busy = tree.system.terminateChild("hanging");
  const refused = codeOf(tree.system.deleteChild("a"));
  a.life.fail(new Error("boom"));
  await tree.clock.advance(100);
  await busy;
  assertEquals(await refused, "running");
  assertEquals(tree.states()[0], "a running#3");
  await tree.stop();
});

Deno.test("to terminate a child that starts cuts the start short: it is not judged and costs nothing", async () => {
  const { tree, journal } = await restarting({}, { intensity: { restarts: 1, within: 1_000 } });
  await tree.system.terminateChild("a");
  await tree.clock.advance(10);
  assertEquals([journal, tree.states()], [["stop a"], ["a stopped#2", "b running#1"]]);
  assertEquals(tree.log.lines().slice(-2), ["a#2 starting", "a#2 stopped"]);
  await tree.system.restartChild("a");
  await tree.stop();
});

Deno.test("one that does not stop while it starts is ended by force when its shutdown time is over", async () => {
  const { tree, journal } = await restarting({ hangs: true, shutdown: 300 });
  const terminated = tree.system.terminateChild("a");
  await tree.clock.advance(299);
  assertEquals([journal, await stateOf(terminated)], [["stop a"], "pending"]);
  await tree.clock.advance(1);
  await terminated;
  assertEquals([journal, tree.states()[0]], [["stop a", "kill a"], "a stopped#2"]);
  await tree.stop();
});

Deno.test("one that gets ready in spite of that is stopped all the same, and its end is no death", async () => {
  const { tree, journal, a } = await restarting({ hangs: true, shutdown: 300 });
  const terminated = tree.system.terminateChild("a");
  a.life.ready();
  await tree.clock.until(terminated);
  await tree.clock.advance(10);
  assertEquals([journal.at(-1), tree.states()[0], a.lives.length], ["kill a", "a stopped#2", 2]);
  await tree.stop();
});

Deno.test("neither is its end a death when that comes in the same moment", async () => {
  const { tree, a } = await restarting({ hangs: true, shutdown: 300 });
  const terminated = tree.system.terminateChild("a");
  a.life.ready();
  a.life.crash();
  await tree.clock.until(terminated);
  await tree.clock.advance(10);
  assertEquals([tree.states()[0], a.lives.length], ["a stopped#2", 2]);
  await tree.stop();
});

Deno.test("to terminate a child before it was ready for the first time makes it unknown, and its startChild fails", async () => {
  const journal: string[] = [];
  const tree = await Tree.start(supervisor("root", []));
  const started = failureOf(tree.system.startChild("/", fake("a", journal, { outcomes: ["never"] }).spec));
  await tree.clock.advance(0);
  await tree.system.terminateChild("a");
  assertEquals((await started as StartError).code, "start_cancelled");
  assertEquals(tree.states(), []);
  await tree.system.startChild("/", fake("a", journal).spec);
  await tree.stop();
});

for (const how of ["stop", "kill"] as const) {
  Deno.test(`${how} cuts short what starts in the background, and nothing is left`, async () => {
    const { tree, journal, a } = await restarting();
    const added = failureOf(
      tree.system.startChild("/", fake("c", journal, { outcomes: ["never"] }).spec),
    );
    await tree.clock.advance(0);
    await tree.clock.until(tree.system[how]());
    assertInstanceOf(await added, StartError);
    for (const id of ["a", "b", "c"]) {
      assertEquals(journal.some((line) => line === `stop ${id}` || line === `kill ${id}`), true, id);
    }
    assertEquals(a.lives.length, 2);
    await tree.stop();
  });
}

Deno.test("a supervisor that gives up stops what starts in the background before it has ended", async () => {
  const { tree, journal, b } = await restarting({ hangs: true, shutdown: 300 }, {
    intensity: { restarts: 1, within: 1_000 },
  });
  b.life.crash();
  await tree.settle();
  assertEquals([journal, await stateOf(tree.system.ended)], [["stop a"], "pending"]);
  await tree.clock.until(tree.system.ended);
  assertEquals([journal, tree.clock.now()], [["stop a", "kill a"], 300]);
  await tree.stop();
});

Deno.test("a significant child that starts keeps its supervisor from shutting down with the last", async () => {
  const significant = { significant: true, restart: "transient" } as const;
  const journal: string[] = [];
  const [a, b] = [
    fake("a", journal, { ...significant, outcomes: ["ok", "never"] }),
    fake("b", journal, significant),
  ];
  const tree = await Tree.start(
    supervisor("root", [a.spec, b.spec], { autoShutdown: "all_significant" }),
  );
  a.life.crash();
  await tree.clock.advance(0);
  b.life.end({ reason: "normal" });
  await tree.settle();
  assertEquals(tree.states(), ["a starting#2", "b stopped#1"]);
  a.life.ready();
  await tree.settle();
  a.life.end({ reason: "normal" });
  assertEquals(await tree.clock.until(tree.system.ended), { reason: "shutdown" });
});
