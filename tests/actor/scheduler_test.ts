import { assert, assertEquals } from "@std/assert";
import { type Runnable, schedule, TIME_SLICE_MS } from "../../src/actor/scheduler.ts";
import { type AnyContext, Stage } from "../support/probes.ts";

/** So many messages mean starvation: the event loop should have had hundreds of turns by then. */
const FAR_TOO_MANY = 20_000_000;

/** Two actors that keep each other busy until told to stop; how many messages they handled. */
async function pingPong(stage: Stage): Promise<{ stop: () => void; handled: () => number }> {
  let handled = 0;
  let stopped = false;
  const player = (other: string) => ({
    receive(message: unknown, context: AnyContext) {
      handled++;
      if (!stopped && handled < FAR_TOO_MANY) void context.ref(other).tell(message);
    },
  });
  await stage.run(player("b"), "a");
  await stage.run(player("a"), "b");
  void stage.plant("a").tell("ping");
  return { stop: () => stopped = true, handled: () => handled };
}

Deno.test("a timer fires when two actors keep each other busy for ever", async () => {
  const stage = new Stage();
  const game = await pingPong(stage);
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  assert(game.handled() < FAR_TOO_MANY, "the timer fired only when the actors were done");
  assert(game.handled() > 0, "the actors did not run");
  game.stop();
  await stage.settle();
  await stage.close();
});

Deno.test("a pipe is read when two actors keep each other busy for ever", async () => {
  const stage = new Stage();
  const game = await pingPong(stage);
  const { stdout } = await new Deno.Command("echo", { args: ["hello"] }).output();
  assertEquals(new TextDecoder().decode(stdout), "hello\n");
  assert(game.handled() < FAR_TOO_MANY, "the pipe was read only when the actors were done");
  game.stop();
  await stage.settle();
  await stage.close();
});

Deno.test("a timer fires when actors await microtasks for ever", async () => {
  const stage = new Stage();
  let handled = 0;
  let stopped = false;
  await stage.run({
    async receive(message: unknown, context: AnyContext) {
      await Promise.resolve();
      if (!stopped && ++handled < FAR_TOO_MANY / 10) void context.ref("a").tell(message);
    },
  });
  void stage.plant("a").tell("on and on");
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  assert(handled < FAR_TOO_MANY / 10);
  stopped = true;
  await stage.settle();
  await stage.close();
});

Deno.test("timers fire between a few messages when handlers are slow and queues long", async () => {
  const stage = new Stage();
  const total = 300;
  let handled = 0;
  await stage.run({
    receive() {
      const until = performance.now() + 1;
      while (performance.now() < until);
      handled++;
    },
  });
  const ref = stage.plant("a");
  const marks: number[] = [];
  for (let i = 0; i < total; i++) void ref.tell(i);
  while (handled < total) {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    marks.push(handled);
  }
  const steps = marks.map((mark, i) => mark - (marks[i - 1] ?? 0));
  assert(
    steps.slice(3).every((step) => step <= 16),
    `between two turns of a timer were handled: ${steps.join(" ")}`,
  );
  await stage.close();
});

Deno.test("actors take turns when one has a long queue", async () => {
  const stage = new Stage();
  const order: string[] = [];
  for (const path of ["a", "b"]) await stage.run({ receive: () => void order.push(path) }, path);
  for (let i = 0; i < 500; i++) void stage.plant("a").tell(i);
  void stage.plant("b").tell(0);
  while (order.length < 501) await stage.settle();
  assert(order.indexOf("b") <= 64, `b came ${order.indexOf("b")}th`);
  await stage.close();
});

Deno.test("runnables run in order, once a call, when many are scheduled", async () => {
  const order: number[] = [];
  const runnables: Runnable[] = Array.from({ length: 3_000 }, (_, i) => ({
    run() {
      order.push(i);
      if (order.length <= 3_000 && i % 2 === 0) schedule(this);
      return 1;
    },
    pause() {},
    fault() {},
  }));
  for (const runnable of runnables) schedule(runnable);
  const stage = new Stage();
  while (order.length < 4_500) await stage.settle();
  const all = Array.from({ length: 3_000 }, (_, i) => i);
  assertEquals(order, [...all, ...all.filter((i) => i % 2 === 0)]);
  await stage.close();
});

Deno.test("runnables are paused when the event loop has its turn", async () => {
  const told: string[] = [];
  const waiting = (name: string): Runnable => ({
    run: () => 1,
    pause: () => void told.push(name),
    fault() {},
  });
  const [late, done] = [waiting("late"), Promise.withResolvers<void>()];
  let handled = 0;
  const busy: Runnable = {
    run(limit) {
      const until = performance.now() + TIME_SLICE_MS + 1;
      while (performance.now() < until);
      handled += limit;
      schedule(waiting("queued"));
      // Before the event loop has had its turn, and after the slice is over.
      queueMicrotask(() => {
        schedule(late);
        done.resolve();
      });
      return limit;
    },
    pause: () => void told.push("busy"),
    fault() {},
  };
  schedule(busy);
  await done.promise;
  assertEquals([told, handled > 0], [["queued", "late"], true]);
  const stage = new Stage();
  await stage.settle();
  await stage.close();
});

Deno.test("a scheduler that has just begun gives the event loop its turn when the first messages are slow", async () => {
  const fresh: typeof import("../../src/actor/scheduler.ts") = await import(
    new URL("../../src/actor/scheduler.ts?fresh", import.meta.url).href
  );
  let handled = 0;
  let stopped = false;
  const slow: Runnable = {
    run(limit) {
      for (let n = 0; n < limit; n++) {
        for (const until = performance.now() + 5; performance.now() < until;);
        handled++;
      }
      if (!stopped) fresh.schedule(slow);
      return limit;
    },
    pause() {},
    fault(thrown) {
      throw thrown;
    },
  };
  fresh.schedule(slow);
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  stopped = true;
  assert(handled <= 8, `it handled ${handled} slow messages before a timer fired`);
});
