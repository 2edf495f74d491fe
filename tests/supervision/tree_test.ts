import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { ActorStoppedError, UnknownActorError } from "../../src/actor/actor_errors.ts";
import { actor } from "../../src/supervision/child_spec.ts";
import { supervisor } from "../../src/supervision/supervisor_spec.ts";
import { start } from "../../src/supervision/start.ts";
import { type AnyContext, failureOf, fake, Tree } from "../support/probes.ts";
import { EPOCH } from "../support/virtual_clock.ts";

const boom = new Error("boom");
const worker = (id: string) =>
  actor(id, () => ({
    receive(message: string, context: AnyContext) {
      if (message === "crash") throw boom;
      return `${message} by ${context.generation}`;
    },
  }));

Deno.test("a crash and its restart are told in exactly these events", async () => {
  const tree = await Tree.start(supervisor("root", [worker("a"), worker("b")]));
  await tree.clock.advance(10);
  void tree.system.ref("a").tell("crash");
  await tree.settle();
  await tree.stop();
  assertEquals(tree.log.lines(), [
    "/#1 starting",
    "a#1 starting",
    "a#1 ready",
    "b#1 starting",
    "b#1 ready",
    "/#1 ready",
    "a#1 exited",
    "a#1 restarting",
    "a#2 starting",
    "a#2 ready",
    "/#1 stopping",
    "b#1 stopping",
    "b#1 stopped",
    "a#2 stopping",
    "a#2 stopped",
    "/#1 stopped",
  ]);
  const [lost, exited, restarting] = tree.log.events.filter(({ type }) =>
    ["dead_letter", "exited", "restarting"].includes(type)
  );
  assertEquals(lost, {
    at: EPOCH + 10,
    path: "a",
    generation: 1,
    type: "dead_letter",
    reason: "in_flight",
    message: "crash",
  });
  const exit = { reason: "crash", cause: boom } as const;
  assertEquals(exited, { at: EPOCH + 10, path: "a", generation: 1, type: "exited", exit, uptime: 10 });
  assertEquals(restarting, {
    at: EPOCH + 10,
    path: "a",
    generation: 1,
    type: "restarting",
    delay: 0,
    restart: 1,
    limit: 5,
  });
});

Deno.test("messages that are queued wait across a restart and are answered by the next generation", async () => {
  const tree = await Tree.start(supervisor("root", [worker("a")]));
  const ref = tree.system.ref("a");
  void ref.tell("crash");
  const asked = ref.ask("hello");
  assertEquals(await asked, "hello by 2");
  await tree.stop();
});

Deno.test("messages sent during a backoff wait for the next incarnation", async () => {
  const backoff = { initial: 100, factor: 1, max: 100, jitter: 0, resetAfter: 1 };
  const tree = await Tree.start(supervisor("root", [{ ...worker("a"), backoff }]));
  const ref = tree.system.ref("a");
  void ref.tell("crash");
  await tree.settle();
  assertEquals([ref.isAlive, ref.generation], [false, 1]);
  const asked = ref.ask("hello");
  assertEquals(ref.queued, 1);
  assertEquals(await tree.clock.until(asked), "hello by 2");
  await tree.stop();
});

Deno.test("an address can be had and used before the tree starts", async () => {
  const tree = new Tree(supervisor("root", [supervisor("inner", [worker("a")])]));
  const asked = tree.system.ref("inner/a").ask("hello");
  await tree.system.start();
  assertEquals(await asked, "hello by 1");
  await tree.stop();
});

Deno.test("an unknown path is an error that lists the known ones", async () => {
  const tree = await Tree.start(supervisor("root", [worker("a"), supervisor("inner", [worker("b")])]));
  assertThrows(
    () => tree.system.ref("inner/c"),
    UnknownActorError,
    "Cannot find an actor at 'inner/c': the tree has a, inner, inner/b",
  );
  await tree.stop();
});

Deno.test("a transient child that ended well refuses messages, and the tree is not active any more", async () => {
  const a = fake("a", [], { restart: "transient" });
  const tree = await Tree.start(supervisor("root", [a.spec]));
  const ref = tree.system.ref("a");
  void ref.tell("queued");
  a.life.end({ reason: "normal" });
  await tree.settle();
  const error = await failureOf(ref.tell("later"));
  assertInstanceOf(error, ActorStoppedError);
  assertEquals(error.message, "Cannot reach 'a': it has ended (normal) and will not be started again");
  assertEquals([tree.states(), tree.system.active], [["a stopped#1"], false]);
  await tree.stop();
  const finished = tree.log.events.find(({ type }) => type === "finished");
  assertEquals(finished, { ...finished!, type: "finished", path: "a", generation: 1, verdict: "keep" });
  assertEquals(tree.log.deadLetters(), ["actor_stopped: queued", "actor_stopped: later"]);
});

Deno.test("a temporary child that crashed is forgotten, with the cause told to who sends to it", async () => {
  const a = fake("a", [], { restart: "temporary" });
  const tree = await Tree.start(supervisor("root", [a.spec, fake("b", [], { restart: "temporary" }).spec]));
  const ref = tree.system.ref("a");
  a.life.crash("no luck");
  await tree.settle();
  assertEquals((await failureOf(ref.tell(1))).message.includes("it has ended (crash: no luck)"), true);
  assertEquals([tree.states(), tree.system.active], [["b running#1"], true]);
  assertThrows(() => tree.system.ref("a"), UnknownActorError);
  await tree.stop();
});

Deno.test("after the end every address refuses, and the tree leaves no timer", async () => {
  const tree = await Tree.start(supervisor("root", [worker("a")]));
  const ref = tree.system.ref("a");
  await tree.stop();
  assertInstanceOf(await failureOf(ref.ask("hello")), ActorStoppedError);
  assertInstanceOf(await failureOf(ref.tell("hello")), ActorStoppedError);
  assertEquals(ref.isAlive, false);
});

Deno.test("stopping twice is stopping once", async () => {
  const journal: string[] = [];
  const tree = await Tree.start(supervisor("root", [fake("a", journal).spec]));
  const [first, second] = [tree.system.stop(), tree.system.stop()];
  await Promise.all([first, second, tree.system.stop()]);
  assertEquals(await tree.system.ended, { reason: "shutdown" });
  assertEquals(journal, ["start a", "stop a"]);
  await tree.stop();
});

Deno.test("a tree that ended by itself keeps that end when it is stopped", async () => {
  const a = fake("a", []);
  const tree = await Tree.start(supervisor("root", [a.spec], { intensity: { restarts: 0, within: 1 } }));
  a.life.crash();
  const exit = await tree.system.ended as { cause?: Error };
  await tree.system.stop();
  assertEquals([await tree.system.ended, exit.cause!.name], [exit, "GaveUpError"]);
  await tree.stop();
});

Deno.test("a tree that never started can be stopped", async () => {
  const tree = new Tree(supervisor("root", [worker("a")]));
  assertEquals(await tree.stop(), { reason: "shutdown" });
});

Deno.test("a tree's end is its events' end, for readers who come later too", async () => {
  const tree = await Tree.start(supervisor("root", []));
  await tree.stop();
  assertEquals(await Promise.race([tree.system.events().next(), tree.settle()]), {
    value: undefined,
    done: true,
  });
});

Deno.test("start returns a running tree, and leaving its scope stops it", async () => {
  const journal: string[] = [];
  {
    await using _system = await start(supervisor("root", [fake("a", journal).spec]));
    assertEquals(journal, ["start a"]);
  }
  assertEquals(journal, ["start a", "stop a"]);
});

Deno.test("start of a tree that can't start rejects, and leaves no timer on the machine's clock", async () => {
  const broken = fake("b", [], { outcomes: [new Error("boom")] });
  const error = await failureOf(start(supervisor("root", [worker("a"), broken.spec])));
  assertEquals(error.message, "Cannot start 'b': boom");
});

Deno.test("a tree that gave up is not active any more", async () => {
  const a = fake("a", []);
  const tree = await Tree.start(supervisor("root", [a.spec], { intensity: { restarts: 0, within: 1_000 } }));
  assertEquals(tree.system.active, true);
  a.life.crash();
  await tree.clock.until(tree.system.ended);
  assertEquals(tree.system.active, false);
  await tree.stop();
});
