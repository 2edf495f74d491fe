import { assertEquals } from "@std/assert";
import { NO_BACKOFF } from "../../src/supervision/restart/restart_limits.ts";
import { actor } from "../../src/supervision/child_spec.ts";
import { dynamicSupervisor, supervisor } from "../../src/supervision/supervisor_spec.ts";
import { type Fake, fake, stateOf, Tree } from "../support/probes.ts";

const slow = { initial: 100, factor: 2, max: 10_000, jitter: 0, resetAfter: 60_000 };

Deno.test("children stop in reverse order, each when the one after it has stopped", async () => {
  const journal: string[] = [];
  const b = fake("b", journal, { hangs: true, shutdown: "infinity" });
  const tree = await Tree.start(
    supervisor("root", [fake("a", journal).spec, b.spec, fake("c", journal).spec]),
  );
  const stopped = tree.system.stop();
  await tree.settle();
  assertEquals(journal.slice(3), ["stop c", "stop b"]);
  assertEquals(tree.states(), ["a running#1", "b stopping#1", "c stopped#1"]);
  b.life.end({ reason: "shutdown" });
  await stopped;
  assertEquals(await tree.system.ended, { reason: "shutdown" });
  assertEquals(journal.slice(3), ["stop c", "stop b", "stop a"]);
});

Deno.test("a child is ended by force when its shutdown time is over, and not before", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { hangs: true, shutdown: 300 });
  const tree = await Tree.start(supervisor("root", [a.spec]));
  const stopped = tree.system.stop();
  await tree.clock.advance(299);
  assertEquals(journal.slice(1), ["stop a"]);
  await tree.clock.advance(1);
  assertEquals(journal.slice(1), ["stop a", "kill a"]);
  await stopped;
  assertEquals(tree.clock.pending, 0);
  const event = await tree.log.until(({ path, type }) => path === "a" && type === "stopped");
  assertEquals(event, { ...event, type: "stopped", exit: { reason: "killed", abandoned: false }, took: 300 });
});

Deno.test("a child that stops in time leaves no timer and is not ended by force", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { hangs: true, shutdown: 300 });
  const tree = await Tree.start(supervisor("root", [a.spec]));
  const stopped = tree.system.stop();
  await tree.clock.advance(100);
  a.life.end({ reason: "shutdown" });
  await stopped;
  assertEquals([journal.slice(1), tree.clock.pending], [["stop a"], 0]);
});

Deno.test("brutal_kill asks nothing", async () => {
  const journal: string[] = [];
  const tree = await Tree.start(supervisor("root", [fake("a", journal, { shutdown: "brutal_kill" }).spec]));
  await tree.stop();
  assertEquals(journal.slice(1), ["kill a"]);
});

Deno.test("infinity waits as long as it takes", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { hangs: true, shutdown: "infinity" });
  const tree = await Tree.start(supervisor("root", [a.spec]));
  const stopped = tree.system.stop();
  await tree.clock.advance(1_000_000_000);
  assertEquals([await stateOf(stopped), journal.slice(1)], ["pending", ["stop a"]]);
  a.life.end({ reason: "shutdown" });
  await stopped;
});

Deno.test("kill ends the whole tree at once, also what is being stopped", async () => {
  const journal: string[] = [];
  const hanging = { hangs: true, shutdown: "infinity" } as const;
  const inner = supervisor("inner", [fake("x", journal, hanging).spec, fake("y", journal, hanging).spec]);
  const tree = await Tree.start(supervisor("root", [fake("a", journal, hanging).spec, inner]));
  const stopped = tree.system.stop();
  await tree.settle();
  assertEquals(journal.slice(3), ["stop y"]);
  const killed = tree.system.kill();
  for (const id of ["a", "x", "y"]) assertEquals(journal.includes(`kill ${id}`), true, id);
  assertEquals([await stateOf(killed), await stateOf(stopped)], ["fulfilled", "fulfilled"]);
  await tree.stop();
});

Deno.test("kill ends a tree whose start hangs", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { outcomes: ["never"], hangs: true, shutdown: "infinity" });
  const tree = new Tree(supervisor("root", [supervisor("inner", [a.spec])]));
  const started = tree.system.start().catch((error: Error) => error.name);
  await tree.settle();
  await tree.clock.until(tree.system.kill());
  assertEquals(await started, "StartCancelledError");
  assertEquals(journal.at(-1), "kill a");
});

Deno.test("kill ends a tree of actors that hang in started", async () => {
  const hang = () => new Promise<void>(() => {});
  const tree = new Tree(supervisor("root", [actor("a", () => ({ started: hang, receive: () => {} }))]));
  const started = tree.system.start().catch((error: Error) => error.name);
  await tree.settle();
  await tree.clock.until(tree.system.kill());
  assertEquals(await started, "StartCancelledError");
});

Deno.test("an actor that hangs in its handler is abandoned after its shutdown time, and the tree stops", async () => {
  const tree = await Tree.start(
    supervisor("root", [
      actor("a", () => ({ receive: () => new Promise<void>(() => {}) }), { shutdown: 50 }),
    ]),
  );
  const asked = tree.system.ref("a").ask("hello", { timeout: Infinity }).catch((error: { code: string }) =>
    error.code
  );
  await tree.settle();
  await tree.stop();
  assertEquals([await asked, tree.clock.now()], ["incarnation_ended", 50]);
  const { exit } = await tree.log.until(({ type, path }) => type === "stopped" && path === "a") as {
    exit?: unknown;
  };
  assertEquals(exit, { reason: "killed", abandoned: true });
});

Deno.test("told to stop during a backoff, nothing is started after it and no timer is left", async () => {
  const a = fake("a", [], { backoff: slow });
  const tree = await Tree.start(supervisor("root", [a.spec]));
  a.life.crash();
  await tree.settle();
  assertEquals([tree.states(), tree.clock.pending], [["a restarting#1"], 1]);
  await tree.stop();
  await tree.clock.advance(10_000);
  assertEquals(a.lives.length, 1);
});

for (const backoff of [NO_BACKOFF, slow]) {
  Deno.test(`told to stop while a restart stops its group, nothing is started after it (backoff ${backoff.initial})`, async () => {
    const journal: string[] = [];
    const a = fake("a", journal, { backoff });
    const b = fake("b", journal, { hangs: true, shutdown: "infinity" });
    const tree = await Tree.start(supervisor("root", [a.spec, b.spec], { strategy: "one_for_all" }));
    a.life.crash();
    await tree.settle();
    const stopped = tree.system.stop();
    await tree.settle();
    b.life.end({ reason: "shutdown" });
    await stopped;
    await tree.clock.runAll();
    assertEquals(journal, ["start a", "start b", "stop b"]);
  });
}

Deno.test("told to stop during a restart that hangs, it is interrupted", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { outcomes: ["ok", "never"] });
  const tree = await Tree.start(supervisor("root", [a.spec, fake("b", journal).spec]));
  a.life.crash();
  await tree.settle();
  assertEquals(tree.states()[0], "a starting#2");
  await tree.stop();
  assertEquals(journal, ["start a", "start b", "start a", "stop a", "stop b"]);
});

Deno.test("a child that dies while it is told to stop is not restarted", async () => {
  const [a, b] = [fake("a", []), fake("b", [], { hangs: true, shutdown: "infinity" })];
  const tree = await Tree.start(supervisor("root", [a.spec, b.spec]));
  const stopped = tree.system.stop();
  await tree.settle();
  a.life.crash();
  b.life.crash();
  await stopped;
  assertEquals([a.lives.length, b.lives.length], [1, 1]);
});

Deno.test("children of a dynamic supervisor stop together: none waits for another", async () => {
  const journal: string[] = [];
  const tree = await Tree.start(supervisor("root", [dynamicSupervisor("pool")]));
  const [a, b] = ["a", "b"].map((id) => fake(id, journal, { hangs: true, shutdown: "infinity" })) as [
    Fake,
    Fake,
  ];
  for (const { spec } of [a, b]) await tree.system.startChild("pool", spec);
  const stopped = tree.system.stop();
  await tree.settle();
  assertEquals(journal.slice(2).sort(), ["stop a", "stop b"]);
  for (const { life } of [a, b]) life.end({ reason: "shutdown" });
  await stopped;
  assertEquals(await tree.system.ended, { reason: "shutdown" });
});

Deno.test("a restart that was due behind a request to terminate its child is not made", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { backoff: slow });
  const stopping = fake("slow", journal, { hangs: true, shutdown: "infinity" });
  const tree = await Tree.start(supervisor("root", [stopping.spec, a.spec]));
  a.life.crash();
  await tree.clock.advance(0);
  const terminated = ["slow", "a"].map((id) => tree.system.terminateChild(id));
  await tree.settle();
  assertEquals(tree.states(), ["slow stopping#1", "a restarting#1"]);
  await tree.clock.advance(100); // it is due, and waits behind the two requests
  stopping.life.end({ reason: "shutdown" });
  await Promise.all(terminated);
  await tree.clock.advance(10_000);
  assertEquals([tree.states(), a.lives.length], [["slow stopped#1", "a stopped#1"], 1]);
  await tree.stop();
});

Deno.test("a cool-down that was over behind a request to terminate its child starts nothing", async () => {
  const journal: string[] = [];
  const a = fake("a", journal);
  const stopping = fake("slow", journal, { hangs: true, shutdown: "infinity" });
  const tree = await Tree.start(supervisor("root", [stopping.spec, a.spec], {
    intensity: { restarts: 0, within: 1_000 },
    onLimit: { quarantine: { coolDown: 100 } },
  }));
  a.life.crash();
  await tree.clock.advance(0);
  const terminated = ["slow", "a"].map((id) => tree.system.terminateChild(id));
  await tree.settle();
  assertEquals(tree.states(), ["slow stopping#1", "a quarantined#1"]);
  await tree.clock.advance(100);
  stopping.life.end({ reason: "shutdown" });
  await Promise.all(terminated);
  await tree.clock.advance(10_000);
  assertEquals([tree.states(), a.lives.length], [["slow stopped#1", "a stopped#1"], 1]);
  await tree.stop();
});

Deno.test("a start that failed is not tried again behind a request to terminate its child", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { outcomes: ["ok", "never"] });
  const stopping = fake("slow", journal, { hangs: true, shutdown: "infinity" });
  const tree = await Tree.start(supervisor("root", [stopping.spec, a.spec]));
  a.life.crash();
  await tree.clock.advance(0);
  const terminated = [tree.system.terminateChild("slow")];
  await tree.settle();
  a.life.fail(new Error("boom")); // what becomes of it is decided when `slow` has stopped
  await tree.settle();
  terminated.push(tree.system.terminateChild("a"));
  await tree.settle();
  stopping.life.end({ reason: "shutdown" });
  await Promise.all(terminated);
  await tree.clock.advance(10_000);
  assertEquals([tree.states(), a.lives.length], [["slow stopped#1", "a stopped#2"], 2]);
  await tree.stop();
});
