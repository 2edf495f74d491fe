import { assertEquals, assertInstanceOf } from "@std/assert";
import { SubscriptionLaggedError } from "@outrider/outrider/actor";
import { WorkerCorrelation } from "../../../actors/deno_worker/correlation.ts";
import { ITEM_CREDIT } from "../../../actors/deno_worker/wire.ts";
import { Caller, RecordedLine } from "../../support/line.ts";
import { failureOf } from "../../support/probes.ts";

Deno.test("a worker that sends more items than its credit loses the stream, behind earlier items", async () => {
  const line = new RecordedLine();
  const pairing = new WorkerCorrelation(line);
  const caller = new Caller();
  pairing.request({ call: "flood", stream: true }, caller);
  pairing.match({ id: 1, open: true });
  for (let at = 0; at < 1_000; at++) pairing.match({ id: 1, item: at, at });
  const items: number[] = [];
  const error = await failureOf((async () => {
    for await (const item of caller.got[0] as AsyncIterable<number>) items.push(item);
  })());
  assertInstanceOf(error, SubscriptionLaggedError);
  assertEquals(items, Array.from({ length: ITEM_CREDIT }, (_, at) => at));
  assertEquals([pairing.size, (await line.json()).at(-1)], [0, { cancel: 1 }]);
});
