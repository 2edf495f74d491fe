import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { IGNORE } from "../../src/actor/behavior.ts";
import type { Exit } from "../../src/actor/exit.ts";
import { ActorStoppedError } from "../../src/actor/actor_errors.ts";
import { type AnyBehavior, type AnyContext, failureOf, Gate, Stage, stateOf } from "../support/probes.ts";

/** A behaviour that writes what is called to `calls`. */
function noting(calls: string[], more: Partial<AnyBehavior> = {}): AnyBehavior {
  return {
    started: () => void calls.push("started"),
    receive: (message) => (calls.push(message), message),
    stopped: (exit) => void calls.push(`stopped ${exit.reason}`),
    ...more,
  };
}

Deno.test("an actor handles one message at a time, in order, when handlers take long", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const gates = [new Gate(), new Gate(), new Gate()];
  const calls: string[] = [];
  await stage.run({
    async receive(i: number) {
      calls.push(`begin ${i}`);
      await gates[i]!.passed;
      calls.push(`end ${i}`);
    },
  });
  for (let i = 0; i < 3; i++) void ref.tell(i);
  for (const i of [2, 1, 0]) {
    await stage.settle();
    assertEquals(calls, ["begin 0"]);
    gates[i]!.open();
  }
  await stage.settle();
  assertEquals(calls, ["begin 0", "end 0", "begin 1", "end 1", "begin 2", "end 2"]);
  await stage.close();
});

Deno.test("messages wait until started has returned when they are sent before the start", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const gate = new Gate();
  const calls: string[] = [];
  void ref.tell("hello");
  const cell = stage.spawn(noting(calls, {
    async started() {
      await gate.passed;
      calls.push("started");
    },
  }));
  assertEquals([await stateOf(cell.started), calls], ["pending", []]);
  gate.open();
  assertEquals(await cell.started, "ok");
  await stage.settle();
  assertEquals(calls, ["started", "hello"]);
  await stage.close();
});

Deno.test("an actor finishes its handler, then calls stopped, and takes no more when it is stopped", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const gate = new Gate();
  const calls: string[] = [];
  const cell = await stage.run(noting(calls, {
    async receive(message) {
      await gate.passed;
      calls.push(message);
      return message;
    },
  }));
  const first = ref.ask("first");
  const second = ref.ask("second");
  await stage.settle();
  assertEquals(cell.signal.aborted, false);
  cell.stop();
  assertEquals(cell.signal.aborted, true);
  assertEquals(await stateOf(cell.ended), "pending");
  gate.open();
  assertEquals(await cell.ended, { reason: "shutdown" });
  assertEquals(await first, "first");
  assertEquals(calls, ["started", "first", "stopped shutdown"]);
  assertEquals([await stateOf(second), ref.queued], ["pending", 1]);
  const failure = failureOf(second);
  await stage.close();
  await failure;
});

for (const [how, fails] of [["throws", false], ["rejects", true]] as const) {
  Deno.test(`an incarnation ends with the cause, handling nothing more, when a handler ${how}`, async () => {
    const stage = new Stage();
    const ref = stage.plant("a");
    const cause = new RangeError("boom");
    const calls: string[] = [];
    const cell = await stage.run(noting(calls, {
      receive(message) {
        calls.push(message);
        if (fails) return Promise.reject(cause);
        throw cause;
      },
    }));
    void ref.tell("first");
    void ref.tell("second");
    const exit = await cell.ended;
    assertEquals(exit.reason, "crash");
    assertStrictEquals((exit as Exit & { reason: "crash" }).cause, cause);
    assertEquals([calls, ref.queued], [["started", "first", "stopped crash"], 1]);
    await stage.close();
  });
}

Deno.test("a thrown value becomes the cause of an Error when it is not one", async () => {
  const stage = new Stage();
  const cell = await stage.run({
    receive() {
      throw "plain words";
    },
  });
  void stage.plant("a").tell(1);
  const { cause } = await cell.ended as Exit & { reason: "crash" };
  assertInstanceOf(cause, Error);
  assertEquals([cause.message, cause.cause], ["Cannot go on: plain words was thrown", "plain words"]);
  await stage.close();
});

Deno.test("the first exit counts when an actor ends itself by context.exit twice", async () => {
  const stage = new Stage();
  const calls: string[] = [];
  const cell = await stage.run(noting(calls, {
    receive(message, context) {
      context.exit({ reason: "normal" });
      context.exit({ reason: "crash", cause: new Error("too late") });
      return message;
    },
  }));
  const ref = stage.plant("a");
  const [first] = [ref.ask("first"), ref.tell("second")];
  assertEquals(await cell.ended, { reason: "normal" });
  assertEquals(await first, "first");
  cell.stop();
  cell.kill();
  await stage.settle();
  assertEquals([calls, ref.queued], [["started", "stopped normal"], 1]);
  await stage.close();
});

Deno.test("stopped is called once and the mailbox keeps its messages when started returns IGNORE", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  void ref.tell("kept");
  const calls: string[] = [];
  const cell = stage.spawn(noting(calls, { started: () => IGNORE }));
  assertEquals(await cell.started, "ignore");
  assertEquals(await cell.ended, { reason: "normal" });
  assertEquals([calls, ref.queued], [["stopped normal"], 1]);
  await stage.close();
});

for (const rejects of [false, true]) {
  Deno.test(`a start fails after stopped when started fails (${rejects ? "rejected" : "thrown"})`, async () => {
    const stage = new Stage();
    const cause = new Error("no luck");
    const calls: string[] = [];
    const cell = stage.spawn(noting(calls, {
      started() {
        if (rejects) return Promise.reject(cause);
        throw cause;
      },
    }));
    assertStrictEquals(await failureOf(cell.started), cause);
    assertEquals([await stateOf(cell.ended), calls], ["fulfilled", ["stopped crash"]]);
    await stage.close();
  });
}

Deno.test("a start fails after started and one stopped when the actor is stopped meanwhile", async () => {
  const stage = new Stage();
  const gate = new Gate();
  const calls: string[] = [];
  const cell = stage.spawn(noting(calls, {
    async started() {
      await gate.passed;
      calls.push("started");
    },
  }));
  const failure = failureOf(cell.started);
  cell.stop();
  assertEquals([await stateOf(cell.ended), cell.signal.aborted], ["pending", true]);
  gate.open();
  assertEquals(await cell.ended, { reason: "shutdown" });
  assertInstanceOf(await failure, ActorStoppedError);
  assertEquals(calls, ["started", "stopped shutdown"]);
  await stage.close();
});

Deno.test("a failure of stopped becomes the cause when the actor had not failed already", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const [first, second] = [new Error("first"), new Error("second")];
  const behavior: AnyBehavior = {
    receive() {
      throw first;
    },
    stopped: () => Promise.reject(second),
  };
  const stopping = await stage.run(behavior);
  stopping.stop();
  assertEquals(await stopping.ended, { reason: "crash", cause: second });
  const crashing = await stage.run(behavior);
  void ref.tell("crash");
  assertEquals(await crashing.ended, { reason: "crash", cause: first });
  await stage.close();
});

Deno.test("the ask and the exit name the cause when a handler fails while the actor stops", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const cause = new Error("boom");
  const gate = new Gate();
  const cell = await stage.run({ receive: () => gate.passed.then(() => Promise.reject(cause)) });
  const failure = failureOf(ref.ask("hello"));
  await stage.settle();
  cell.stop();
  gate.open();
  const exit = await cell.ended;
  assertStrictEquals((await failure).cause, cause);
  assertEquals(exit, { reason: "crash", cause });
  await stage.close();
});

for (const when of ["at once", "later"]) {
  Deno.test(`a message goes first to the next incarnation, its ask still open, when it is given back ${when}`, async () => {
    const stage = new Stage();
    const ref = stage.plant("a");
    const first = await stage.run({
      receive(_: string, context: AnyContext) {
        const giveBack = () => {
          context.giveBack([context.taken()]);
          context.exit({ reason: "normal" });
        };
        return when === "later" ? Promise.resolve().then(giveBack) : giveBack();
      },
    });
    const asked = ref.ask("asked");
    void ref.tell("told");
    await first.ended;
    assertEquals([ref.queued, await stateOf(asked)], [2, "pending"]);
    const seen: string[] = [];
    await stage.run({ receive: (message: string) => (seen.push(message), `${message} again`) });
    assertEquals(await asked, "asked again");
    await stage.settle();
    assertEquals(seen, ["asked", "told"]);
    await stage.close();
  });
}

Deno.test("the context knows the path, the generation, the address and the clock", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const behavior = {
    receive: (
      _: string,
      { path, generation, self, clock, ref: _ref }: AnyContext,
    ) => [path, generation, self, clock],
  };
  const first = await stage.run(behavior);
  first.stop();
  await first.ended;
  await stage.run(behavior);
  assertEquals(await ref.ask("who"), ["a", 2, ref, stage.clock]);
  await stage.close();
});
