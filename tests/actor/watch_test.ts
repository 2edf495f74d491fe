import { assertEquals } from "@std/assert";
import type { Terminated } from "../../src/actor/behavior.ts";
import { Watches } from "../../src/actor/watches.ts";
import { actor, dynamicSupervisor, start, supervisor } from "@outrider/outrider";
import { type AnyBehavior, type AnyContext, Gate, Stage } from "../support/probes.ts";

/** A behaviour that watches `b` and writes what it gets to `calls`. */
function watching(calls: string[], more: Partial<AnyBehavior> = {}): AnyBehavior {
  return {
    started: (context) => context.watch(context.ref("b")),
    receive: (message) => void calls.push(`message ${message}`),
    terminated: ({ ref, generation, exit }: Terminated) =>
      void calls.push(`${ref.path}#${generation} ${exit.reason}`),
    stopped: () => void calls.push("stopped"),
    ...more,
  };
}

const quiet: AnyBehavior = { receive: () => {} };

Deno.test("a watcher gets generation and exit when the watched actor ends", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const first = await stage.run(quiet, "b");
  await stage.run(watching(calls));
  first.stop();
  await stage.settle();
  const second = await stage.run(quiet, "b");
  second.exit({ reason: "crash", cause: new Error("boom") });
  await stage.settle();
  assertEquals(calls, ["b#1 shutdown", "b#2 crash"]);
  await stage.close();
});

Deno.test("a watcher is notified at once when the actor has ended or has never run", async () => {
  const stage = new Stage();
  stage.plant("b");
  const calls: string[] = [];
  const watcher = await stage.run(watching(calls));
  await stage.settle();
  assertEquals(calls.splice(0), ["b#0 normal"]);
  const ended = await stage.run(quiet, "b");
  watcher.stop();
  await watcher.ended;
  ended.exit({ reason: "crash", cause: new Error("boom") });
  await stage.settle();
  calls.length = 0;
  await stage.run(watching(calls));
  await stage.settle();
  assertEquals(calls, ["b#1 crash"]);
  await stage.close();
});

Deno.test("a watcher is not notified when the actor runs", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  await stage.run(quiet, "b");
  await stage.run(watching(calls));
  await stage.settle();
  assertEquals(calls, []);
  await stage.close();
});

Deno.test("a notice comes first when messages are queued", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const gate = new Gate();
  const b = await stage.run(quiet, "b");
  await stage.run(watching(calls, {
    async receive(message) {
      await gate.passed;
      calls.push(`message ${message}`);
    },
  }));
  for (let i = 0; i < 3; i++) void stage.plant("a").tell(i);
  await stage.settle();
  b.stop();
  await stage.settle();
  gate.open();
  await stage.settle();
  assertEquals(calls, ["message 0", "b#1 shutdown", "message 1", "message 2"]);
  await stage.close();
});

Deno.test("a watcher handles no message when terminated is pending, and ends when that fails", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const gate = new Gate();
  const b = await stage.run(quiet, "b");
  const watcher = await stage.run(watching(calls, {
    async terminated() {
      await gate.passed;
      throw new Error("boom");
    },
  }));
  b.stop();
  await stage.settle();
  void stage.plant("a").tell(1);
  await stage.settle();
  assertEquals(calls, []);
  gate.open();
  assertEquals((await watcher.ended).reason, "crash");
  assertEquals(calls, ["stopped"]);
  await stage.close();
});

Deno.test("a watcher is not notified when it has cancelled the watch", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const b = await stage.run(quiet, "b");
  await stage.run(watching(calls, { receive: (_, context) => context.unwatch(context.ref("b")) }));
  await stage.plant("a").ask("unwatch");
  b.stop();
  await stage.settle();
  assertEquals(calls, []);
  assertEquals(stage.system.address("b").watchers.size, 0);
  await stage.close();
});

Deno.test("a watcher gets the latest exit alone when an actor ends twice meanwhile", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const gate = new Gate();
  const first = await stage.run(quiet, "b");
  await stage.run(watching(calls, { receive: () => gate.passed }));
  void stage.plant("a").tell("busy");
  await stage.settle();
  first.stop();
  await stage.settle();
  const second = await stage.run(quiet, "b");
  second.stop();
  await stage.settle();
  gate.open();
  await stage.settle();
  assertEquals(calls, ["b#2 shutdown"]);
  await stage.close();
});

Deno.test("a waiting notice is withdrawn when the watch is cancelled", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const gate = new Gate();
  const b = await stage.run(quiet, "b");
  await stage.run(watching(calls, {
    async receive(_: unknown, context: AnyContext) {
      await gate.passed;
      context.unwatch(context.ref("b"));
    },
  }));
  void stage.plant("a").tell("unwatch");
  await stage.settle();
  b.stop();
  await stage.settle();
  gate.open();
  await stage.settle();
  assertEquals(calls, []);
  await stage.close();
});

Deno.test("a watcher is removed when it has ended", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const b = await stage.run(quiet, "b");
  const watcher = await stage.run(watching(calls));
  assertEquals(stage.system.address("b").watchers.size, 1);
  watcher.stop();
  await watcher.ended;
  assertEquals(stage.system.address("b").watchers.size, 0);
  b.stop();
  await stage.settle();
  assertEquals(calls, ["stopped"]);
  await stage.close();
});

Deno.test("a waiting notice is dropped when the watcher stops", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const b = await stage.run(quiet, "b");
  const watcher = await stage.run(watching(calls));
  // The stage tells the watcher first; then, before the notice's turn, comes the stop.
  void b.ended.then(() => watcher.stop());
  b.stop();
  await watcher.ended;
  await stage.settle();
  assertEquals(calls, ["stopped"]);
  await stage.close();
});

Deno.test("a waiting notice is dropped when the handler ends its own actor", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  stage.plant("b");
  stage.plant("c");
  const watcher = await stage.run(watching(calls, {
    started(context) {
      context.watch(context.ref("b"));
      context.watch(context.ref("c"));
    },
    terminated({ ref }: Terminated, context: AnyContext) {
      calls.push(ref.path);
      context.exit({ reason: "normal" });
    },
  }));
  await watcher.ended;
  await stage.settle();
  assertEquals(calls, ["b", "stopped"]);
  await stage.close();
});

Deno.test("a watcher is notified at once when the watched actor was removed", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const old = stage.plant("b");
  const b = await stage.run(quiet, "b");
  b.exit({ reason: "normal" });
  await stage.settle();
  stage.system.removeAddresses("b", "it was temporary");
  await stage.run(watching(calls, { started: (context) => context.watch(old) }));
  await stage.settle();
  assertEquals(calls, ["b#1 normal"]);
  await stage.close();
});

Deno.test("a watch is released and its exit delivered when the watched actor is gone for good", async () => {
  const stage = new Stage();
  let woken = 0;
  const watching = new Watches({ wake: () => woken++ });
  for (let n = 0; n < 100; n++) {
    const path = `guests/${n}`;
    const guest = await stage.run(quiet, path);
    watching.watch(stage.system.ref(path));
    guest.stop();
    await guest.ended;
    stage.system.removeAddresses(path, "it was terminated");
  }
  assertEquals([watching.watched, watching.size, woken], [0, 100, 100]);
  assertEquals(watching.take().ref.path, "guests/0");
  await stage.close();
});

Deno.test("a watch delivers the exit and is not kept when the actor is gone already", async () => {
  const stage = new Stage();
  const guest = await stage.run(quiet, "guest");
  const ref = stage.system.ref("guest");
  const address = stage.system.address("guest");
  guest.stop();
  await guest.ended;
  stage.system.removeAddresses("guest", "it was terminated");
  const watching = new Watches({ wake() {} });
  watching.watch(ref);
  assertEquals([watching.watched, watching.size, address.watchers.size], [0, 1, 0]);
  assertEquals(watching.take().exit, { reason: "shutdown" });
  await stage.close();
});

Deno.test("a watcher of dynamic children gets each exit when a name is used again", async () => {
  const told: string[] = [];
  const seen = (count: number) => sleepUntil(() => told.length === count);
  const watcher = actor("watcher", () => ({
    receive: (path: string, context) => context.watch(context.ref(path)),
    terminated: ({ ref, generation, exit }) => void told.push(`${ref.path}#${generation} ${exit.reason}`),
  }));
  await using system = await start(supervisor("root", [watcher, dynamicSupervisor("guests")]));
  const guest = actor("ann", () => ({ receive() {} }));
  for (const count of [1, 2, 3]) {
    await system.startChild("guests", guest);
    await system.ref("watcher").ask("guests/ann");
    await system.terminateChild("guests/ann");
    await seen(count);
  }
  assertEquals(told, Array(3).fill("guests/ann#1 shutdown"));
});

async function sleepUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => setTimeout(resolve));
}
