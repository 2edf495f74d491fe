import {
  actor,
  type Behavior,
  type MailboxOptions,
  MessageRefusedError,
  OptionError,
  StartError,
  supervisor,
  System,
} from "@outrider/outrider";
import type { Clock } from "@outrider/outrider/actor";
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { ticker, type TickerOptions } from "@outrider/outrider/actors/ticker";
import { failureOf, Gate, Tree } from "../support/probes.ts";

/** A tree with an actor `a` and a ticker `t` for it. */
async function ticking(
  options: Omit<TickerOptions, "to">,
  { receive, mailbox }: { receive?: Behavior<unknown, unknown>["receive"]; mailbox?: MailboxOptions } = {},
) {
  const got: unknown[] = [];
  const a = actor<unknown, unknown>("a", () => ({
    receive(message, context) {
      got.push(message);
      return receive?.(message, context);
    },
  }), { mailbox });
  const tree = await Tree.start(supervisor("root", [a, ticker("t", { to: "a", ...options })]));
  return { tree, got, advance: (ms: number) => tree.clock.advance(ms) };
}

Deno.test("a ticker follows the tree's clock, first after one period", async () => {
  const { tree, got, advance } = await ticking({ every: 1_000, message: "tick" });
  await advance(999);
  assertEquals(got, []);
  await advance(1);
  assertEquals(got, ["tick"]);
  await advance(3_000);
  assertEquals(got.length, 4);
  await tree.stop(); // which fails if a timer is left
});

Deno.test("the message can be made from the tick; without one it is the tick", async () => {
  const made = await ticking({ every: 10, message: ({ number }: { number: number }) => `n${number}` });
  await made.advance(30);
  assertEquals(made.got, ["n1", "n2", "n3"]);
  await made.tree.stop();
  const plain = await ticking({ every: 10 });
  await plain.advance(10);
  assertEquals(plain.got, [{ number: 1, skipped: 0 }]);
  await plain.tree.stop();
});

Deno.test("ticks are skipped while the last one waits for room in the mailbox", async () => {
  const gate = new Gate();
  const { tree, got, advance } = await ticking({ every: 10 }, {
    receive: () => gate.passed,
    mailbox: { capacity: 1 },
  });
  // The first is in hand, the second in the mailbox, the third waits; the others are skipped.
  await advance(100);
  assertEquals(tree.system.ref("a").queued, 1);
  gate.open();
  await advance(10);
  assertEquals(got, [1, 2, 3, 11].map((number) => ({ number, skipped: number === 11 ? 7 : 0 })));
  await tree.stop();
});

Deno.test("asked, ticks are skipped until the last one was answered, however it was", async () => {
  let gate = new Gate();
  const { tree, got, advance } = await ticking({ every: 10, ask: true }, {
    receive: async () => {
      await gate.passed;
      if (got.length === 2) throw new Error("no");
    },
  });
  await advance(50);
  assertEquals(got, [{ number: 1, skipped: 0 }]);
  gate.open();
  gate = new Gate();
  gate.open();
  await advance(20); // the second ends the actor
  assertEquals(got.slice(1), [{ number: 6, skipped: 4 }, { number: 7, skipped: 0 }]);
  await tree.stop();
});

Deno.test("an answer may be waited for no longer than a time", async () => {
  const { tree, got, advance } = await ticking({ every: 10, ask: true, timeout: 25 }, {
    receive: (_, context) => void context.deferReply(),
  });
  await advance(60);
  assertEquals(got, [{ number: 1, skipped: 0 }, { number: 4, skipped: 2 }]);
  await tree.stop();
});

Deno.test("jitter puts each tick off, and the next ones not", async () => {
  const chances = [0.5, 0, 0.99, 0];
  const { tree, got, advance } = await ticking({
    every: 100,
    jitter: 50,
    random: () => chances.shift() ?? 0,
  });
  await advance(124);
  assertEquals(got.length, 0);
  await advance(1);
  assertEquals(got.length, 1);
  await advance(75); // at 200
  assertEquals(got.length, 2);
  await advance(149);
  assertEquals(got.length, 2);
  await advance(51); // at 400
  assertEquals(got.length, 4);
  await tree.stop();
});

Deno.test("a clock that was late gets one tick, not all that it missed", async () => {
  let now = 0;
  let fire = () => {};
  const clock: Clock = {
    now: () => now,
    wallTime: () => now,
    setTimeout: (fn) => fire = fn,
    clearTimeout() {},
  };
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const a = actor("a", () => ({ receive: (tick: unknown) => resolve(tick) }));
  const system = new System(supervisor("root", [a, ticker("t", { to: "a", every: 10 })]), { clock });
  await system.start();
  now = 1_005;
  fire();
  assertEquals(await promise, { number: 100, skipped: 99 });
  await system.stop();
});

Deno.test("a ticker restarts when the making of a message throws", async () => {
  const { tree, got, advance } = await ticking({
    every: 10,
    message({ number }: { number: number }) {
      if (number === 2) throw new RangeError("no more");
      return number;
    },
  });
  await advance(30);
  assertEquals([got, tree.states().at(-1)], [[1, 1], "t running#2"]);
  await tree.stop();
});

Deno.test("a restarted ticker begins anew, and one without a receiver does not start", async () => {
  const { tree, got, advance } = await ticking({ every: 10 });
  await advance(25);
  await tree.clock.until(tree.system.terminateChild("t"));
  await advance(100);
  assertEquals(got.length, 2);
  await tree.clock.until(tree.system.restartChild("t"));
  await advance(10);
  assertEquals(got.at(-1), { number: 1, skipped: 0 });
  await tree.stop();
  assertInstanceOf(
    await failureOf(Tree.start(supervisor("root", [ticker("t", { to: "nobody", every: 1 })]))),
    StartError,
  );
});

Deno.test("a ticker refuses messages and invalid times", async () => {
  const { tree } = await ticking({ every: 10 });
  assertInstanceOf(await failureOf(tree.clock.until(tree.system.ref("t").ask("x"))), MessageRefusedError);
  await tree.system.ref("t").tell("x");
  await tree.settle();
  assertEquals(tree.log.deadLetters(), ["refused: x"]);
  await tree.stop();
  for (
    const [every, jitter] of [[0, 0], [-1, 0], [NaN, 0], [10, 10], [10, -1], ["10" as never, 0]] as const
  ) {
    assertThrows(() => ticker("t", { to: "a", every, jitter }), OptionError);
  }
});

Deno.test("a ticker crashes, and the runtime lives on, when its random function throws later", async () => {
  let chances = 0;
  const random = () => {
    if (++chances > 1) throw new Error("no chance");
    return 0;
  };
  const { tree, got, advance } = await ticking({ every: 10, jitter: 5, random, restart: "temporary" });
  await advance(100);
  assertEquals(got.length, 1);
  const exited = await tree.log.until(({ type, path }) => type === "exited" && path === "t");
  assertEquals(
    exited.type === "exited" && exited.exit.reason === "crash" && exited.exit.cause.message,
    "no chance",
  );
  await tree.stop();
});
