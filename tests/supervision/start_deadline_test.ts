/** How long a start may take. */

import { OptionError } from "../../src/actor/actor_errors.ts";
import { nextTurn } from "../../src/actor/scheduler.ts";
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { sidecar } from "@outrider/outrider";
import { actor, DEFAULT_SHUTDOWN_MS, DEFAULT_START_MS } from "../../src/supervision/child_spec.ts";
import { StartTimeoutError } from "../../src/supervision/supervision_errors.ts";
import { dynamicSupervisor, supervisor } from "../../src/supervision/supervisor_spec.ts";
import { System } from "../../src/supervision/tree.ts";
import { failureOf, fake, stateOf, Tree } from "../support/probes.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** Counts the timers that are set. */
class CountingClock extends VirtualClock {
  timers = 0;

  override setTimeout(fn: () => void, ms: number): unknown {
    this.timers++;
    return super.setTimeout(fn, ms);
  }
}

const hangs = { started: () => new Promise<void>(() => {}), receive: () => {} };

Deno.test("an actor that does not get ready fails to start after 90 s, unless it is told otherwise", async () => {
  for (const [startWithin, ms] of [[undefined, DEFAULT_START_MS], [50, 50], ["0.2s", 200]] as const) {
    const tree = new Tree(supervisor("root", [actor("a", () => hangs, { startWithin, shutdown: 0 })]));
    const failed = failureOf(tree.system.start());
    if (ms > 0) await tree.clock.advance(ms - 1);
    assertEquals(await stateOf(failed), "pending");
    await tree.clock.until(failed);
    assertInstanceOf((await failed).cause, StartTimeoutError);
    assertEquals(tree.clock.now(), ms);
  }
});

Deno.test("infinity is no limit, and a supervisor has none", async () => {
  const never = fake("b", [], { outcomes: ["never"] });
  const tree = new Tree(
    supervisor("root", [
      supervisor("inner", [never.spec]),
      actor("a", () => hangs, { startWithin: "infinity" }),
    ]),
  );
  const started = failureOf(tree.system.start());
  await tree.clock.advance(1_000_000_000);
  never.life.ready();
  await tree.clock.advance(1_000_000_000);
  assertEquals(tree.states(), ["inner running#1", "a starting#1"]);
  await tree.stop();
  await started;
});

Deno.test("a limit that is not a time is refused", () => {
  assertThrows(() => actor("a", () => hangs, { startWithin: NaN }), OptionError, "startWithin");
});

Deno.test("a sidecar's start is bounded by its ready and its probes, where they have limits", () => {
  const command = "cat";
  const within = (options: Partial<Parameters<typeof sidecar>[1]>) =>
    sidecar("a", { command, protocol: "lines", ...options }).startWithin;
  const probe = { tcp: { port: 80 }, failureThreshold: 100, period: 10_000 };
  assertEquals([within({}), within({ ready: "started" }), within({ probes: { liveness: probe } })], [
    DEFAULT_START_MS,
    DEFAULT_START_MS,
    DEFAULT_START_MS,
  ]);
  const ready = { stdout: "^ready", within: 300_000 };
  assertEquals(within({ ready }), "infinity");
  assertEquals(within({ probes: { startup: probe } }), 1_000_000);
  assertEquals(within({ probes: { readiness: { ...probe, initialDelay: 7 } } }), 1_000_007);
  assertEquals(within({ probes: { readiness: { ...probe, failureThreshold: 3 } } }), DEFAULT_START_MS);
  assertEquals(within({ ready, probes: { readiness: { tcp: { port: 80 } } } }), 300_000 + DEFAULT_START_MS);
  assertEquals(within({ probes: { startup: probe }, startWithin: 5 }), 5);
});

Deno.test("a tree sets no timer when starts, answers and stops come at once", async () => {
  const clock = new CountingClock();
  const children = Array.from({ length: 100 }, (_, i) => actor(`a${i}`, () => ({ receive: () => i })));
  const system = new System(supervisor("root", children), { clock });
  await system.start();
  assertEquals(await system.ref("a7").ask("?"), 7);
  await system.stop();
  assertEquals(clock.timers, 0);
});

Deno.test("starts of one turn share a timer when none of them comes out at once", async () => {
  const clock = new CountingClock();
  const { promise, resolve } = Promise.withResolvers<void>();
  const children = Array.from(
    { length: 100 },
    (_, i) => actor(`a${i}`, () => ({ started: () => promise, receive: () => i })),
  );
  const system = new System(dynamicSupervisor("root"), { clock });
  await system.start();
  const started = Promise.all(children.map((child) => system.startChild("/", child)));
  await nextTurn();
  resolve();
  await started;
  await system.stop();
  assertEquals({ set: clock.timers, left: clock.pending }, { set: 1, left: 0 });
});

Deno.test("a start that took too long is ended by force where a stop may take for ever", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { outcomes: ["never"], hangs: true, shutdown: "infinity" });
  const tree = new Tree(supervisor("root", [{ ...a.spec, startWithin: 50 }]));
  const failed = failureOf(tree.system.start());
  await tree.clock.advance(50);
  assertEquals(journal, ["start a", "stop a"]);
  await tree.clock.advance(DEFAULT_SHUTDOWN_MS - 1);
  assertEquals([journal.length, await stateOf(failed)], [2, "pending"]);
  await tree.clock.advance(1);
  assertEquals(journal, ["start a", "stop a", "kill a"]);
  assertInstanceOf((await failed).cause, StartTimeoutError);
  assertEquals(tree.clock.pending, 0);
});
