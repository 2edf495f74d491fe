import { ActorStoppedError, MailboxFullError, OptionError } from "../../../src/actor/actor_errors.ts";
import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { MAX_WAITING } from "../../../src/actor/mailbox/mailbox.ts";
import { DEFAULT_CAPACITY } from "../../../src/actor/mailbox/options.ts";
import { failureOf, Stage, stateOf } from "../../support/probes.ts";
import { boxOf } from "./mailbox_box.ts";

Deno.test("a mailbox hands over in the order of arrival", () => {
  const { box, drain } = boxOf({});
  for (let i = 0; i < 100; i++) assertEquals(box.offer(i), undefined);
  assertEquals(drain(), Array.from({ length: 100 }, (_, i) => i));
});

Deno.test("a mailbox holds 1,024 messages and lets senders wait by default", () => {
  const { box } = boxOf({});
  for (let i = 0; i < DEFAULT_CAPACITY; i++) assertEquals(box.offer(i), undefined);
  assertInstanceOf(box.offer(-1), Promise);
  assertEquals([box.size, box.waiting, DEFAULT_CAPACITY], [1_024, 1, 1_024]);
});

Deno.test("a mailbox refuses a capacity when it is not a whole number from 1", () => {
  for (const capacity of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => boxOf({ capacity }), OptionError, "capacity");
  }
});

Deno.test("a sender's promise is fulfilled in order when its message is taken under policy wait", async () => {
  const { box, dead, drain } = boxOf({ capacity: 2 });
  box.offer(1);
  box.offer(2);
  const [third, fourth] = [box.offer(3), box.offer(4)];
  assertEquals([await stateOf(third), await stateOf(fourth)], ["pending", "pending"]);
  assertEquals(box.take(), 1);
  assertEquals([await stateOf(third), await stateOf(fourth)], ["fulfilled", "pending"]);
  assertEquals(drain(), [2, 3, 4]);
  assertEquals(await stateOf(fourth), "fulfilled");
  assertEquals(dead, []);
});

Deno.test("a mailbox gives a message back with the error when 1,024 senders wait", async () => {
  const { box, drain } = boxOf({ capacity: 1 });
  box.offer("first");
  for (let i = 0; i < MAX_WAITING; i++) box.offer(i);
  const refused = { the: "message" };
  const error = await failureOf(box.offer(refused));
  assertInstanceOf(error, MailboxFullError);
  assertStrictEquals(error.refused, refused);
  assertEquals([error.code, error.path], ["mailbox_full", "a"]);
  assertEquals(
    error.message,
    "Cannot send to 'a': its mailbox is full (1 messages) and 1024 senders wait already; " +
      "await the promise that tell returns before sending more",
  );
  assertEquals(drain().length, 1 + MAX_WAITING);
});

Deno.test("a mailbox makes a dead letter of each refused tell when its promise is not awaited", async () => {
  const stage = new Stage();
  const ref = stage.plant("a", { capacity: 24 });
  for (let i = 0; i < 2_000; i++) void ref.tell(i);
  const refused = 2_000 - 24 - MAX_WAITING;
  assertEquals([ref.queued, ref.deadLetters], [24, refused]);
  await stage.settle();
  assertEquals(stage.log.deadLetters().length, refused);
  assertEquals(stage.log.deadLetters()[0], `mailbox_full: ${24 + MAX_WAITING}`);
  await stage.close();
});

Deno.test("a mailbox makes a dead letter of a tell when its size can't be told", async () => {
  const { box, dead } = boxOf({
    bytes: 5,
    sizeOf() {
      throw new Error("no size");
    },
  });
  assertEquals((await failureOf(box.offer("x"))).message, "no size");
  assertEquals(dead, ["refused: x"]);
});

Deno.test("a mailbox lets senders wait again when those who waited have given up", async () => {
  const stage = new Stage();
  const ref = stage.plant("a", { capacity: 1 });
  void ref.tell("first");
  const abort = new AbortController();
  const { signal } = abort;
  const asked = Array.from({ length: MAX_WAITING }, (_, i) => failureOf(ref.ask(i, { signal })));
  assertInstanceOf(await failureOf(ref.tell("too many")), MailboxFullError);
  abort.abort();
  await Promise.all(asked);
  const waiting = ref.tell("next");
  assertEquals(await stateOf(waiting), "pending");
  assertEquals(stage.system.address("a").mailbox.waiting, 1);
  const { mailbox } = stage.system.address("a");
  assertEquals([mailbox.take(), mailbox.take()], ["first", "next"]);
  assertEquals(await stateOf(waiting), "fulfilled");
  await stage.close();
});

Deno.test("a mailbox makes a dead letter of the oldest message when it is full under policy drop-oldest", () => {
  const { box, dead, drain } = boxOf({ capacity: 2, overflow: "drop-oldest" });
  for (let i = 1; i <= 4; i++) assertEquals(box.offer(i), undefined);
  assertEquals([box.dropped, dead], [2, ["mailbox_full: 1", "mailbox_full: 2"]]);
  assertEquals(drain(), [3, 4]);
});

Deno.test("a mailbox makes a dead letter of the new message when it is full under policy drop-newest", () => {
  const { box, dead, drain } = boxOf({ capacity: 2, overflow: "drop-newest" });
  for (let i = 1; i <= 4; i++) assertEquals(box.offer(i), undefined);
  assertEquals([box.dropped, dead], [2, ["mailbox_full: 3", "mailbox_full: 4"]]);
  assertEquals(drain(), [1, 2]);
});

Deno.test("a mailbox rejects the new message, without a word of waiting senders, when it is full under policy fail", async () => {
  const { box, dead, drain } = boxOf({ capacity: 1, overflow: "fail" });
  box.offer(1);
  const error = await failureOf(box.offer(2));
  assertInstanceOf(error, MailboxFullError);
  assertEquals([error.refused, dead], [2, ["mailbox_full: 2"]]);
  assertEquals(drain(), [1]);
  assertEquals(error.message, "Cannot send to 'a': its mailbox is full (1 messages)");
});

for (const overflow of ["wait", "drop-oldest", "drop-newest", "fail"] as const) {
  Deno.test(`tryOffer under ${overflow} leaves the message with the sender when there is no room`, () => {
    const { box, dead, drain } = boxOf({ capacity: 1, overflow });
    assertEquals([box.tryOffer(1), box.tryOffer(2)], [true, false]);
    assertEquals([drain(), dead, box.dropped], [[1], [], 0]);
    box.close("closed");
    assertEquals([box.tryOffer(3), dead], [false, []]);
  });
}

Deno.test("returned messages come first, in order, when they exceed the capacity", async () => {
  const { box, drain } = boxOf({ capacity: 3 });
  for (let i = 1; i <= 3; i++) box.offer(i);
  const taken = [1, 2].map((sequence) => ({ item: box.take(), sequence }));
  box.offer(4);
  box.offer(5);
  const sixth = box.offer(6);
  box.giveBack(taken);
  assertEquals(box.size, 5);
  const first = [box.take(), box.take()];
  assertEquals(await stateOf(sixth), "pending");
  assertEquals([...first, ...drain()], [1, 2, 3, 4, 5, 6]);
  assertEquals(await stateOf(sixth), "fulfilled");
});

Deno.test("a returned message is queued among earlier returned ones when it comes back later", () => {
  const { box, drain } = boxOf({ capacity: 9 });
  for (let i = 1; i <= 9; i++) box.offer(i);
  for (let i = 1; i <= 6; i++) assertEquals([box.take(), box.taken], [i, i]);
  box.giveBack([{ item: 5, sequence: 5 }, { item: 2, sequence: 2 }]);
  box.giveBack([{ item: 1, sequence: 1 }, { item: 6, sequence: 6 }]);
  assertEquals(box.take(), 1);
  box.giveBack([{ item: 4, sequence: 4 }, { item: 1, sequence: box.taken }]);
  assertEquals(drain(), [2, 4, 5, 6, 1, 7, 8, 9]);
});

Deno.test("abandoned asks are swept in order when they were returned", async () => {
  const stage = new Stage();
  const ref = stage.plant("a", { capacity: 3, overflow: "fail" });
  const { mailbox } = stage.system.address("a");
  const abort = new AbortController();
  const asked = failureOf(ref.ask("given up", { signal: abort.signal }));
  void ref.tell(2);
  const taken = [1, 2].map((sequence) => ({ item: mailbox.take(), sequence }));
  void ref.tell(3);
  mailbox.giveBack(taken);
  abort.abort();
  await asked;
  assertEquals(ref.tell(4), undefined);
  mailbox.giveBack([{ item: 1, sequence: 1 }]);
  mailbox.giveBack([{ item: 2.5, sequence: 2.5 }]);
  const items: unknown[] = [];
  while (mailbox.size > 0) items.push(mailbox.take());
  assertEquals(items, [1, 2, 2.5, 3, 4]);
  await stage.close();
});

Deno.test("a consumer is woken when it attaches, when the first message comes, and when messages are returned", () => {
  const { box } = boxOf({});
  let woken = 0;
  const consumer = { wake: () => woken++ };
  box.offer(1);
  box.attach(consumer);
  assertEquals(woken, 1);
  const item = box.take();
  box.offer(2);
  assertEquals(woken, 2);
  box.take();
  box.giveBack([{ item, sequence: 1 }]);
  assertEquals(woken, 3);
  box.take();
  box.tryOffer(3);
  assertEquals(woken, 4);
  box.take();
  box.detach();
  box.offer(4);
  assertEquals(woken, 4);
});

Deno.test("a mailbox makes dead letters of queued, waiting and later messages when it is closed", async () => {
  const { box, dead } = boxOf({ capacity: 1 });
  box.offer(1);
  const waiting = box.offer(2);
  box.close("it is over");
  const later = box.offer(3);
  box.giveBack([{ item: 4, sequence: 1 }]);
  for (const promise of [waiting, later]) {
    const error = await failureOf(promise);
    assertInstanceOf(error, ActorStoppedError);
    assertEquals(error.message, "Cannot reach 'a': it is over");
  }
  assertEquals(dead, ["actor_stopped: 1", "actor_stopped: 2", "actor_stopped: 3", "actor_stopped: 4"]);
  assertEquals([box.size, box.waiting], [0, 0]);
});

Deno.test("a mailbox takes messages again when it is reopened", () => {
  const { box, drain } = boxOf({});
  box.close("it is over");
  box.reopen();
  assertEquals(box.offer(1), undefined);
  assertEquals(drain(), [1]);
});

Deno.test("offer causes no unhandled rejection when its promise is ignored", async () => {
  const unhandled: unknown[] = [];
  const listen = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", listen);
  const failing = boxOf({ capacity: 1, overflow: "fail" }).box;
  const waiting = boxOf({ capacity: 1 }).box;
  for (const box of [failing, waiting]) for (let i = 0; i < MAX_WAITING + 3; i++) void box.offer(i);
  for (const box of [failing, waiting]) box.close("it is over");
  void failing.offer(0);
  await stateOf(undefined);
  globalThis.removeEventListener("unhandledrejection", listen);
  assertEquals(unhandled, []);
});
