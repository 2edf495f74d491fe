import {
  ActorStoppedError,
  AskTimeoutError,
  IncarnationEndedError,
  OptionError,
} from "../../../src/actor/actor_errors.ts";
import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import type { Reply } from "../../../src/actor/asks/options.ts";
import { Cell } from "../../../src/actor/cell.ts";
import {
  checkedDelivery,
  decideRedelivery,
  DEFAULT_ATTEMPTS,
  deliveryOf,
  type DeliveryOptions,
  type OnDeath,
} from "../../../src/actor/mailbox/delivery.ts";
import { actor } from "../../../src/supervision/child_spec.ts";
import { supervisor } from "../../../src/supervision/supervisor_spec.ts";
import {
  type AnyBehavior,
  type AnyContext,
  failureOf,
  Gate,
  Stage,
  stateOf,
  Tree,
} from "../../support/probes.ts";

/** A behaviour whose first `lives` incarnations fail at each message; it notes what it is handed. */
function failing(seen: string[], lives: number): AnyBehavior {
  return {
    receive(message: string, { generation }: AnyContext) {
      seen.push(`${message}#${generation}`);
      if (generation <= lives) throw new Error(`boom ${generation}`);
      return `${message} by ${generation}`;
    },
  };
}

/** Runs one incarnation after another until one lives on. */
async function runUntilAlive(stage: Stage, behavior: AnyBehavior, lives: number): Promise<void> {
  for (let i = 0; i < lives; i++) await (await stage.run(behavior)).ended;
  await stage.run(behavior);
}

// --- The rule -------------------------------------------------------------------

const FATES: [own: DeliveryOptions | undefined, actor: DeliveryOptions, had: number, fate: OnDeath][] = [
  [undefined, {}, 0, "fail"],
  [undefined, { onDeath: "dead-letter" }, 0, "dead-letter"],
  [undefined, { onDeath: "replay" }, 0, "replay"],
  [undefined, { onDeath: "replay" }, 1, "replay"],
  [undefined, { onDeath: "replay" }, 2, "fail"],
  [undefined, { onDeath: "replay", attempts: 1 }, 0, "fail"],
  [{ onDeath: "fail" }, { onDeath: "replay" }, 0, "fail"],
  [{ onDeath: "replay" }, { attempts: 2 }, 1, "fail"],
  [{ onDeath: "replay", attempts: 4 }, { attempts: 2 }, 2, "replay"],
  [{ attempts: 1 }, { onDeath: "replay" }, 0, "fail"],
];

for (const [own, options, had, fate] of FATES) {
  const words = `${JSON.stringify(own) ?? "nothing"}, the actor ${JSON.stringify(options)}, ${had} had it`;
  Deno.test(`fate: the message says ${words}: ${fate}`, () => {
    assertEquals(decideRedelivery(own, deliveryOf(options), had), fate);
  });
}

Deno.test("delivery options are refused when they make no sense", async () => {
  for (const attempts of [0, 1.5, -1, NaN, Infinity]) {
    assertThrows(() => checkedDelivery({ attempts }), OptionError, "attempts must be a whole number from 1");
  }
  assertThrows(() => checkedDelivery({ onDeath: "retry" as OnDeath }), OptionError, "got 'retry'");
  assertThrows(() => actor("a", () => failing([], 0), { attempts: 0 }), OptionError);
  const stage = new Stage();
  const ref = stage.plant("a");
  assertThrows(() => ref.tell("x", { attempts: 0 }), OptionError);
  assertThrows(() => ref.tryTell("x", { attempts: 0 }), OptionError);
  assertInstanceOf(await failureOf(ref.ask("x", { attempts: 0 })), OptionError);
  assertEquals([ref.queued, stage.clock.pending, DEFAULT_ATTEMPTS], [0, 0, 3]);
  await stage.close();
});

// --- Each word --------------------------------------------------------------------

Deno.test("an ask fails and a tell becomes a dead letter when the incarnation dies under fail", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const seen: string[] = [];
  const asked = failureOf(ref.ask("ask", { onDeath: "fail" }));
  void ref.tell("tell", { onDeath: "fail" });
  await runUntilAlive(stage, failing(seen, 2), 2);
  assertInstanceOf(await asked, IncarnationEndedError);
  await stage.close();
  assertEquals([seen, stage.log.deadLetters()], [["ask#1", "tell#2"], ["in_flight: tell"]]);
});

Deno.test("an ask fails and its message becomes a dead letter when the incarnation dies under dead-letter", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const asked = failureOf(ref.ask("ask", { onDeath: "dead-letter" }));
  void ref.tell("tell", { onDeath: "dead-letter" });
  await runUntilAlive(stage, failing([], 2), 2);
  assertInstanceOf(await asked, IncarnationEndedError);
  await stage.close();
  assertEquals(stage.log.deadLetters(), ["in_flight: ask", "in_flight: tell"]);
  assertEquals(ref.deadLetters, 2);
});

Deno.test("the next incarnation answers a message before the queue when the incarnation dies under replay", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const seen: string[] = [];
  const asked = ref.ask("ask", { onDeath: "replay", detailed: true });
  const told = ref.tell("tell", { onDeath: "replay" });
  void ref.tell("queued");
  await runUntilAlive(stage, failing(seen, 2), 2);
  await stage.settle();
  assertEquals([await asked, told], [{ value: "ask by 3", generation: 3 }, undefined]);
  assertEquals(seen, ["ask#1", "ask#2", "ask#3", "tell#3", "queued#3"]);
  await stage.close();
  assertEquals(stage.log.deadLetters(), []);
});

Deno.test("an ask fails with the attempts, and a tell becomes a dead letter, when the last attempt dies", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const seen: string[] = [];
  const asked = failureOf(ref.ask("ask", { onDeath: "replay" }));
  void ref.tell("tell", { onDeath: "replay", attempts: 2 });
  await runUntilAlive(stage, failing(seen, 5), 5);
  const error = await asked;
  assertInstanceOf(error, IncarnationEndedError);
  assertEquals([error.generation, error.attempts, error.cause instanceof Error && error.cause.message], [
    3,
    3,
    "boom 3",
  ]);
  assertEquals(
    error.message,
    "Cannot answer: 'a' (generation 3) ended before it replied, the last of 3 attempts: boom 3",
  );
  await stage.settle();
  assertEquals(seen, ["ask#1", "ask#2", "ask#3", "tell#4", "tell#5"]);
  await stage.close();
  assertEquals(stage.log.deadLetters(), ["in_flight: tell"]);
});

Deno.test("an actor's delivery options hold when a message has none", async () => {
  const seen: string[] = [];
  const spec = actor("a", () => failing(seen, 2), { onDeath: "replay", attempts: 2 });
  const tree = await Tree.start(supervisor("root", [spec], { intensity: { restarts: 5, within: 1_000 } }));
  const ref = tree.system.ref<string, string>("a");
  void ref.tell("default");
  await tree.settle();
  void ref.tell("own", { onDeath: "fail" });
  await tree.settle();
  assertEquals(seen, ["default#1", "default#2", "own#3"]);
  await tree.stop();
  assertEquals(tree.log.deadLetters(), ["in_flight: default"]);
});

// --- What goes with a replay --------------------------------------------------------

Deno.test("an ask times out with the last death as its cause when it was replayed", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const cell = await stage.run({ receive: (_: string, context: AnyContext) => void context.deferReply() });
  const [early, late] = [640, 640].map((timeout) =>
    failureOf(ref.ask("ask", { timeout, onDeath: "replay", attempts: 9 }))
  );
  await stage.clock.advance(320);
  const after = failureOf(ref.ask("queued", { timeout: 640 }));
  cell.kill();
  await cell.ended;
  assertEquals(ref.queued, 2 + 1);
  await stage.clock.advance(319);
  assertEquals([await stateOf(early), await stateOf(late)], ["pending", "pending"]);
  await stage.clock.advance(21);
  for (const error of [await early!, await late!]) {
    assertInstanceOf(error, AskTimeoutError);
    assertInstanceOf(error.cause, IncarnationEndedError);
    assertEquals([error.generation, error.cause.exit.reason], [1, "killed"]);
  }
  assertEquals(await stateOf(after), "pending");
  await stage.clock.advance(320);
  assertEquals((await after).cause, undefined);
  await stage.close();
});

Deno.test("a caller can abort a replayed ask, and its old reply's onGivenUp stays silent", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const told: number[] = [];
  const abort = new AbortController();
  const behavior = {
    receive(_: string, context: AnyContext) {
      context.deferReply()!.onGivenUp = () => told.push(context.generation);
    },
  };
  const cell = await stage.run(behavior);
  const asked = failureOf(ref.ask("ask", { signal: abort.signal, onDeath: "replay" }));
  await stage.settle();
  cell.stop();
  await cell.ended;
  await stage.run(behavior);
  await stage.settle();
  abort.abort();
  await asked;
  assertEquals(told, [2]);
  await stage.close();
});

Deno.test("an ask is not handed to the next incarnation when it was given up between two", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const abort = new AbortController();
  const seen: string[] = [];
  const cell = await stage.run(failing(seen, 1));
  const asked = failureOf(ref.ask("ask", { signal: abort.signal, onDeath: "replay" }));
  await cell.ended;
  abort.abort();
  await asked;
  await stage.run(failing(seen, 1));
  await stage.settle();
  assertEquals(seen, ["ask#1"]);
  await stage.close();
});

Deno.test("a reply does not answer when an old incarnation still holds it", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const replies: Reply<string>[] = [];
  const gate = new Gate();
  const behavior = {
    receive(message: string, context: AnyContext) {
      if (message === "held") return gate.passed.then(() => `stale ${context.generation}`);
      replies.push(context.deferReply()!);
    },
  };
  const first = await stage.run(behavior);
  const deferred = ref.ask("deferred", { onDeath: "replay", detailed: true });
  const held = ref.ask("held", { onDeath: "replay", detailed: true });
  await stage.settle();
  first.kill();
  assertEquals(await first.ended, { reason: "killed", abandoned: true });
  await stage.run({ receive: (message: string) => `${message} again` });
  replies[0]!.resolve("stale");
  gate.open();
  assertEquals(await Promise.all([deferred, held]), [
    { value: "deferred again", generation: 2 },
    { value: "held again", generation: 2 },
  ]);
  assertEquals(replies[0]!.isOpen, false);
  await stage.close();
  assertEquals(stage.log.deadLetters(), ["late_reply: stale", "late_reply: stale 1"]);
});

Deno.test("messages keep the order in which they were taken when they are replayed or given back", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const tokens: unknown[] = [];
  const cell = await stage.run({
    receive(_: string, context: AnyContext) {
      tokens.push(context.taken());
      context.deferReply();
    },
    stopped(_, context) {
      // 0 to 9 were taken. The asks 0, 3, 6 and 9 are owed an answer.
      context.giveBack([tokens[7], tokens[2], tokens[5]] as never[]);
      context.abandon([tokens[8], tokens[1]] as never[]);
      context.giveBack([tokens[4], tokens[6]] as never[]);
    },
  });
  const asked: Promise<unknown>[] = [];
  for (let i = 0; i < 10; i++) {
    if (i % 3 === 0) asked.push(ref.ask(`${i}`, { onDeath: "replay" }));
    else void ref.tell(`${i}`, i === 1 || i === 8 ? { onDeath: "replay" } : undefined);
  }
  await stage.settle();
  void ref.tell("queued");
  cell.stop();
  void ref.tell("queued later");
  await cell.ended;
  const seen: string[] = [];
  await stage.run({ receive: (message: string) => (seen.push(message), message) });
  assertEquals(await Promise.all(asked), ["0", "3", "6", "9"]);
  await stage.settle();
  assertEquals(seen, [..."0123456789", "queued", "queued later"]);
  await stage.close();
  assertEquals(stage.log.deadLetters(), []);
});

Deno.test("a message is settled once when it is given back or abandoned again", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const cell = await stage.run({
    receive(_: string, context: AnyContext) {
      const taken = context.taken();
      context.giveBack([taken, taken]);
      context.abandon([taken]);
      context.deadLetter("refused", taken);
      context.exit({ reason: "normal" });
      assertEquals(context.taken() === taken, false);
      context.giveBack([context.taken()]);
    },
  });
  void ref.tell("once");
  await cell.ended;
  assertEquals(ref.queued, 1);
  await stage.close();
  assertEquals(stage.log.deadLetters(), ["actor_stopped: once"]);
});

Deno.test("a tell becomes one dead letter when its handler still runs at the end", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const gate = new Gate();
  const cell = await stage.run({
    async receive(_: string, context: AnyContext) {
      const taken = context.taken();
      await gate.passed;
      context.abandon([taken, context.taken()]);
    },
  });
  void ref.tell("in hand");
  await stage.settle();
  cell.kill();
  await cell.ended;
  gate.open();
  await stage.settle();
  await stage.close();
  assertEquals(stage.log.deadLetters(), ["in_flight: in hand"]);
});

Deno.test("pending messages are replayed when their group restarts", async () => {
  const behavior = (): AnyBehavior => ({
    receive(message: string, context: AnyContext) {
      if (message === "crash") throw new Error("boom");
      if (context.generation > 1) return `by ${context.generation}`;
      context.deferReply();
    },
  });
  const tree = await Tree.start(
    supervisor("root", [actor("a", behavior), actor("b", behavior)], { strategy: "one_for_all" }),
  );
  const asked = tree.system.ref("a").ask("hello", { onDeath: "replay" });
  await tree.settle();
  void tree.system.ref("b").tell("crash");
  assertEquals(await tree.clock.until(asked), "by 2");
  await tree.stop();
});

Deno.test("a replayed ask is refused with the death that it met when the actor ends for good", async () => {
  const boom = new Error("boom");
  const spec = actor("a", () => ({
    receive() {
      throw boom;
    },
  }), { restart: "temporary" });
  const tree = await Tree.start(supervisor("root", [spec]));
  const ref = tree.system.ref("a");
  const error = await failureOf(ref.ask("ask", { onDeath: "replay" }));
  assertInstanceOf(error, ActorStoppedError);
  const death = error.cause;
  assertInstanceOf(death, IncarnationEndedError);
  assertEquals([death.generation, death.exit.reason, death.attempts], [1, "crash", 1]);
  assertStrictEquals(death.cause, boom);
  await tree.stop();
});

Deno.test("a cell fails pending asks when it has no delivery options", async () => {
  const stage = new Stage();
  const address = stage.system.address("a");
  address.begin();
  const cell = new Cell({ receive: (_: string, context: AnyContext) => void context.deferReply() }, address, {
    system: stage.system,
    cleanUp: 5_000,
  });
  await cell.started;
  const asked = failureOf(stage.system.ref("a").ask("ask"));
  await stage.settle();
  cell.stop();
  assertInstanceOf(await asked, IncarnationEndedError);
  await stage.close();
});

Deno.test("a handler sees the delivery options of its message when the sender gave some", async () => {
  const seen: unknown[] = [];
  const one = actor<string, void>("one", () => ({
    receive(_message, context) {
      seen.push(context.delivery);
    },
  }));
  const { system } = await Tree.start(supervisor("root", [one]));
  const ref = system.ref(one);
  await ref.ask("a");
  await ref.ask("b", { onDeath: "replay" });
  void ref.tell("c", { onDeath: "dead-letter", attempts: 2 });
  await ref.ask("d", { attempts: 5 });
  assertEquals(seen, [
    undefined,
    { onDeath: "replay", attempts: undefined },
    { onDeath: "dead-letter", attempts: 2 },
    { onDeath: undefined, attempts: 5 },
  ]);
  await system.stop();
});
