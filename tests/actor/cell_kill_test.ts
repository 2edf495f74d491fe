import { assertEquals, assertInstanceOf } from "@std/assert";
import { IncarnationEndedError } from "../../src/actor/actor_errors.ts";
import { KILL_GRACE_MS } from "../../src/actor/incarnation.ts";
import { type AnyContext, failureOf, Gate, Stage, stateOf } from "../support/probes.ts";

Deno.test("an idle actor ends at once, after stopped, when it is killed", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const cell = await stage.run({
    receive: () => {},
    stopped: (exit) => void calls.push(`stopped ${exit.reason}`),
  });
  cell.kill();
  assertEquals(await stateOf(cell.ended), "fulfilled");
  assertEquals(await cell.ended, { reason: "killed", abandoned: false });
  assertEquals([calls, stage.clock.pending], [["stopped killed"], 0]);
  await stage.close();
});

Deno.test("a stuck handler is abandoned and its ask fails when the actor is killed", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const cell = await stage.run({ receive: () => new Promise<void>(() => {}) });
  const failure = failureOf(ref.ask("hello", { timeout: Infinity }));
  await stage.settle();
  cell.stop();
  assertEquals(await stateOf(cell.ended), "pending");
  cell.kill();
  assertEquals(await stateOf(cell.ended), "fulfilled");
  assertEquals(await cell.ended, { reason: "killed", abandoned: true });
  const error = await failure;
  assertInstanceOf(error, IncarnationEndedError);
  assertEquals(error.exit, { reason: "killed", abandoned: true });
  assertEquals(stage.clock.pending, 0);
  await stage.close();
});

Deno.test("both promises settle without stopped when an actor is killed while started hangs", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const cell = stage.spawn({
    started: () => new Promise<void>(() => {}),
    receive: () => {},
    stopped: () => void calls.push("stopped"),
  });
  cell.stop();
  assertEquals(await stateOf(cell.ended), "pending");
  cell.kill();
  assertEquals(await stateOf(cell.ended), "fulfilled");
  assertEquals(await cell.ended, { reason: "killed", abandoned: true });
  assertEquals(await stateOf(cell.started), "rejected");
  await stage.settle();
  assertEquals(calls, []);
  await stage.close();
});

Deno.test("an actor waits for the rest when its kill hook ends what hangs", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const gate = new Gate();
  const calls: string[] = [];
  const cell = await stage.run({
    receive: () => gate.passed,
    kill: () => void (calls.push("kill"), gate.open()),
    stopped: (exit) => void calls.push(`stopped ${exit.reason}`),
  });
  void ref.tell("hello");
  await stage.settle();
  cell.stop();
  await stage.settle();
  assertEquals(calls, []);
  cell.kill();
  await stage.settle();
  assertEquals(await cell.ended, { reason: "killed", abandoned: false });
  assertEquals([calls, stage.clock.pending], [["kill", "stopped killed"], 0]);
  await stage.close();
});

Deno.test("an actor waits without leaving a timer when its kill hook takes a while", async () => {
  const stage = new Stage();
  const gate = new Gate();
  const cell = await stage.run({ receive: () => {}, stopped: () => gate.passed, kill: () => {} });
  cell.kill();
  await stage.clock.advance(KILL_GRACE_MS / 2);
  gate.open();
  await stage.settle();
  assertEquals(await cell.ended, { reason: "killed", abandoned: false });
  assertEquals(stage.clock.pending, 0);
  await stage.close();
});

Deno.test("an actor is abandoned after the grace time when its kill hook does not help", async () => {
  const stage = new Stage();
  const cell = await stage.run({
    receive: () => {},
    stopped: () => new Promise<void>(() => {}),
    kill: () => {},
  });
  cell.kill();
  await stage.clock.advance(KILL_GRACE_MS - 1);
  assertEquals(await stateOf(cell.ended), "pending");
  await stage.clock.advance(1);
  assertEquals(await stateOf(cell.ended), "fulfilled");
  assertEquals(await cell.ended, { reason: "killed", abandoned: true });
  assertEquals(stage.clock.pending, 0);
  await stage.close();
});

Deno.test("an actor crashes with the error when its kill hook throws", async () => {
  const boom = new Error("boom");
  const stage = new Stage();
  const cell = await stage.run({
    receive: () => {},
    stopped: () => new Promise<void>(() => {}),
    kill() {
      throw boom;
    },
  });
  cell.kill();
  await stage.clock.runAll();
  assertEquals(await stateOf(cell.ended), "fulfilled");
  assertEquals(await cell.ended, { reason: "crash", cause: boom });
  await stage.close();
});

Deno.test("a kill has no effect when the actor was killed or has ended", async () => {
  const stage = new Stage();
  let kills = 0;
  const cell = await stage.run({ receive: () => {}, kill: () => void kills++ });
  cell.stop();
  await cell.ended;
  cell.kill();
  assertEquals([await cell.ended, kills], [{ reason: "shutdown" }, 0]);
  await stage.close();
});

/** An actor whose handler was abandoned by a kill; opening the gate lets the handler go on to `act`. */
async function abandoned(stage: Stage, act: (context: AnyContext) => unknown): Promise<Gate> {
  const gate = new Gate();
  const ref = stage.plant("a");
  const cell = await stage.run({
    async receive(_message: string, context: AnyContext) {
      await gate.passed;
      return await act(context);
    },
  });
  void ref.tell("stuck");
  await stage.settle();
  cell.kill();
  await cell.ended;
  return gate;
}

Deno.test("the next incarnation is untouched when an abandoned handler returns or throws", async () => {
  for (const act of [() => "result", () => Promise.reject(new Error("boom"))]) {
    const stage = new Stage();
    const gate = await abandoned(stage, act);
    const next = await stage.run({ receive: (message: string) => message });
    gate.open();
    await stage.settle();
    assertEquals(await stage.plant("a").ask("hello"), "hello");
    assertEquals(await stateOf(next.ended), "pending");
    await stage.close();
  }
});

Deno.test("an answer becomes a dead letter when its handler was abandoned", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const gate = new Gate();
  const cell = await stage.run({ receive: (message: string) => gate.passed.then(() => message) });
  const failure = failureOf(ref.ask("late"));
  await stage.settle();
  cell.kill();
  await failure;
  gate.open();
  await stage.settle();
  await stage.close();
  assertEquals(stage.log.deadLetters(), ["late_reply: late"]);
});

Deno.test("subscribers get nothing when an abandoned handler publishes", async () => {
  const stage = new Stage();
  const items = Array.fromAsync(stage.plant("a").subscribe());
  const gate = await abandoned(stage, (context) => context.publish("stale"));
  gate.open();
  await stage.settle();
  await stage.close();
  assertEquals(await items, []);
});

Deno.test("a message is not given back when its handler was abandoned", async () => {
  const stage = new Stage();
  const gate = await abandoned(stage, (context) => context.giveBack([context.taken()]));
  gate.open();
  await stage.settle();
  assertEquals(stage.plant("a").queued, 0);
  await stage.close();
});

Deno.test("a watch leaves nothing behind when its handler was abandoned", async () => {
  const stage = new Stage();
  stage.plant("b");
  const gate = await abandoned(stage, (context) => context.watch(context.ref("b")));
  gate.open();
  await stage.settle();
  assertEquals(stage.system.address("b").watchers.size, 0);
  await stage.close();
});

Deno.test("no event is emitted when an abandoned handler emits it", async () => {
  const stage = new Stage();
  const gate = await abandoned(stage, (context) => context.emit({ type: "stop_step", step: "stale" }));
  gate.open();
  await stage.settle();
  await stage.close();
  assertEquals(stage.log.lines(), []);
});
