import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Reply } from "../../src/actor/asks/options.ts";
import { type AnyContext, failureOf, Stage, stateOf } from "../support/probes.ts";

/** An actor that defers every reply, and notes whose caller gives up. */
async function deferring(): Promise<{ stage: Stage; replies: Reply<string>[]; told: string[] }> {
  const stage = new Stage();
  const replies: Reply<string>[] = [];
  const told: string[] = [];
  await stage.run({
    receive(message: string, context: AnyContext) {
      const reply = context.deferReply()!;
      reply.onGivenUp = () => told.push(`${message} ${reply.isOpen ? "open" : "closed"}`);
      replies.push(reply);
    },
  });
  return { stage, replies, told };
}

Deno.test("onGivenUp is called once when the caller's timeout is over", async () => {
  const { stage, told } = await deferring();
  const asked = failureOf(stage.plant("a").ask("slow", { timeout: 64 }));
  await stage.clock.advance(63);
  assertEquals(told, []);
  await stage.clock.advance(10);
  assertEquals(told, ["slow closed"]);
  await asked;
  await stage.clock.advance(1_000);
  await stage.close();
  assertEquals(told, ["slow closed"]);
});

Deno.test("onGivenUp is called within the abort when the caller aborts", async () => {
  const { stage, told } = await deferring();
  const abort = new AbortController();
  const asked = failureOf(stage.plant("a").ask("aborted", { signal: abort.signal }));
  await stage.settle();
  abort.abort();
  assertEquals(told, ["aborted closed"]);
  await asked;
  await stage.close();
});

Deno.test("onGivenUp is not called when the ask was answered or rejected", async () => {
  const { stage, replies, told } = await deferring();
  const ref = stage.plant("a");
  const abort = new AbortController();
  const options = { timeout: 64, signal: abort.signal };
  const [answered, refused] = [ref.ask("answered", options), failureOf(ref.ask("refused", options))];
  await stage.settle();
  replies[0]!.resolve("here");
  replies[1]!.reject(new Error("no"));
  assertEquals([await answered, (await refused).message], ["here", "no"]);
  assertEquals(replies.map((reply) => reply.onGivenUp), [undefined, undefined]);
  abort.abort();
  await stage.clock.advance(1_000);
  await stage.close();
  assertEquals(told, []);
});

Deno.test("onGivenUp is not called when its incarnation ends", async () => {
  const { stage, told } = await deferring();
  const cell = stage.spawn({
    receive(_: string, context: AnyContext) {
      context.deferReply()!.onGivenUp = () => told.push("told");
    },
  }, "b");
  await cell.started;
  const asked = failureOf(stage.plant("b").ask("cut off", { timeout: 64 }));
  await stage.settle();
  cell.stop();
  await asked;
  await stage.clock.advance(1_000);
  await stage.close();
  assertEquals(told, []);
});

Deno.test("onGivenUp is not called when it is set after the caller gave up", async () => {
  const { stage, replies, told } = await deferring();
  const asked = failureOf(stage.plant("a").ask("late", { timeout: 64 }));
  await stage.settle();
  replies[0]!.onGivenUp = undefined;
  await stage.clock.advance(80);
  await asked;
  replies[0]!.onGivenUp = () => told.push("told");
  assertEquals([replies[0]!.isOpen, replies[0]!.onGivenUp], [false, undefined]);
  await stage.clock.advance(1_000);
  await stage.close();
  assertEquals(told, []);
});

Deno.test("the incarnation ends when its onGivenUp throws", async () => {
  const stage = new Stage();
  const cause = new Error("boom");
  const cell = await stage.run({
    receive(message: string, context: AnyContext) {
      const reply = context.deferReply()!;
      if (message === "bad") {
        reply.onGivenUp = () => {
          throw cause;
        };
      }
    },
  });
  const ref = stage.plant("a");
  const [bad, good] = [
    failureOf(ref.ask("bad", { timeout: 64 })),
    failureOf(ref.ask("good", { timeout: 64 })),
  ];
  await stage.clock.advance(80);
  assertEquals([(await bad).name, (await good).name], ["TimeoutError", "TimeoutError"]);
  assertEquals(await stateOf(cell.ended), "fulfilled");
  const exit = await cell.ended;
  assertStrictEquals(exit.reason === "crash" && exit.cause, cause);
  await stage.close();
});
