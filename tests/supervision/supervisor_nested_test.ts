import { assertEquals, assertRejects } from "@std/assert";
import { ActorStoppedError, MessageRefusedError } from "../../src/actor/actor_errors.ts";
import { actor, type ChildSpec } from "../../src/supervision/child_spec.ts";
import { supervisor } from "../../src/supervision/supervisor_spec.ts";
import { type AnyContext, fake, Tree } from "../support/probes.ts";

const once = { restarts: 0, within: 1_000 };

Deno.test("a nested supervisor that gives up is restarted by its parent, with all its children", async () => {
  const journal: string[] = [];
  const [a, x, y] = [fake("a", journal), fake("x", journal), fake("y", journal)];
  const inner = supervisor("inner", [x.spec, y.spec], { intensity: once });
  const tree = await Tree.start(supervisor("root", [a.spec, inner]));
  journal.length = 0;
  x.life.crash();
  await tree.settle();
  assertEquals(journal, ["stop y", "start x", "start y"]);
  assertEquals(tree.states(), ["a running#1", "inner running#2"]);
  assertEquals(a.lives.length, 1);
  await tree.stop();
});

Deno.test("a failure climbs as far as it must: the parent gives up in turn", async () => {
  const journal: string[] = [];
  const x = fake("x", journal);
  const inner = supervisor("inner", [x.spec], { intensity: once });
  const tree = await Tree.start(supervisor("root", [fake("a", journal).spec, inner], { intensity: once }));
  x.life.crash("at the bottom");
  const exit = await tree.system.ended as { cause?: Error };
  assertEquals(
    exit.cause!.message,
    "Cannot keep '/' running: more than 0 restarts within 1000 ms: " +
      "'inner' gave up, too: at the bottom",
  );
  assertEquals(journal, ["start a", "start x", "stop a"]);
  await tree.stop();
});

Deno.test("addresses and mailboxes of grandchildren survive the restart of their supervisor", async () => {
  const worker = actor("w", () => ({
    receive(message: string, context: AnyContext) {
      if (message === "crash") throw new Error("boom");
      return `${message} by ${context.generation}`;
    },
  }));
  const tree = await Tree.start(supervisor("root", [supervisor("inner", [worker], { intensity: once })]));
  const ref = tree.system.ref("inner/w");
  void ref.tell("crash");
  const [first, second] = [ref.ask("first"), ref.ask("second")];
  assertEquals(await tree.clock.until(Promise.all([first, second])), ["first by 2", "second by 2"]);
  assertEquals(tree.states(), ["inner running#2"]);
  assertEquals([ref.deadLetters, ref.generation, tree.system.ref("inner/w") === ref], [1, 2, true]); // the message it died of
  await tree.stop();
});

Deno.test("a transient supervisor that gave up is not restarted, and those below it refuse messages", async () => {
  const x = fake("x", []);
  const inner = supervisor("inner", [x.spec], { intensity: once, restart: "transient" });
  const tree = await Tree.start(supervisor("root", [inner]));
  x.life.crash();
  await tree.settle();
  assertEquals([tree.states(), tree.system.active], [["inner stopped#1"], false]);
  assertEquals(tree.system.ref("inner/x").tryTell("hello"), false);
  await tree.stop();
});

Deno.test("a supervisor takes no messages itself", async () => {
  const tree = await Tree.start(supervisor("root", [supervisor("inner", [])]));
  const ref = tree.system.ref("inner");
  assertEquals(ref.tryTell("hello"), false);
  const refusal = await assertRejects(() => ref.ask("hello"), MessageRefusedError);
  assertEquals(refusal.message, "Cannot ask 'inner': it is a supervisor, which takes no messages");
  await assertRejects(async () => await ref.tell("hello"), MessageRefusedError);
  await tree.stop();
  await assertRejects(() => ref.ask("hello"), ActorStoppedError);
});

Deno.test("status shows the whole tree as it stands", async () => {
  const [x, y] = [fake("x", []), fake("y", [], { restart: "transient" })];
  const inner = supervisor("inner", [x.spec, y.spec]);
  const tree = await Tree.start(supervisor("root", [fake("a", []).spec, inner]));
  y.life.end({ reason: "normal" });
  x.life.crash();
  await tree.settle();
  const worker = { type: "worker", state: "running", generation: 1, restarts: 0 } as const;
  const since = tree.clock.wallTime();
  const [a, running] = tree.system.status();
  const { children, ...team } = running!;
  assertEquals([a, { ...team, children: children?.map(({ lastExit: _, ...child }) => child) }], [
    { id: "a", path: "a", ...worker, since },
    {
      id: "inner",
      path: "inner",
      type: "supervisor",
      state: "running",
      generation: 1,
      restarts: 0,
      since,
      children: [
        { id: "x", path: "inner/x", ...worker, generation: 2, restarts: 1, since },
        { id: "y", path: "inner/y", ...worker, state: "stopped", since },
      ],
    },
  ]);
  await tree.stop();
  assertEquals([tree.system.status(), tree.system.active], [[], false]);
});

Deno.test("a tree is active while anything in it runs or will, however deep", async () => {
  const x = fake("x", [], {
    restart: "transient",
    backoff: { initial: 100, factor: 1, max: 100, jitter: 0, resetAfter: 1 },
  });
  const tree = await Tree.start(supervisor("root", [supervisor("inner", [x.spec])]));
  assertEquals(tree.system.active, true);
  x.life.crash();
  await tree.settle();
  assertEquals(tree.system.active, true);
  await tree.clock.advance(100);
  x.life.end({ reason: "normal" });
  await tree.settle();
  assertEquals(tree.system.active, false);
  await tree.stop();
});

Deno.test("a nested supervisor's stop has its parent's deadline, and then all below it is ended by force", async () => {
  const journal: string[] = [];
  const hanging = { hangs: true, shutdown: "infinity" } as const;
  const inner = supervisor("inner", [fake("x", journal, hanging).spec, fake("y", journal, hanging).spec], {
    shutdown: 200,
  });
  const tree = await Tree.start(supervisor("root", [inner]));
  await tree.stop();
  assertEquals(tree.clock.now(), 200);
  assertEquals(journal.filter((line) => line.startsWith("kill")).sort().slice(0, 2).length, 2);
  assertEquals(["kill x", "kill y"].every((line) => journal.includes(line)), true);
});

Deno.test("a temporary grandchild is back after its supervisor's restart, and its address works", async () => {
  const x = fake("x", []);
  const w = actor("w", () => ({ receive: (message: string) => message }), { restart: "temporary" });
  const tree = await Tree.start(supervisor("root", [supervisor("inner", [w, x.spec], { intensity: once })]));
  const ref = tree.system.ref("inner/w");
  x.life.crash();
  await tree.settle();
  assertEquals(await ref.ask("hello"), "hello");
  await tree.stop();
});

Deno.test("a supervisor that lives together with an actor: both at one place, its children below it", async () => {
  const journal: string[] = [];
  const below = supervisor("desk", [fake("x", journal).spec]);
  const desk: ChildSpec = {
    ...below,
    takesMessages: true,
    start(context) {
      const inner = below.start(context);
      const front = actor<string, string>("desk", () => ({
        started: async () => void await inner.started,
        receive: (message) => `${message}, ${inner.status().length} below`,
        stopped: async () => {
          inner.stop();
          await inner.ended;
        },
      })).start(context);
      const { started, ended } = front;
      return { started, ended, stop: () => front.stop(), kill: () => front.kill(), supervisor: inner };
    },
  };
  const tree = await Tree.start(supervisor("root", [desk]));
  assertEquals(await tree.clock.until(tree.system.ref("desk").ask("hello")), "hello, 1 below");
  assertEquals(tree.system.status()[0]!.children!.map(({ path }) => path), ["desk/x"]);
  assertEquals(tree.system.whichChildren("desk").length, 1);
  await tree.clock.until(tree.system.terminateChild("desk/x"));
  assertEquals([tree.system.active, journal], [false, ["start x", "stop x"]]);
  await tree.clock.until(tree.system.restartChild("desk/x"));
  assertEquals(tree.system.active, true);
  await tree.stop();
  assertEquals(journal, ["start x", "stop x", "start x", "stop x"]);
});
