import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { StartError } from "../../src/supervision/supervision_errors.ts";
import { actor } from "../../src/supervision/child_spec.ts";
import { supervisor } from "../../src/supervision/supervisor_spec.ts";
import { failureOf, fake, stateOf, Tree } from "../support/probes.ts";

Deno.test("children start in order, each when the one before is ready", async () => {
  const journal: string[] = [];
  const [a, b, c] = ["a", "b", "c"].map((id) => fake(id, journal, { outcomes: ["never"] }));
  const tree = new Tree(supervisor("root", [a!.spec, b!.spec, c!.spec]));
  const started = tree.system.start();
  for (const [i, child] of [a, b, c].entries()) {
    await tree.settle();
    assertEquals(journal, ["start a", "start b", "start c"].slice(0, i + 1));
    assertEquals(await stateOf(started), "pending");
    child!.life.ready();
  }
  await started;
  assertEquals(tree.states(), ["a running#1", "b running#1", "c running#1"]);
  await tree.stop();
});

Deno.test("a failed start stops what was started, in reverse, and names the child and the cause", async () => {
  const journal: string[] = [];
  const cause = new Error("no such file");
  const tree = new Tree(supervisor("root", [
    fake("a", journal).spec,
    fake("b", journal).spec,
    fake("c", journal, { outcomes: [cause] }).spec,
    fake("d", journal).spec,
  ]));
  const error = await failureOf(tree.system.start());
  assertInstanceOf(error, StartError);
  assertEquals([error.path, error.message], ["c", "Cannot start 'c': no such file"]);
  assertEquals(journal, ["start a", "start b", "start c", "stop b", "stop a"]);
  assertEquals((await tree.system.ended).reason, "crash");
  await tree.log.ended;
  assertEquals(tree.log.lines(), [
    "/#1 starting",
    "a#1 starting",
    "a#1 ready",
    "b#1 starting",
    "b#1 ready",
    "c#1 starting",
    "c#1 start_failed",
    "b#1 stopping",
    "b#1 stopped",
    "a#1 stopping",
    "a#1 stopped",
    "/#1 start_failed",
  ]);
  assertEquals([tree.system.active, tree.clock.pending], [false, 0]);
});

Deno.test("the rollback of a failed start waits for each stop", async () => {
  const journal: string[] = [];
  const a = fake("a", journal);
  const b = fake("b", journal, { hangs: true, shutdown: "infinity" });
  const c = fake("c", journal, { outcomes: [new Error("boom")] });
  const tree = new Tree(supervisor("root", [a.spec, b.spec, c.spec]));
  const started = failureOf(tree.system.start());
  await tree.settle();
  assertEquals([journal.at(-1), await stateOf(started)], ["stop b", "pending"]);
  b.life.end({ reason: "shutdown" });
  await started;
  assertEquals(journal.at(-1), "stop a");
});

Deno.test("a failed start deep in the tree names the innermost child and rolls everything back", async () => {
  const journal: string[] = [];
  const cause = new Error("boom");
  const inner = supervisor("inner", [
    fake("x", journal).spec,
    fake("y", journal, { outcomes: [cause] }).spec,
  ]);
  const tree = new Tree(supervisor("root", [fake("a", journal).spec, inner]));
  const error = await failureOf(tree.system.start());
  assertInstanceOf(error, StartError);
  assertEquals([error.path, error.message], ["inner/y", "Cannot start 'inner/y': boom"]);
  assertEquals(journal, ["start a", "start x", "start y", "stop x", "stop a"]);
});

Deno.test("a spec whose start throws is a failed start, with what it threw as the cause", async () => {
  const cause = new Error("boom");
  const broken = actor("a", () => {
    throw cause;
  });
  const error = await failureOf(new Tree(supervisor("root", [broken])).system.start());
  assertInstanceOf(error, StartError);
  assertStrictEquals(error.cause, cause);
});

Deno.test("a child with nothing to start is passed over, and the tree is not active for its sake", async () => {
  const journal: string[] = [];
  const idle = fake("idle", journal, { outcomes: ["ignore"] });
  const brief = fake("brief", journal, { outcomes: ["ignore"], restart: "temporary" });
  const tree = await Tree.start(supervisor("root", [idle.spec, brief.spec]));
  assertEquals(tree.states(), ["idle stopped#1"]);
  assertEquals(tree.system.active, false);
  await tree.stop();
  assertEquals(tree.log.lines().slice(1, 5), [
    "idle#1 starting",
    "idle#1 ignored",
    "brief#1 starting",
    "brief#1 ignored",
  ]);
});

Deno.test("a child that dies while another starts is restarted once all have started", async () => {
  const journal: string[] = [];
  const a = fake("a", journal);
  const b = fake("b", journal, { outcomes: ["never"] });
  const tree = new Tree(supervisor("root", [a.spec, b.spec, fake("c", journal).spec]));
  const started = tree.system.start();
  await tree.settle();
  a.life.crash();
  await tree.settle();
  assertEquals(journal, ["start a", "start b"]);
  b.life.ready();
  await started;
  await tree.settle();
  assertEquals(journal, ["start a", "start b", "start c", "start a"]);
  await tree.stop();
});

Deno.test("told to stop during the start, the child that starts is stopped, then those before it, and none after", async () => {
  const journal: string[] = [];
  const b = fake("b", journal, { outcomes: ["never"] });
  const tree = new Tree(supervisor("root", [fake("a", journal).spec, b.spec, fake("c", journal).spec]));
  const started = failureOf(tree.system.start());
  await tree.settle();
  assertEquals((await tree.stop()).reason, "shutdown");
  assertInstanceOf(await started, StartError);
  assertEquals(journal, ["start a", "start b", "stop b", "stop a"]);
  // No failure: what was told to stop and did, has stopped.
  assertEquals(tree.log.lines().slice(3, 9), [
    "b#1 starting",
    "/#1 stopping",
    "b#1 stopped",
    "a#1 stopping",
    "a#1 stopped",
    "/#1 stopped",
  ]);
});

Deno.test("told to stop during a start that hangs, the child is ended by force when its shutdown time is over", async () => {
  const journal: string[] = [];
  const b = fake("b", journal, { outcomes: ["never"], hangs: true, shutdown: 300 });
  const tree = new Tree(supervisor("root", [fake("a", journal).spec, b.spec]));
  const started = failureOf(tree.system.start());
  await tree.settle();
  await tree.stop();
  await started;
  assertEquals([journal, tree.clock.now()], [["start a", "start b", "stop b", "kill b", "stop a"], 300]);
});

Deno.test("a start that fails after it was told to stop leaves no timer, though its end never comes", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { outcomes: ["never"], hangs: true, shutdown: 300 });
  const tree = new Tree(supervisor("root", [a.spec]));
  const started = failureOf(tree.system.start());
  await tree.settle();
  const stopped = tree.system.stop();
  a.life.fail(new Error("boom"));
  await stopped;
  await started;
  assertEquals(tree.clock.pending, 0);
  await tree.clock.advance(1_000);
  assertEquals(journal, ["start a", "stop a"]);
});

Deno.test("a child that got ready in spite of being told to stop is stopped all the same", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { outcomes: ["never"], hangs: true, shutdown: 1_000 });
  const tree = new Tree(supervisor("root", [a.spec, fake("b", journal).spec]));
  const started = failureOf(tree.system.start());
  await tree.settle();
  const stopped = tree.system.stop();
  a.life.ready();
  await tree.clock.until(stopped);
  await started;
  assertEquals(journal.includes("start b"), false);
  assertEquals(journal.at(-1), "kill a");
  assertEquals(tree.clock.pending, 0);
});

Deno.test("a tree can be stopped from within its very first start", async () => {
  const tree: Tree = new Tree(supervisor("root", [actor("a", () => ({
    started: () => void tree.system.stop(),
    receive: () => {},
  }))]));
  const started = tree.system.start().then(() => "started", (error: Error) => error.name);
  await tree.clock.until(tree.system.ended);
  assertEquals(await started, "StartCancelledError");
});

Deno.test("a start with dependencies that fails cuts short the siblings that still start", async () => {
  const journal: string[] = [];
  const boom = new Error("boom");
  const a = fake("a", journal, { outcomes: ["never"] });
  const b = fake("b", journal, { outcomes: ["never"] });
  const c = fake("c", journal);
  const after = [{ id: "b", condition: "ready" }] as const;
  const tree = new Tree(supervisor("root", [a.spec, b.spec, { ...c.spec, after }]));
  const failed = failureOf(tree.system.start());
  await tree.settle();
  assertEquals(journal, ["start a", "start b"]);
  b.life.fail(boom);
  await tree.settle();
  assertEquals(journal, ["start a", "start b", "stop a"]);
  assertEquals((await failed).cause, boom);
});
