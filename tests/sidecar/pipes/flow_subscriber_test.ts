/** Who reads slowly is waited for; who waits for a reply is not kept from it by who reads slowly. */
import { assertEquals, assertGreater, assertInstanceOf } from "@std/assert";
import { SUBSCRIPTION_OVERSHOOT } from "../../../src/actor/events/subscription.ts";
import { SubscriptionLaggedError } from "@outrider/outrider/actor";
import { failureOf } from "../../support/probes.ts";
import { Probe, sh, take } from "../health/probe.ts";

const FLOOD = 20_000;

/** Before each reply, this many messages that nobody asked for. */
const flooding = () =>
  Probe.start({
    ...sh(`while read -r line; do seq -f '{"flood":%.0f}' 1 ${FLOOD}; echo "$line"; done`),
    protocol: "ndjson",
  });

Deno.test("replies never queue behind output that a subscriber leaves unread, and it gets all of that", async () => {
  await using probe = await flooding();
  await using other = await Probe.start({ command: "cat", protocol: "ndjson" });
  const unread = probe.ref.subscribe({ capacity: 1 });
  for (let n = 1; n <= 5; n++) {
    assertEquals((await probe.ref.ask({ n })).n, n);
    assertEquals((await other.ref.ask({ n })).n, n);
  }
  const got: { flood: number }[] = await take(unread, 5 * FLOOD);
  assertEquals(got.length, 5 * FLOOD);
  assertEquals(got.findIndex(({ flood }, at) => flood !== at % FLOOD + 1), -1);
});

Deno.test("a subscriber that never reads is cut off at the limit, without effect on others", async () => {
  await using probe = await flooding();
  const [unread, read] = [probe.ref.subscribe({ capacity: 1 }), probe.ref.subscribe()];
  let count = 0;
  const reading = (async () => {
    for await (const items of read.batches()) {
      count += items.length;
      if (count >= 14 * FLOOD) break;
    }
  })();
  for (let n = 1; n <= 14; n++) assertEquals((await probe.ref.ask({ n })).n, n); // 280,000 messages
  await reading;
  let got = 0;
  const error = await failureOf((async () => {
    for await (const items of unread.batches()) got += items.length;
  })());
  assertInstanceOf(error, SubscriptionLaggedError);
  assertGreater(got, SUBSCRIPTION_OVERSHOOT);
  assertEquals([count, probe.ref.generation], [14 * FLOOD, 1]);
});
