import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { DEFAULT_ASK_TIMEOUT_MS, type Reply } from "../../../src/actor/asks/options.ts";
import {
  ActorStoppedError,
  AskTimeoutError,
  IncarnationEndedError,
  MailboxFullError,
  MessageDroppedError,
  OptionError,
} from "../../../src/actor/actor_errors.ts";
import { type AnyContext, failureOf, Gate, Stage, stateOf } from "../../support/probes.ts";

Deno.test("an ask is answered when the handler returns, or its promise is fulfilled", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  await stage.run({
    receive: (message: number) => message % 2 === 0 ? message * 10 : Promise.resolve(message * 10),
  });
  assertEquals(await Promise.all([ref.ask(1), ref.ask(2), ref.ask(3)]), [10, 20, 30]);
  await stage.close();
});

Deno.test("replies come in any order when they are deferred", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const replies: Reply<string>[] = [];
  await stage.run({
    receive: (_: string, context: AnyContext) => void replies.push(context.deferReply()!),
  });
  const [first, second] = [ref.ask("first"), ref.ask("second")];
  await stage.settle();
  assertEquals([replies.length, await stateOf(first)], [2, "pending"]);
  replies[1]!.resolve("to second");
  assertEquals(await second, "to second");
  assertEquals([await stateOf(first), replies[0]!.isOpen, replies[1]!.isOpen], ["pending", true, false]);
  replies[0]!.reject(new RangeError("no"));
  await assertRejects(() => first, RangeError, "no");
  await stage.close();
});

Deno.test("one message alone has no reply yet when it deferred it", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const deferred: unknown[] = [];
  await stage.run({
    receive(message: string, context: AnyContext) {
      if (message !== "plain") deferred.push(context.deferReply());
      return message;
    },
  });
  void ref.tell("tell");
  const open = ref.ask("deferred");
  assertEquals(await ref.ask("plain"), "plain");
  assertEquals([deferred[0], await stateOf(open)], [undefined, "pending"]);
  const failure = failureOf(open);
  await stage.close();
  stage.system.close();
  (deferred[1] as Reply<string>).reject(new Error("over"));
  assertEquals((await failure).message, "over");
});

for (const timeout of [undefined, 320, 5_000]) {
  Deno.test(`an ask gives up in time, and a 32nd later at most, when its timeout is ${timeout ?? "the default"}`, async () => {
    const stage = new Stage();
    const ref = stage.plant("a");
    const asked = failureOf(ref.ask("hello", { timeout }));
    const ms = timeout ?? DEFAULT_ASK_TIMEOUT_MS;
    await stage.clock.advance(ms - 0.01);
    assertEquals(await stateOf(asked), "pending");
    await stage.clock.advance(ms / 32 + 0.01);
    assertEquals(await stateOf(asked), "fulfilled");
    const error = await asked;
    assertInstanceOf(error, AskTimeoutError);
    assertEquals([error.code, error.path, error.timeout], ["ask_timeout", "a", ms]);
    await stage.close();
  });
}

Deno.test("an ask times out when what was noted as dropped can't be described", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  await stage.run({
    receive(_: string, context: AnyContext) {
      context.deferReply();
      context.noteDropped("bad", () => {
        throw new Error("no words");
      });
      context.noteDropped("odd", () => Symbol("odd") as never);
      context.noteDropped("good", () => "a frame");
    },
  });
  const asked = failureOf(ref.ask("hello", { timeout: 32 }));
  await stage.clock.advance(40);
  const error = await asked;
  assertInstanceOf(error, AskTimeoutError);
  assertEquals(error.dropped, ["bad", "Symbol(odd)", "a frame"]);
  await stage.close();
});

Deno.test("an ask waits on when it has no timeout", async () => {
  const stage = new Stage();
  const asked = stage.plant("a").ask("hello", { timeout: Infinity });
  await stage.clock.advance(1_000_000_000);
  assertEquals(await stateOf(asked), "pending");
  assertEquals(stage.clock.pending, 0);
  const failure = failureOf(asked);
  await stage.close();
  assertInstanceOf(await failure, ActorStoppedError);
});

Deno.test("an ask is given up when its signal aborts before the answer", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const seen: string[] = [];
  const before = await ref.ask("before", { signal: AbortSignal.abort("why") }).catch((thrown) => thrown);
  assertEquals([before, ref.queued], ["why", 0]);

  const abort = new AbortController();
  const reason = new Error("enough");
  const waiting = failureOf(ref.ask("queued", { signal: abort.signal }));
  abort.abort(reason);
  assertStrictEquals(await waiting, reason);

  await stage.run({ receive: (message: string) => void seen.push(message) });
  const after = new AbortController();
  await ref.ask("answered", { signal: after.signal });
  after.abort();
  await stage.settle();
  assertEquals([seen, ref.deadLetters], [["answered"], 0]);
  await stage.close();
});

Deno.test("an ask is never handed over when it was given up in the queue", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const timedOut = failureOf(ref.ask("timed out", { timeout: 32 }));
  void ref.tell("told");
  await stage.clock.advance(40);
  assertInstanceOf(await timedOut, AskTimeoutError);
  const seen: string[] = [];
  await stage.run({ receive: (message: string) => void seen.push(message) });
  await stage.settle();
  assertEquals(seen, ["told"]);
  await stage.close();
});

Deno.test("a reply becomes a dead letter when it comes too late or twice", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const gate = new Gate();
  let reply: Reply<string> | undefined;
  await stage.run({
    async receive(message: string, context: AnyContext) {
      if (message === "twice") reply = context.deferReply();
      await gate.passed;
      return message;
    },
  });
  const late = failureOf(ref.ask("late", { timeout: 32 }));
  await stage.clock.advance(40);
  await late;
  gate.open();
  const twice = ref.ask("twice");
  await stage.settle();
  reply!.resolve("once");
  reply!.resolve("again");
  reply!.reject(new Error("and again"));
  assertEquals(await twice, "once");
  assertEquals(ref.deadLetters, 3);
  await stage.close();
  assertEquals(stage.log.deadLetters(), [
    "late_reply: late",
    "late_reply: again",
    "late_reply: Error: and again",
  ]);
});

Deno.test("asks in flight fail with generation and cause when the incarnation ends", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const cause = new Error("boom");
  await stage.run({
    receive(message: string, context: AnyContext) {
      if (message === "crash") throw cause;
      context.deferReply();
    },
  });
  const failures = [failureOf(ref.ask("deferred")), failureOf(ref.ask("crash"))];
  for (const error of await Promise.all(failures)) {
    assertInstanceOf(error, IncarnationEndedError);
    assertEquals([error.code, error.generation, error.path], ["incarnation_ended", 1, "a"]);
    assertStrictEquals(error.cause, cause);
    assertEquals(error.exit, { reason: "crash", cause });
  }
  await stage.close();
});

Deno.test("queued asks are answered by the next generation when the actor restarts", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const behavior = {
    receive(message: string, context: AnyContext) {
      if (message === "crash") throw new Error("boom");
      return `${message} by ${context.generation}`;
    },
  };
  const first = await stage.run(behavior);
  void ref.tell("crash");
  const asked = ref.ask("hello");
  await first.ended;
  assertEquals(await stateOf(asked), "pending");
  await stage.run(behavior);
  assertEquals(await asked, "hello by 2");
  await stage.close();
});

Deno.test("an ask fails with the reason when the mailbox refuses or drops it", async () => {
  const stage = new Stage();
  const failing = stage.plant("failing", { capacity: 1, overflow: "fail" });
  const dropping = stage.plant("dropping", { capacity: 1, overflow: "drop-oldest" });
  void failing.tell(1);
  const full = await failureOf(failing.ask("refused"));
  assertInstanceOf(full, MailboxFullError);
  assertEquals(full.refused, "refused");
  const dropped = failureOf(dropping.ask("dropped"));
  void dropping.tell(2);
  assertInstanceOf(await dropped, MessageDroppedError);
  await stage.close();
});

Deno.test("an ask leaves no timer beyond the running tick when it is answered", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  await stage.run({ receive: (message: number) => message });
  for (let i = 0; i < 100; i++) await ref.ask(i);
  assert(stage.clock.pending <= 1);
  await stage.clock.runAll();
  assert(stage.clock.now() <= DEFAULT_ASK_TIMEOUT_MS / 16);
  await stage.close();
});

Deno.test("an ask is refused without a timer when the system is closed", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  await stage.close();
  assertInstanceOf(await failureOf(ref.ask("hello")), ActorStoppedError);
  assertEquals(stage.clock.pending, 0);
});

/** Ways for asks not to be answered within their turn of the event loop; each begins with an idle actor. */
const UNANSWERED: Record<
  string,
  { receive(message: string, context: AnyContext): unknown; wait?: () => Promise<void> }
> = {
  "the handler of one before it takes long": {
    receive: (message) => message === "0" && new Promise(() => {}),
  },
  "its own handler takes long": { receive: () => new Promise(() => {}) },
  "its reply is deferred": { receive: (_, context) => void context.deferReply() },
  "its incarnation ended itself": { receive: (_, context) => context.exit({ reason: "normal" }) },
  "its incarnation failed at the one before it": {
    receive(message) {
      if (message === "0") throw new Error("boom");
      return new Promise(() => {});
    },
  },
};

for (const [why, behavior] of Object.entries(UNANSWERED)) {
  Deno.test(`an ask of an idle actor times out in time although ${why}`, async () => {
    const stage = new Stage();
    const ref = stage.plant("a");
    const { receive } = behavior;
    await stage.run({ receive: (message, context) => message === "warm up" ? 0 : receive(message, context) });
    await ref.ask("warm up");
    await stage.settle();
    for (const message of ["0", "1"]) ref.ask(message).catch(() => {});
    const last = failureOf(ref.ask("2"));
    await stage.clock.advance(4_999);
    assertEquals(await stateOf(last), "pending");
    await stage.clock.advance(5_000 / 32 + 1);
    assertEquals(await stateOf(last), "fulfilled");
    assertInstanceOf(await last, AskTimeoutError);
    await stage.close();
  });
}

Deno.test("queued asks time out in time when a time slice ends before them", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  await stage.run({
    receive(message: string, context: AnyContext) {
      if (message === "warm up") return;
      context.deferReply();
      const until = performance.now() + 1;
      while (performance.now() < until);
    },
  });
  await ref.ask("warm up");
  await stage.clock.runAll();
  const asked = Array.from({ length: 200 }, () => failureOf(ref.ask("slow")));
  // The first turn of the event loop that the actor gives way to.
  await new Promise<void>((resolve) => setTimeout(resolve));
  assert(ref.queued > 0, "all were handled in one go");
  const { mailbox } = stage.system.address("a");
  assertEquals([mailbox.isPrompt, mailbox.isUntimed, stage.clock.pending], [false, false, 1]);
  await stage.clock.advance(6_000);
  for (const error of await Promise.all(asked)) assertInstanceOf(error, AskTimeoutError);
  await stage.close();
});

Deno.test("an ask is refused when its timeout is not a number", async () => {
  const stage = new Stage();
  const error = await failureOf(stage.plant("a").ask("hello", { timeout: NaN }));
  assertInstanceOf(error, OptionError);
  await stage.close();
});
