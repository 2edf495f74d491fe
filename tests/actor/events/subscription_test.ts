import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { OptionError, SubscriptionLaggedError } from "../../../src/actor/actor_errors.ts";
import {
  Subscription,
  SUBSCRIPTION_BYTES,
  SUBSCRIPTION_CAPACITY,
  SUBSCRIPTION_OVERSHOOT,
  SUBSCRIPTION_OVERSHOOT_BYTES,
} from "../../../src/actor/events/subscription.ts";
import { Subscribers } from "../../../src/actor/events/subscribers.ts";
import { failureOf, Stage, stateOf } from "../../support/probes.ts";

Deno.test("a subscriber gets items when they are published after it subscribed", async () => {
  const topic = new Subscribers<number>("a");
  assertEquals(topic.publish(0), undefined);
  const first = topic.subscribe();
  topic.publish(1);
  const second = topic.subscribe();
  topic.publish(2);
  topic.close();
  assertEquals(await Array.fromAsync(first), [1, 2]);
  assertEquals(await Array.fromAsync(second), [2]);
  assertEquals(topic.size, 0);
});

Deno.test("a publisher waits at capacity, and goes on when half is read", async () => {
  const topic = new Subscribers<number>("a");
  const reader = topic.subscribe({ capacity: 4 });
  assertEquals([1, 2, 3].map((item) => topic.publish(item)), [undefined, undefined, undefined]);
  const room = topic.publish(4);
  assertEquals(await stateOf(room), "pending");
  await reader.next();
  assertEquals(await stateOf(room), "pending");
  await reader.next();
  assertEquals(await stateOf(room), "fulfilled");
  assertEquals(topic.publish(5), undefined);
});

Deno.test("a subscription has a capacity of 1,024 by default", () => {
  const topic = new Subscribers<number>("a");
  topic.subscribe();
  for (let i = 1; i < SUBSCRIPTION_CAPACITY; i++) assertEquals(topic.publish(i), undefined);
  assertInstanceOf(topic.publish(0), Promise);
  assertEquals(SUBSCRIPTION_CAPACITY, 1_024);
});

Deno.test("a publisher waits for the slowest subscriber when there are several", async () => {
  const topic = new Subscribers<number>("a");
  const [a, b] = [topic.subscribe({ capacity: 1 }), topic.subscribe({ capacity: 1 })];
  const room = topic.publish(1);
  await a.next();
  assertEquals(await stateOf(room), "pending");
  await b.next();
  assertEquals(await stateOf(room), "fulfilled");
});

Deno.test("an item uses no capacity when a reader waits", async () => {
  const topic = new Subscribers<number>("a");
  const reader = topic.subscribe({ capacity: 1 });
  const next = reader.next();
  assertEquals(topic.publish(1), undefined);
  assertEquals(await next, { value: 1, done: false });
});

Deno.test("a subscription fails behind its items when a publisher does not wait at the overshoot limit", async () => {
  const topic = new Subscribers<number>("a");
  const reader = topic.subscribe({ capacity: 2 });
  const limit = 2 + SUBSCRIPTION_OVERSHOOT;
  let room: unknown;
  for (let i = 0; i < limit; i++) room = topic.publish(i);
  assertEquals(topic.size, 1);
  topic.publish(limit);
  assertEquals(topic.size, 0);
  assertEquals(await stateOf(room), "fulfilled");
  topic.publish(limit + 1);
  for (let i = 0; i <= limit; i++) assertEquals((await reader.next()).value, i);
  assertInstanceOf(await failureOf(reader.next()), SubscriptionLaggedError);
  assertEquals(await reader.next(), { value: undefined, done: true });
});

Deno.test("a publisher waits at the bound in bytes, and goes on when half of them are read", async () => {
  const topic = new Subscribers<string>("a");
  const reader = topic.subscribe({ bytes: 10 });
  assertEquals(
    [topic.publish("no size"), topic.publish("a", 4), topic.publish("b", 5)],
    Array(3).fill(undefined),
  );
  const room = topic.publish("c", 2);
  assertEquals(await stateOf(room), "pending");
  assertEquals([await reader.next(), await reader.next()].map(({ value }) => value), ["no size", "a"]);
  assertEquals(await stateOf(room), "pending"); // 7 bytes
  await reader.next();
  assertEquals(await stateOf(room), "fulfilled"); // 2 bytes
  assertEquals([topic.publish("d", 7), await stateOf(topic.publish("e", 1))], [undefined, "pending"]);
});

Deno.test("a publisher waits until an item is read when it is larger than the bound", async () => {
  const topic = new Subscribers<string>("a");
  const reader = topic.subscribe({ bytes: 10 });
  const room = topic.publish("large", 1_000);
  assertEquals(await stateOf(room), "pending");
  await reader.next();
  assertEquals([await stateOf(room), topic.publish("small", 9)], ["fulfilled", undefined]);
});

Deno.test("a subscription has a bound of 1 MiB by default, and room again when a batch is read", async () => {
  const topic = new Subscribers<number>("a");
  const reader = topic.subscribe();
  const batches = reader.batches();
  for (let round = 0; round < 2; round++) {
    assertEquals(topic.publish(1, SUBSCRIPTION_BYTES - 1), undefined);
    const room = topic.publish(2, 1);
    assertEquals(await stateOf(room), "pending");
    assertEquals((await batches.next()).value, [1, 2]);
    assertEquals(await stateOf(room), "fulfilled");
  }
  topic.publish(1, 1);
  const room = topic.publish(2, SUBSCRIPTION_BYTES - 1);
  await reader.next();
  assertEquals([await stateOf(room), SUBSCRIPTION_BYTES], ["pending", 2 ** 20]);
});

Deno.test("a subscription fails 16 MiB over its bound, without the largest item, when a publisher does not wait", async () => {
  const topic = new Subscribers<number>("a");
  const reader = topic.subscribe({ bytes: 1_000 });
  const MiB = 2 ** 20;
  topic.publish(1, 30 * MiB); // a program may write one such line: there is nothing it could wait for
  topic.publish(2, 16 * MiB);
  topic.publish(3, 1_000);
  assertEquals(topic.size, 1);
  topic.publish(4, 1);
  assertEquals(topic.size, 0);
  const seen: number[] = [];
  const error = await failureOf((async () => {
    for await (const item of reader) seen.push(item);
  })());
  assertInstanceOf(error, SubscriptionLaggedError);
  assertEquals([seen, SUBSCRIPTION_OVERSHOOT_BYTES], [[1, 2, 3, 4], 16 * MiB]);
  assertEquals(
    error.message,
    `Cannot follow 'a': ${16 * MiB + 1_000} bytes lie unread and its publisher does not wait`,
  );
});

Deno.test("a custom stream fails behind its unread items when it is read as a subscription", async () => {
  const boom = new Error("boom");
  let left = 0;
  const made = () => new Subscription<number>("a", { capacity: 2 }, () => left++);
  const [one, waiting, batched] = [made(), made(), made()];
  one.push(1);
  assertEquals(await stateOf(one.push(2)), "pending");
  one.fail(boom);
  one.fail(new Error("too late"));
  assertEquals(one.push(3), undefined);
  assertEquals([(await one.next()).value, (await one.next()).value], [1, 2]);
  assertEquals(await failureOf(one.next()), boom);
  assertEquals(await one.next(), { value: undefined, done: true });

  const next = failureOf(waiting.next());
  waiting.fail(boom);
  assertEquals([await next, await waiting.next()], [boom, { value: undefined, done: true }]);

  const batch = failureOf(batched.batches().next());
  batched.fail(boom);
  assertEquals([await batch, left], [boom, 3]);
});

Deno.test("a reader gets no error when it leaves a failed subscription", async () => {
  const reader = new Subscription<number>("a", {}, () => {});
  reader.fail(new Error("boom"));
  await reader.return();
  assertEquals(await reader.next(), { value: undefined, done: true });
});

Deno.test("a waiting publisher goes on when the reader leaves its loop", async () => {
  const topic = new Subscribers<number>("a");
  const reader = topic.subscribe({ capacity: 2 });
  topic.publish(1);
  const room = topic.publish(2);
  for await (const _ of reader) break;
  assertEquals(await stateOf(room), "fulfilled");
  assertEquals(topic.size, 0);
});

Deno.test("next() ends when return() is called meanwhile", async () => {
  const reader = new Subscribers<number>("a").subscribe();
  const next = reader.next();
  await reader.return();
  assertEquals(await next, { value: undefined, done: true });
});

Deno.test("a subscription ends when its signal aborts or has aborted", async () => {
  const topic = new Subscribers<number>("a");
  const abort = new AbortController();
  const reader = topic.subscribe({ signal: abort.signal });
  const next = reader.next();
  abort.abort();
  assertEquals(await next, { value: undefined, done: true });
  assertEquals(topic.size, 0);
  assertEquals(await Array.fromAsync(topic.subscribe({ signal: abort.signal })), []);
});

Deno.test("a subscription survives a restart, and ends when the actor ends for good", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const items = Array.fromAsync(ref.subscribe());
  for (const generation of [1, 2]) {
    const cell = await stage.run({ receive: (item, context) => context.publish(`${item} of ${generation}`) });
    await ref.ask("item");
    cell.stop();
    await cell.ended;
  }
  assertEquals(await stateOf(items), "pending");
  await stage.close();
  assertEquals(await items, ["item of 1", "item of 2"]);
});

Deno.test("a subscription ends at once when the actor has ended for good", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  await stage.close();
  assertEquals(await stateOf(ref.subscribe().next()), "fulfilled");
});

Deno.test("a handler takes no further message when it awaits publish and there is no room", async () => {
  const stage = new Stage();
  const ref = stage.plant("a");
  const reader = ref.subscribe({ capacity: 1 });
  await stage.run({ receive: (item, context) => context.publish(item) });
  for (let i = 1; i <= 3; i++) void ref.tell(i);
  await stage.settle();
  assertEquals(ref.queued, 2);
  assertEquals((await reader.next()).value, 1);
  await stage.settle();
  assertEquals(ref.queued, 1);
  await stage.close();
});

Deno.test("a subscription refuses bounds when they make no sense", () => {
  const topic = new Subscribers<number>("a");
  for (const bounds of [{ capacity: 0 }, { capacity: NaN }, { bytes: 0 }, { bytes: NaN }]) {
    assertThrows(() => topic.subscribe(bounds), OptionError);
  }
  assertEquals(topic.size, 0);
});

Deno.test("sizedBatches yields the size of each item when items have sizes", async () => {
  const topic = new Subscribers<string>("a");
  const reader = topic.subscribe();
  topic.publish("a");
  const batches = reader.sizedBatches();
  assertEquals((await batches.next()).value, { items: ["a"], sizes: undefined });
  topic.publish("b");
  topic.publish("c", 7);
  assertEquals((await batches.next()).value, { items: ["b", "c"], sizes: [0, 7] });
  assertEquals(topic.publish("d", 1), undefined);
});
