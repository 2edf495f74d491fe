import { MailboxFullError, OptionError } from "../../../src/actor/actor_errors.ts";
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { sizeOf } from "../../../src/actor/mailbox/options.ts";
import { failureOf, Stage, stateOf } from "../../support/probes.ts";
import { boxOf } from "./mailbox_box.ts";

Deno.test("sizeOf measures strings by length, buffers and views by bytes, and anything else as 0", () => {
  const messages = [
    "four",
    "",
    new Uint8Array(9),
    new DataView(new ArrayBuffer(7), 2),
    new ArrayBuffer(5),
    {},
    3,
    undefined,
  ];
  assertEquals(messages.map(sizeOf), [4, 0, 9, 5, 5, 0, 0, 0]);
});

Deno.test("a mailbox refuses a bound in bytes when it is not a whole number from 1", () => {
  for (const bytes of [0, -1, 1.5, NaN, Infinity]) assertThrows(() => boxOf({ bytes }), OptionError, "bytes");
});

Deno.test("a mailbox measures nothing when it has no bound in bytes", () => {
  const { box, drain } = boxOf({
    sizeOf() {
      throw new Error("called");
    },
  });
  box.offer("x".repeat(1_000_000));
  assertEquals([box.bytes, drain().length], [0, 1]);
});

Deno.test("senders wait in order when the bound in bytes is reached under policy wait", async () => {
  const { box } = boxOf({ bytes: 10 });
  assertEquals([box.offer("aaaa"), box.offer("bbbbbb"), box.bytes], [undefined, undefined, 10]);
  const [large, small] = [box.offer("ccccc"), box.offer("d")];
  assertEquals(box.take(), "aaaa");
  assertEquals([await stateOf(large), await stateOf(small), box.tryOffer("e")], [
    "pending",
    "pending",
    false,
  ]);
  assertEquals(box.take(), "bbbbbb");
  assertEquals([await stateOf(large), await stateOf(small), box.bytes], ["fulfilled", "fulfilled", 6]);
  assertEquals([box.tryOffer("ffff"), box.tryOffer("g"), box.take(), box.tryOffer("g")], [
    true,
    false,
    "ccccc",
    true,
  ]);
});

Deno.test("a mailbox lets a message in alone when it is larger than the bound, under every policy", async () => {
  const huge = "x".repeat(100);
  for (const overflow of ["wait", "drop-oldest", "drop-newest", "fail"] as const) {
    const { box, drain } = boxOf({ bytes: 10, overflow });
    assertEquals([box.offer(huge), drain()], [undefined, [huge]]);
  }
  const { box, drain } = boxOf({ bytes: 10 });
  box.offer("a");
  const waiting = box.offer(huge);
  assertEquals(await stateOf(waiting), "pending");
  assertEquals(box.take(), "a");
  assertEquals([await stateOf(waiting), drain(), box.bytes], ["fulfilled", [huge], 0]);
});

Deno.test("a mailbox drops as many messages as the new one needs when the policy is drop-oldest", () => {
  const { box, dead, drain } = boxOf({ bytes: 10, overflow: "drop-oldest" });
  for (const message of ["aaa", "bbb", "cc", "dddddd"]) box.offer(message);
  assertEquals([dead, box.bytes], [["mailbox_full: aaa", "mailbox_full: bbb"], 8]);
  box.offer("e".repeat(11));
  assertEquals([drain(), box.dropped], [["e".repeat(11)], 4]);
});

Deno.test("a mailbox names both bounds when it refuses a message under drop-newest or fail", async () => {
  const dropping = boxOf({ bytes: 5, overflow: "drop-newest" });
  const failing = boxOf({ bytes: 5, overflow: "fail", capacity: 9 });
  for (const { box } of [dropping, failing]) box.offer("aaaa");
  assertEquals([dropping.box.offer("bb"), dropping.box.offer("c"), dropping.drain()], [undefined, undefined, [
    "aaaa",
    "c",
  ]]);
  const error = await failureOf(failing.box.offer("bb"));
  assertInstanceOf(error, MailboxFullError);
  assertEquals([error.refused, error.message], [
    "bb",
    "Cannot send to 'a': its mailbox is full (9 messages, 5 bytes)",
  ]);
  assertEquals([dropping.dead, failing.dead], [["mailbox_full: bb"], ["mailbox_full: bb"]]);
});

Deno.test("a mailbox keeps its bound in messages when it has one in bytes", async () => {
  const { box } = boxOf({ bytes: 10, capacity: 2 });
  assertEquals([box.offer({}), box.offer({}), await stateOf(box.offer({}))], [
    undefined,
    undefined,
    "pending",
  ]);
});

Deno.test("a returned message counts at its place when bytes are bounded", async () => {
  const { box, drain } = boxOf({ bytes: 10 });
  for (const message of ["aaaa", "bbbb", "cc"]) box.offer(message);
  const taken = [1, 2].map((sequence) => ({ sequence, item: box.take() }));
  box.offer("dddddddd");
  box.giveBack([taken[1]!]);
  box.giveBack([taken[0]!]);
  assertEquals([box.bytes, box.tryOffer("e")], [18, false]);
  const waiting = box.offer("e");
  assertEquals([box.take(), box.take(), await stateOf(waiting)], ["aaaa", "bbbb", "pending"]);
  assertEquals([box.take(), await stateOf(waiting), drain(), box.bytes], ["cc", "fulfilled", [
    "dddddddd",
    "e",
  ], 0]);
});

Deno.test("asks are measured by their messages, and make room when they are abandoned", async () => {
  const stage = new Stage();
  const ref = stage.plant("a", { bytes: 10, overflow: "fail", sizeOf: (message) => message as number });
  const abort = new AbortController();
  const asked = failureOf(ref.ask(7, { signal: abort.signal }));
  assertEquals(ref.tell(3, { onDeath: "replay" }), undefined);
  assertInstanceOf(await failureOf(ref.tell(1)), MailboxFullError);
  abort.abort();
  await asked;
  assertEquals([ref.tell(6), ref.tryTell(2), ref.tryTell(1), ref.queued], [undefined, false, true, 3]);
  await stage.close();
});

Deno.test("a mailbox refuses a message when its size is invalid", async () => {
  const stage = new Stage();
  const ref = stage.plant("a", {
    bytes: 10,
    sizeOf(message) {
      if (message === "throws") throw new Error("boom");
      return message as number;
    },
  });
  for (const size of [NaN, -1, Infinity, "throws"]) {
    const words = size === "throws"
      ? "boom"
      : `Cannot measure a message for 'a': its size is a number from 0, got ${size}`;
    assertEquals((await failureOf(ref.tell(size))).message, words);
    assertEquals((await failureOf(ref.ask(size))).message, words);
    assertThrows(() => ref.tryTell(size), Error, words);
  }
  assertEquals(ref.queued, 0);
  await stage.close();
});

Deno.test("a mailbox frees all bytes when it is closed, and is bounded again when it is reopened", () => {
  const { box } = boxOf({ bytes: 10, overflow: "drop-newest" });
  box.offer("aaaaaaaa");
  box.close("over");
  assertEquals([box.bytes, box.tryOffer("b")], [0, false]);
  box.reopen();
  assertEquals([box.tryOffer("bbbbbbbb"), box.tryOffer("ccc"), box.bytes], [true, false, 8]);
});
