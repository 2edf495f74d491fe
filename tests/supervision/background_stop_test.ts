/** Stops that take time do not keep a supervisor from its other children. A turn of the clock is `advance(0)`. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { SupervisionError } from "../../src/supervision/supervision_errors.ts";
import { dynamicSupervisor, supervisor } from "../../src/supervision/supervisor_spec.ts";
import { failureOf, fake, type FakeOptions, stateOf, Tree } from "../support/probes.ts";

/** A tree of `a`, which is being stopped by hand until it is told, and `b`. */
async function stopping(options: FakeOptions = {}, rules: Parameters<typeof supervisor>[2] = {}) {
  const journal: string[] = [];
  const a = fake("a", journal, { hangs: true, shutdown: "infinity", ...options });
  const b = fake("b", journal, {
    restart: options.restart ?? "permanent",
    significant: options.significant ?? false,
  });
  const tree = await Tree.start(supervisor("root", [a.spec, b.spec], rules));
  const terminated = tree.system.terminateChild("a");
  await tree.clock.advance(0);
  journal.length = 0;
  return { tree, journal, a, b, terminated, done: () => a.life.end({ reason: "shutdown" }) };
}

Deno.test("a supervisor restarts a child that crashed, and takes requests, when it stops another one", async () => {
  const { tree, journal, b, terminated, done } = await stopping();
  b.life.crash();
  await tree.settle();
  await tree.system.startChild("/", fake("c", journal).spec);
  await tree.system.terminateChild("c");
  assertEquals(tree.states(), ["a stopping#1", "b running#2", "c stopped#1"]);
  assertEquals(await stateOf(terminated), "pending");
  done();
  await terminated;
  assertEquals(tree.states()[0], "a stopped#1");
  await tree.stop();
});

Deno.test("a group waits for the stop of a member when one of it crashes meanwhile", async () => {
  const { tree, b, terminated, done } = await stopping({}, { strategy: "one_for_all" });
  b.life.crash();
  await tree.settle();
  assertEquals(tree.states(), ["a stopping#1", "b ended#1"]);
  done();
  await terminated;
  await tree.settle();
  assertEquals(tree.states(), ["a running#2", "b running#2"]);
  done();
  const stopped = tree.stop();
  done();
  await stopped;
});

Deno.test("requests about a child wait for its stop, in their order, and those about others do not", async () => {
  const { tree, a, terminated, done } = await stopping();
  const again = tree.system.restartChild("a");
  const off = tree.system.terminateChild("a");
  const deleted = tree.system.deleteChild("a");
  await tree.system.terminateChild("b");
  assertEquals([await stateOf(again), tree.states()], ["pending", ["a stopping#1", "b stopped#1"]]);
  done();
  await terminated;
  assertEquals(await again, "ok");
  await tree.clock.advance(0);
  a.life.end({ reason: "shutdown" });
  await Promise.all([off, deleted]);
  assertEquals([tree.states(), a.lives.length], [["b stopped#1"], 2]);
  await tree.stop();
});

Deno.test("a request that waits for a stop comes before one that came later, when that stop ends beside a start", async () => {
  const { tree, journal, a, terminated, done } = await stopping();
  const again = tree.system.restartChild("a");
  const starts = tree.system.startChild("/", fake("c", journal, { outcomes: ["never"] }).spec);
  const off = tree.system.terminateChild("a"); // waits behind the start of c, which takes its turn
  done();
  await terminated;
  await tree.clock.until(again);
  a.life.end({ reason: "shutdown" });
  await tree.clock.until(off);
  assertEquals([a.lives.length, tree.states()[0]], [2, "a stopped#2"]);
  const refused = failureOf(starts);
  await tree.stop();
  await refused;
});

Deno.test("the end of a child that is being stopped is no death when it crashes", async () => {
  const { tree, a, terminated } = await stopping();
  a.life.crash();
  await terminated;
  await tree.clock.advance(10);
  assertEquals([tree.states()[0], a.lives.length], ["a stopped#1", 1]);
  assertEquals(tree.log.lines().includes("a#1 exited"), false);
  await tree.stop();
});

Deno.test("a supervisor that is to stop stops the others last to first and waits for the one that is being stopped", async () => {
  const { tree, journal, terminated, done } = await stopping();
  const again = failureOf(tree.system.restartChild("a"));
  const stopped = tree.system.stop();
  await tree.settle();
  assertEquals([journal, tree.states(), await stateOf(stopped)], [
    ["stop b"],
    ["a stopping#1", "b stopped#1"],
    "pending",
  ]);
  done();
  await stopped;
  assertEquals(await tree.system.ended, { reason: "shutdown" });
  await terminated;
  assertInstanceOf(await again, SupervisionError);
  assertEquals(tree.clock.pending, 0);
});

Deno.test("kill ends a child that is being stopped in the background", async () => {
  const { tree, journal, terminated } = await stopping();
  await tree.clock.until(tree.system.kill());
  await terminated;
  assertEquals(journal.includes("kill a"), true);
  await tree.stop();
});

Deno.test("a child that is being stopped does not keep its supervisor from shutting down with the last", async () => {
  const { tree, b, done } = await stopping({ significant: true, restart: "transient" }, {
    autoShutdown: "all_significant",
  });
  b.life.end({ reason: "normal" });
  await tree.settle();
  done();
  assertEquals(await tree.clock.until(tree.system.ended), { reason: "shutdown" });
});

Deno.test("a child of a dynamic supervisor counts for maxChildren while it is being stopped", async () => {
  const journal: string[] = [];
  const tree = await Tree.start(supervisor("root", [dynamicSupervisor("pool", { maxChildren: 1 })]));
  const a = fake("a", journal, { hangs: true, shutdown: "infinity" });
  await tree.system.startChild("pool", a.spec);
  const terminated = tree.system.terminateChild("pool/a");
  await tree.clock.advance(0);
  const refused = await failureOf(
    tree.system.startChild("pool", fake("b", journal).spec),
  ) as SupervisionError;
  assertEquals(refused.code, "max_children");
  const same = tree.system.startChild("pool", fake("a", journal).spec); // waits until the first has gone
  a.life.end({ reason: "shutdown" });
  await terminated;
  await same;
  assertEquals(tree.system.countChildren("pool").specs, 1);
  await tree.stop();
});
