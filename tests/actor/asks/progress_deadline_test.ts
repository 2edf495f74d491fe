import { assertEquals, assertInstanceOf } from "@std/assert";
import { AskTimeoutError, OptionError } from "../../../src/actor/actor_errors.ts";
import type { AskOptions, Reply } from "../../../src/actor/asks/options.ts";
import { type AnyContext, failureOf, Stage, stateOf } from "../../support/probes.ts";

/** An ask whose reply is deferred. */
async function deferred(options: AskOptions) {
  const stage = new Stage();
  const replies: Reply<unknown>[] = [];
  const ref = stage.plant("a");
  const receive = (_: string, context: AnyContext) => void replies.push(context.deferReply()!);
  await stage.run({ receive });
  const asked = ref.ask("work", options);
  asked.catch(() => {});
  await stage.settle();
  return { stage, ref, receive, replies, asked };
}

Deno.test("progress starts the timeout of an ask again when that has resetTimeoutOnProgress", async () => {
  const { stage, replies, asked } = await deferred({ timeout: 640, resetTimeoutOnProgress: true });
  for (let at = 0; at < 5; at++) {
    await stage.clock.advance(600);
    assertEquals(await stateOf(asked), "pending");
    replies[0]!.reportProgress!();
  }
  await stage.clock.advance(680);
  const error = await failureOf(asked);
  assertInstanceOf(error, AskTimeoutError);
  assertEquals(error.timeout, 640);
  replies[0]!.reportProgress!(); // too late, and of no effect
  await stage.close();
});

Deno.test("an ask with progress times out when maxTotalTimeout is over", async () => {
  const { stage, replies, asked } = await deferred({
    timeout: 640,
    resetTimeoutOnProgress: true,
    maxTotalTimeout: 1_280,
  });
  for (let at = 0; at < 3; at++) {
    replies[0]!.reportProgress!();
    await stage.clock.advance(500);
  }
  const error = await failureOf(asked);
  assertInstanceOf(error, AskTimeoutError);
  assertEquals(error.timeout, 1_280);
  await stage.close();
});

Deno.test("an ask is answered in the time that progress gave it, and keeps no timer behind it", async () => {
  const { stage, replies, asked } = await deferred({ timeout: 640, resetTimeoutOnProgress: true });
  await stage.clock.advance(600);
  replies[0]!.reportProgress!();
  await stage.clock.advance(600);
  replies[0]!.resolve("done");
  assertEquals(await asked, "done");
  await stage.clock.advance(1_200_000);
  assertEquals(stage.log.events, []);
  await stage.close();
});

Deno.test("the timeout does not run while progress says that something is under way, and maxTotalTimeout does", async () => {
  const { stage, replies, asked } = await deferred({ timeout: 640, resetTimeoutOnProgress: true });
  replies[0]!.reportProgress!(true);
  await stage.clock.advance(10_000);
  assertEquals(await stateOf(asked), "pending");
  replies[0]!.reportProgress!();
  await stage.clock.advance(600);
  assertEquals(await stateOf(asked), "pending");
  replies[0]!.reportProgress!(true);
  await stage.clock.advance(620_000);
  const error = await failureOf(asked);
  assertInstanceOf(error, AskTimeoutError);
  assertEquals(error.timeout, 600_000);
  await stage.close();
});

Deno.test("a reply has no reportProgress when the ask does not want it", async () => {
  const { stage, replies, asked } = await deferred({ timeout: 640 });
  assertEquals(replies[0]!.reportProgress, undefined);
  replies[0]!.resolve("done");
  assertEquals(await asked, "done");
  await stage.close();
});

Deno.test("progress counts for the ask that another is made to answer", async () => {
  const { stage, replies, asked, receive } = await deferred({ timeout: 640, resetTimeoutOnProgress: true });
  const inner = stage.plant("b");
  await stage.run({ receive }, "b");
  inner.ask("part", { timeout: Infinity, inAnswerTo: replies[0] }).then((value) =>
    replies[0]!.resolve(value)
  );
  await stage.settle();
  for (let at = 0; at < 3; at++) {
    await stage.clock.advance(600);
    replies[1]!.reportProgress!();
  }
  replies[1]!.resolve("done");
  assertEquals(await asked, "done");
  await stage.close();
});

Deno.test("a death starts neither the timeout nor maxTotalTimeout of a replayed ask again", async () => {
  const stage = new Stage();
  const replies: Reply<unknown>[] = [];
  const ref = stage.plant("a");
  const receive = (_: string, context: AnyContext) => void replies.push(context.deferReply()!);
  const first = await stage.run({ receive });
  const asked = failureOf(ref.ask("work", {
    timeout: 640,
    resetTimeoutOnProgress: true,
    maxTotalTimeout: 1_280,
    onDeath: "replay",
  }));
  await stage.clock.advance(600);
  replies[0]!.reportProgress!();
  first.exit({ reason: "crash", cause: new Error("boom") });
  await stage.settle();
  await stage.run({ receive });
  await stage.clock.advance(600);
  assertEquals([replies.length, await stateOf(asked)], [2, "pending"]);
  replies[1]!.reportProgress!();
  await stage.clock.advance(200);
  const error = await asked;
  assertInstanceOf(error, AskTimeoutError);
  assertEquals(error.timeout, 1_280);
  await stage.close();
});

Deno.test("an ask is refused when its maxTotalTimeout is not a time", async () => {
  const { stage, ref, replies, asked } = await deferred({});
  const wrong = ref.ask("x", { resetTimeoutOnProgress: true, maxTotalTimeout: "soon" as never });
  assertInstanceOf(await failureOf(wrong), OptionError);
  replies[0]!.resolve("done");
  assertEquals(await asked, "done");
  await stage.close();
});
