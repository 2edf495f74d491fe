import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { ActorStoppedError, type DeliveryOptions, IncarnationEndedError } from "@outrider/outrider";
import type { PoolCopy, PoolMessage } from "../../../actors/pool/copy.ts";
import { decideAfterFailure, MAX_MOVES, RECALLED, resolveDelivery } from "../../../actors/pool/failure.ts";

const copy = { path: "w/2", cause: new Error("boom") } as Partial<PoolCopy> as PoolCopy;
const death = (path = "w/2") => new IncarnationEndedError(path, 7, { reason: "normal" });

function item(delivery?: DeliveryOptions, counts: Partial<PoolMessage> = {}): PoolMessage {
  const reply = { isOpen: true, resolve() {}, reject() {} };
  return { copy, delivery, reply, attempts: 0, moves: 0, isStreaming: false, ...counts } as Partial<
    PoolMessage
  > as PoolMessage;
}

Deno.test("the message that ends a copy fails, unless it may be replayed, up to its limit", () => {
  const error = death();
  assertStrictEquals(decideAfterFailure(item(), error).error, error);
  assertStrictEquals(decideAfterFailure(item({ onDeath: "dead-letter" }), error).error, error);
  assertEquals(decideAfterFailure(item({ onDeath: "replay" }), error), {
    attempts: 1,
    moves: 0,
    error: undefined,
  });
  assertEquals(decideAfterFailure(item({ onDeath: "replay" }, { attempts: 1 }), error).error, undefined);
  const last = decideAfterFailure(item({ onDeath: "replay" }, { attempts: 2 }), error).error;
  assertInstanceOf(last, IncarnationEndedError);
  assertEquals([last.path, last.generation, last.attempts], ["w/2", 7, 3]);
  assertStrictEquals(decideAfterFailure(item({ onDeath: "replay", attempts: 1 }), error).error, error);
  const given = item({ onDeath: "replay" }, { reply: { isOpen: false, resolve() {}, reject() {} } });
  assertStrictEquals(decideAfterFailure(given, error).error, error);
});

Deno.test("the end of another actor is an answer like any other error", () => {
  const error = death("db");
  assertStrictEquals(decideAfterFailure(item({ onDeath: "replay" }), error).error, error);
  const stopped = new ActorStoppedError("db", "it has ended");
  assertStrictEquals(decideAfterFailure(item(), stopped).error, stopped);
});

Deno.test("untaken messages go back to the queue, but not for ever", () => {
  const closed = new ActorStoppedError("w/2", "it has ended");
  for (const error of [RECALLED, closed]) {
    const { error: none, moves } = decideAfterFailure(item(), error);
    assertEquals([none, moves], [undefined, 1]);
    const { error: last } = decideAfterFailure(item(undefined, { moves: MAX_MOVES }), error);
    assertInstanceOf(last, ActorStoppedError);
    assertEquals([last.path, last.cause], ["w/2", copy.cause]);
  }
  const aborted = new Error("by the caller");
  assertStrictEquals(decideAfterFailure(item(), aborted).error, aborted);
});

Deno.test("the sender's word counts before the pool's, each for itself", () => {
  assertEquals(resolveDelivery(undefined, undefined), undefined);
  assertEquals(resolveDelivery(undefined, { onDeath: "replay" }), { onDeath: "replay" });
  assertEquals(resolveDelivery({ attempts: 5 }, { onDeath: "replay", attempts: 2 }), {
    onDeath: "replay",
    attempts: 5,
  });
  assertEquals(resolveDelivery({ onDeath: "fail" }, { onDeath: "replay" }), {
    onDeath: "fail",
    attempts: undefined,
  });
});
