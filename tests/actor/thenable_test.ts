/** What has a `then` is awaited like a promise, whoever made it; the caller's time runs meanwhile. */
import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { AskTimeoutError, IncarnationEndedError } from "../../src/actor/actor_errors.ts";
import { type AnyContext, failureOf, Gate, Stage, stateOf } from "../support/probes.ts";

type Then = (ok: (value: unknown) => void, no: (error: unknown) => void) => unknown;
const thenable = (then: Then) => ({ then });
const never = () => thenable(() => {});

/** The two ways to answer with something that is not there yet. */
const answers: Readonly<Record<string, (value: () => unknown) => (m: unknown, c: AnyContext) => unknown>> = {
  "a handler returns": (value) => () => value(),
  "a reply is resolved with": (value) => (_, context) => context.deferReply()!.resolve(value()),
};

for (const [how, receive] of Object.entries(answers)) {
  Deno.test(`an ask is answered once with the value when what ${how} is fulfilled`, async () => {
    const stage = new Stage();
    const values = [
      thenable((ok) => ok("done")),
      thenable((ok) => void setTimeout(() => ok("done"), 1)),
      thenable((ok) => (ok("done"), ok("twice"), "nothing")),
      thenable((ok, no) => (ok("done"), no(new Error("and refused")))),
      thenable((ok) => {
        ok("done");
        throw new Error("and thrown");
      }),
      thenable((ok) => ok(Promise.resolve("done"))),
      thenable((ok) => ok(thenable((ok) => ok("done")))),
      Promise.resolve("done"),
      Object.assign(Promise.resolve("not this"), thenable((ok) => (ok("done"), ok("twice")))),
      Object.assign(() => {}, thenable((ok) => ok("done"))),
    ];
    const rest = [...values];
    const cell = await stage.run({ receive: receive(() => rest.shift()) });
    for (const value of values) assertEquals(await stage.system.ref("a").ask(value), "done");
    assertEquals([cell.generation, cell.signal.aborted], [1, false]);
    await stage.close();
    assertEquals(stage.log.deadLetters(), []);
  });

  Deno.test(`an ask ends by its timeout, its caller or the actor's end when what ${how} is never settled`, async () => {
    const stage = new Stage();
    const cell = await stage.run({ receive: receive(never) });
    const ref = stage.system.ref("a");
    const timed = failureOf(ref.ask(1, { timeout: 300 }));
    const abort = new AbortController();
    const aborted = failureOf(ref.ask(1, { timeout: Infinity, signal: abort.signal }));
    await stage.clock.advance(400);
    assertInstanceOf(await timed, AskTimeoutError);
    abort.abort();
    assertStrictEquals(await aborted, abort.signal.reason);
    cell.kill();
    await stage.close();
  });

  Deno.test(`an ask fails with the actor's exit when what ${how} is never settled`, async () => {
    const stage = new Stage();
    const cell = await stage.run({ receive: receive(() => new Promise(() => {})) });
    const asked = failureOf(stage.system.ref("a").ask(1, { timeout: Infinity }));
    await stage.settle();
    cell.kill();
    assertInstanceOf(await asked, IncarnationEndedError);
    await stage.close();
  });
}

Deno.test("an actor crashes when what its handler returns throws from 'then', or rejects", async () => {
  const stage = new Stage();
  const values = [
    thenable(() => {
      throw new Error("boom");
    }),
    thenable((_, no) => no(new Error("boom"))),
    {
      get then() {
        throw new Error("boom");
      },
    },
  ];
  for (const value of values) {
    const cell = await stage.run({ receive: () => value });
    const failed = failureOf(stage.system.ref("a").ask(1));
    const exit = await cell.ended;
    assertEquals(exit.reason === "crash" && exit.cause.message, "boom");
    assertInstanceOf(await failed, IncarnationEndedError);
  }
  await stage.close();
});

Deno.test("an ask alone is refused when a reply is resolved with a promise that rejects", async () => {
  const stage = new Stage();
  const cell = await stage.run({
    receive: (_, context) => context.deferReply()!.resolve(Promise.reject(new Error("no"))),
  });
  assertEquals((await failureOf(stage.system.ref("a").ask(1))).message, "no");
  assertEquals(cell.signal.aborted, false);
  await stage.close();
});

Deno.test("an actor handles one message at a time when its handler returns a thenable", async () => {
  const stage = new Stage();
  const gates = [new Gate(), new Gate()];
  const calls: string[] = [];
  await stage.run({
    receive(i: number) {
      calls.push(`begin ${i}`);
      return thenable((ok) => void gates[i]!.passed.then(() => (calls.push(`end ${i}`), ok(i))));
    },
  });
  const asked = [0, 1].map((i) => stage.system.ref("a").ask(i));
  await stage.settle();
  assertEquals([calls, await stateOf(asked[0])], [["begin 0"], "pending"]);
  for (const gate of gates) gate.open();
  assertEquals(await Promise.all(asked), [0, 1]);
  assertEquals(calls, ["begin 0", "end 0", "begin 1", "end 1"]);
  await stage.close();
});

Deno.test("an actor waits for a thenable when terminated or started return it", async () => {
  const stage = new Stage();
  const gate = new Gate();
  const calls: string[] = [];
  const watched = await stage.run({ receive() {} }, "w");
  const slow = (what: string) =>
    thenable((ok) => void gate.passed.then(() => (calls.push(what), ok(undefined))));
  const cell = stage.spawn({
    started(context) {
      context.watch(context.ref("w"));
      return slow("started") as Promise<void>;
    },
    terminated: () => slow("terminated") as Promise<void>,
    receive: (message) => void calls.push(message),
  });
  assertEquals(await stateOf(cell.started), "pending");
  gate.open();
  await cell.started;
  watched.stop();
  await watched.ended;
  await stage.settle();
  void stage.system.ref("a").tell("message");
  await stage.settle();
  assertEquals(calls, ["started", "terminated", "message"]);
  await stage.close();
});
