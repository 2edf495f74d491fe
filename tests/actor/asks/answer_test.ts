import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import type { Answer, Reply } from "../../../src/actor/asks/options.ts";
import { AskTimeoutError, IncarnationEndedError } from "../../../src/actor/actor_errors.ts";
import { type AnyContext, failureOf, Stage } from "../../support/probes.ts";

/** Answers at once, later, or by a deferred reply; or crashes. */
function answering(deferred: Reply<string>[] = []) {
  return {
    receive(message: string, context: AnyContext) {
      if (message === "crash") throw new Error("boom");
      if (message === "deferred") deferred.push(context.deferReply()!);
      return message === "later" ? Promise.resolve(message) : message;
    },
  };
}

Deno.test("an ask is answered with value and generation when it is detailed", async () => {
  const stage = new Stage();
  stage.plant("a");
  const ref = stage.system.ref<string, string>("a");
  for (const generation of [1, 2]) {
    const deferred: Reply<string>[] = [];
    const cell = await stage.run(answering(deferred));
    const answers: Promise<Answer<string>>[] = ["at once", "later", "deferred"].map((message) =>
      ref.ask(message, { detailed: true })
    );
    await stage.settle();
    deferred[0]!.resolve("deferred");
    assertEquals(await Promise.all(answers), [
      { value: "at once", generation },
      { value: "later", generation },
      { value: "deferred", generation },
    ]);
    const plain: string = await ref.ask("at once", { detailed: false });
    assertEquals(plain, "at once");
    cell.stop();
    await cell.ended;
  }
  await stage.close();
});

Deno.test("a detailed ask fails with the generation when its incarnation ends", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const options = { detailed: true, timeout: 64 } as const;
  const queued = failureOf(ref.ask("never taken", options));
  await stage.clock.advance(80);
  const first = await stage.run(answering());
  const crashed = failureOf(ref.ask("crash", options));
  await first.ended;
  await stage.run(answering());
  const abort = new AbortController();
  const late = failureOf(ref.ask("deferred", options));
  const aborted = failureOf(ref.ask("deferred", { ...options, signal: abort.signal }));
  await stage.settle();
  abort.abort();
  await stage.clock.advance(80);
  const errors = await Promise.all([queued, crashed, late]);
  for (const [i, type] of [AskTimeoutError, IncarnationEndedError, AskTimeoutError].entries()) {
    assertInstanceOf(errors[i], type);
  }
  assertEquals(errors.map((error) => (error as AskTimeoutError).generation), [0, 1, 2]);
  assertStrictEquals(await aborted, abort.signal.reason);
  await stage.close();
});
