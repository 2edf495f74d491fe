import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { ActorStoppedError, MailboxFullError } from "../../src/actor/actor_errors.ts";
import { failureOf, Stage } from "../support/probes.ts";

Deno.test("tell returns undefined when the message was taken, and a promise when the mailbox is full", async () => {
  const stage = new Stage();
  const ref = stage.plant("a", { capacity: 1 });
  assertEquals([ref.tell(1), ref.queued], [undefined, 1]);
  const waits = ref.tell(2);
  assertInstanceOf(waits, Promise);
  const seen: number[] = [];
  await stage.run({ receive: (message: number) => void seen.push(message) });
  await waits;
  await stage.settle();
  assertEquals(seen, [1, 2]);
  await stage.close();
});

Deno.test("tryTell returns whether the message was taken", async () => {
  const stage = new Stage();
  const ref = stage.plant("a", { capacity: 1 });
  assertEquals([ref.tryTell(1), ref.tryTell(2), ref.queued, ref.deadLetters], [true, false, 1, 0]);
  await stage.close();
});

Deno.test("a ref knows path, generation and whether an incarnation is alive when its actor restarts", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  assertEquals([ref.path, ref.generation, ref.isAlive], ["a", 0, false]);
  for (const generation of [1, 2]) {
    const cell = await stage.run({ receive: () => {} });
    assertEquals([ref.generation, ref.isAlive], [generation, true]);
    cell.stop();
    await cell.ended;
    await stage.settle();
    assertEquals([ref.generation, ref.isAlive], [generation, false]);
  }
  await stage.close();
});

Deno.test("a ref refuses messages and counts dead letters when its actor has ended for good", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  void ref.tell("queued");
  const asked = failureOf(ref.ask("asked"));
  stage.system.closeAddresses("a", "it is over");
  assertInstanceOf(await asked, ActorStoppedError);
  const told = await failureOf(ref.tell("told"));
  assertInstanceOf(told, ActorStoppedError);
  assertInstanceOf(await failureOf(ref.ask("asked")), ActorStoppedError);
  assertEquals([ref.tryTell("tried"), ref.deadLetters], [false, 2]);
  await stage.close();
  assertEquals(stage.log.deadLetters(), ["actor_stopped: queued", "actor_stopped: told"]);
});

Deno.test("a dead letter names path and message, and is counted when no reader listens", async () => {
  const stage = new Stage();
  const ref = stage.plant("a", { capacity: 1, overflow: "drop-newest" });
  void ref.tell(1);
  void ref.tell(2);
  assertEquals(ref.deadLetters, 1);
  const event = await stage.log.until(({ type }) => type === "dead_letter");
  assertEquals(event, {
    at: stage.clock.wallTime(),
    path: "a",
    generation: 0,
    type: "dead_letter",
    reason: "mailbox_full",
    message: 2,
  });
  await stage.close();
  assertEquals(stage.system.events.isObserved, false);
  void ref.tell(3);
  assertEquals(ref.deadLetters, 3);
});

Deno.test("a context's dead letters are counted at its address", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  await stage.run({ receive: (message, context) => context.deadLetter("unclaimed", message) });
  await ref.ask("hello");
  assertEquals(ref.deadLetters, 1);
  await stage.close();
  assertEquals(stage.log.deadLetters(), ["unclaimed: hello"]);
});

Deno.test("a tell is refused without an unhandled rejection when the policy is fail", async () => {
  const stage = new Stage();
  const ref = stage.plant("a", { capacity: 1, overflow: "fail" });
  void ref.tell(1);
  void ref.tell(2);
  const error = await failureOf(ref.tell(3));
  assert(error instanceof MailboxFullError && error.refused === 3);
  await stage.close();
});
