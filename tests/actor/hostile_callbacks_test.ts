/** What callbacks of a user's throw ends that actor, and neither the runtime nor another actor. */
import { assert, assertEquals } from "@std/assert";
import { type Runnable, schedule, TIME_SLICE_MS } from "../../src/actor/scheduler.ts";
import { BITING } from "./biting.ts";
import { type AnyContext, failureOf, Gate, Stage } from "../support/probes.ts";

const boom = () => {
  throw new Error("boom");
};

/** The ways to listen to a signal. */
const listeners: Readonly<Record<string, (signal: AbortSignal, fn: () => void) => void>> = {
  addEventListener: (signal, fn) => signal.addEventListener("abort", fn),
  "a listener that is an object": (signal, fn) => signal.addEventListener("abort", { handleEvent: fn }),
  onabort: (signal, fn) => signal.onabort = fn,
  "AbortSignal.any": (signal, fn) => AbortSignal.any([signal]).addEventListener("abort", fn),
};

for (const [how, listen] of Object.entries(listeners)) {
  Deno.test(`an actor's exit is reported and other listeners are called when a listener throws: ${how}`, async () => {
    const stage = new Stage();
    const heard: string[] = [];
    const kept: AbortSignal[] = [];
    const cell = await stage.run({
      started({ signal }: AnyContext) {
        signal.addEventListener("abort", () => heard.push("before"));
        kept.push(signal);
        listen(signal, boom);
        AbortSignal.any([signal]).addEventListener("abort", () => heard.push("dependent"));
        signal.addEventListener("abort", () => heard.push("behind"));
      },
      receive() {},
      stopped: () => void heard.push("stopped"),
    });
    cell.stop();
    const exit = await cell.ended;
    assertEquals(exit.reason === "crash" && exit.cause.message, "boom");
    assertEquals(heard.toSorted(), ["before", "behind", "dependent", "stopped"]);
    await stage.close();
  });
}

Deno.test("an actor's exit is reported when a listener throws an unreadable value", async () => {
  const stage = new Stage();
  for (const [name, value] of Object.entries(BITING)) {
    const cell = await stage.run({
      started({ signal }: AnyContext) {
        signal.addEventListener("abort", () => {
          throw value();
        });
      },
      receive() {},
    });
    cell.stop();
    const { reason } = await cell.ended;
    assertEquals(reason, "crash", name);
  }
  await stage.close();
});

Deno.test("an actor's exit is reported when a listener of its signal is async and rejects", async () => {
  const stage = new Stage();
  const gate = new Gate();
  const cell = await stage.run({
    started({ signal }: AnyContext) {
      signal.addEventListener("abort", () => Promise.reject(new Error("boom")));
    },
    receive() {},
    stopped: () => gate.passed,
  });
  cell.stop();
  await stage.settle();
  gate.open();
  const exit = await cell.ended;
  assertEquals(exit.reason === "crash" && exit.cause.message, "boom");
  await stage.close();
});

Deno.test("a cause stays when a listener of the signal throws as well", async () => {
  const stage = new Stage();
  const cell = await stage.run({
    started: ({ signal }: AnyContext) => signal.addEventListener("abort", boom),
    receive() {
      throw new Error("first");
    },
  });
  void stage.system.ref("a").tell(1);
  const exit = await cell.ended;
  assertEquals(exit.reason === "crash" && exit.cause.message, "first");
  await stage.close();
});

Deno.test("an actor crashes when its kill, or its onGivenUp, is async and rejects", async () => {
  const stage = new Stage();
  const reject = (() => Promise.reject(new Error("boom"))) as () => void;
  const killed = await stage.run({ receive() {}, stopped: () => new Promise(() => {}), kill: reject });
  killed.stop();
  killed.kill();
  await stage.clock.advance(6_000);
  assertEquals((await killed.ended).reason, "crash");
  const given = await stage.run({
    receive: (_, context) => context.deferReply()!.onGivenUp = reject,
  });
  const asked = failureOf(stage.system.ref("a").ask(1, { timeout: 10 }));
  await stage.clock.advance(100);
  await asked;
  const exit = await given.ended;
  assertEquals(exit.reason === "crash" && exit.cause.message, "boom");
  await stage.close();
});

Deno.test("an actor is ended in time when its 'kill' can't be read", async () => {
  const stage = new Stage();
  const cell = await stage.run({
    receive() {},
    stopped: () => new Promise(() => {}),
    get kill(): () => void {
      throw new Error("no kill");
    },
  });
  cell.stop();
  cell.kill();
  await stage.clock.advance(6_000);
  assertEquals((await cell.ended).reason, "crash");
  await stage.close();
});

Deno.test("an event is emitted without its content when the redact function throws", async () => {
  const stage = new Stage();
  const cell = await stage.run({
    started: (context: AnyContext) => context.redact(boom),
    receive: (line: string, context: AnyContext) => context.emit({ type: "output", stream: "stdout", line }),
  });
  void stage.system.ref("a").tell("hunter2");
  await stage.settle();
  cell.stop();
  assertEquals(await cell.ended, { reason: "shutdown" });
  await stage.close();
  assertEquals(stage.log.lines(), ["a#1 warning"]);
  assertEquals(JSON.stringify(stage.log.events).includes("hunter2"), false);
});

Deno.test("an event names its own address when the emitted fields say otherwise", async () => {
  const stage = new Stage();
  await stage.run({
    receive: (_, context) =>
      context.emit({ type: "warning", message: "m", path: "b", generation: 7 } as never),
  });
  void stage.system.ref("a").tell(1);
  await stage.settle();
  await stage.close();
  assertEquals(stage.log.lines(), ["a#1 warning"]);
});

Deno.test("other runnables run when one throws", async () => {
  const calls: string[] = [];
  const done = Promise.withResolvers<void>();
  const runnable = (name: string, run: () => void, fault: () => void = () => {}): Runnable => ({
    run() {
      calls.push(name);
      run();
      return 1;
    },
    fault(thrown) {
      calls.push(`${name}: ${(thrown as Error).message}`);
      fault();
    },
    pause() {},
  });
  schedule(runnable("first", boom));
  schedule(runnable("second", boom, boom));
  schedule(runnable("third", done.resolve));
  await done.promise;
  assertEquals(calls, ["first", "first: boom", "second", "second: boom", "third"]);
  await Promise.resolve();
  const again = Promise.withResolvers<void>();
  schedule(runnable("later", again.resolve));
  await again.promise;
});

Deno.test("a time slice ends when the clock is set back within it", async () => {
  const { now } = Date;
  let time = 1_000_000;
  try {
    Date.now = () => time;
    // A scheduler of its own, which reads this clock.
    const url = new URL("../../src/actor/scheduler.ts?set-back", import.meta.url);
    const own = await import(url.href) as typeof import("../../src/actor/scheduler.ts");
    let left = 50_000;
    let turns = 0;
    const done = Promise.withResolvers<void>();
    const busy: Runnable = {
      run(limit) {
        if (turns === 1) time = 0;
        time += TIME_SLICE_MS / 8;
        if ((left -= limit) > 0) own.schedule(busy);
        else done.resolve();
        return limit;
      },
      pause: () => void turns++,
      fault: done.reject,
    };
    own.schedule(busy);
    await done.promise;
    assert(turns > 10, `the event loop had ${turns} turns`);
    while (!own.isAtRest()) await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    Date.now = now;
  }
});
