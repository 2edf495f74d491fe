import { assert, assertEquals, assertThrows } from "@std/assert";
import { codecs, UnencodableMessageError } from "@outrider/outrider/protocol";
import { SUBSCRIPTION_BYTES } from "../../../src/actor/events/subscription.ts";
import { InOrderCorrelation } from "../../../src/sidecar/replies/in_order.ts";
import { MAX_PENDING_REQUESTS } from "../../../src/sidecar/replies/pending_requests.ts";
import { IdCorrelation } from "../../../src/sidecar/replies/by_id.ts";
import type { Until } from "../../../src/sidecar/replies/reply_stream.ts";
import { Caller, RecordedLine } from "../../support/line.ts";
import { stateOf } from "../../support/probes.ts";

/** What a pairing makes of messages, in a word. */
function outcomes(
  pairing: InOrderCorrelation | IdCorrelation,
  line: RecordedLine,
): (message: unknown) => string {
  return (message) => {
    const before = line.unclaimedItems.length;
    const known = pairing.match(message);
    return !known ? "unasked" : line.unclaimedItems.length > before ? "late" : "reply";
  };
}

class InOrder extends InOrderCorrelation {
  readonly outcome: (message: unknown) => string;
  constructor(line: RecordedLine = new RecordedLine()) {
    super(line, { codec: codecs.lines });
    this.outcome = outcomes(this, line);
  }
}

class ById extends IdCorrelation {
  readonly outcome: (message: unknown) => string;
  constructor(line: RecordedLine = new RecordedLine(), options: { field?: string; bounded?: boolean } = {}) {
    super(line, { codec: codecs.ndjson, field: "id", ...options });
    this.outcome = outcomes(this, line);
  }
}

Deno.test("in order: the next reply answers the oldest request, and more is unasked", () => {
  const pairing = new InOrder();
  const [a, b] = [new Caller(), new Caller()];
  assertEquals(pairing.outcome("before"), "unasked");
  assertEquals([pairing.request("a", a), pairing.request("b", b)], ["a\n", "b\n"]);
  assertEquals([pairing.outcome("A"), pairing.outcome("B"), pairing.outcome("C")], [
    "reply",
    "reply",
    "unasked",
  ]);
  assertEquals([a.got, b.got], [["A"], ["B"]]);
});

Deno.test("in order: a request that was given up keeps its turn", () => {
  const pairing = new InOrder();
  const [a, b] = [new Caller(), new Caller()];
  pairing.request("a", a);
  pairing.request("b", b);
  a.isOpen = false;
  assertEquals([pairing.outcome("A"), pairing.outcome("B")], ["reply", "reply"]);
  assertEquals([a.got, b.got], [["A"], ["B"]]); // the caller makes a dead letter of it
});

Deno.test("in order: a lost reply fails the request in turn, and nothing where none waits", () => {
  const pairing = new InOrder();
  const [a, b] = [new Caller(), new Caller()];
  pairing.lost(() => {
    throw new Error("nobody asked");
  });
  pairing.request("a", a);
  pairing.request("b", b);
  const error = new Error("too long");
  pairing.lost(() => error);
  pairing.match("B");
  assertEquals([a.got, b.got], [[error], ["B"]]);
});

for (const [name, make] of [["in order", () => new InOrder()], ["by id", () => new ById()]] as const) {
  const message = (): unknown => name === "by id" ? {} : "x";

  Deno.test(`${name}: no more is kept account of than the limit`, () => {
    const pairing = make();
    const callers = Array.from({ length: MAX_PENDING_REQUESTS }, () => new Caller());
    for (const caller of callers) {
      assert(!pairing.isFull);
      pairing.request(message(), caller);
    }
    assert(pairing.isFull);
    pairing.match(name === "by id" ? { id: 1 } : "y");
    assert(!pairing.isFull);
  });

  Deno.test(`${name}: a request that could not be sent is taken back`, async () => {
    const pairing = make();
    const [a, b] = [new Caller(), new Caller()];
    pairing.request(message(), a);
    pairing.withdraw();
    assertEquals(await stateOf(pairing.below(1)), "fulfilled");
    assertEquals(pairing.outcome(name === "by id" ? { id: 1 } : "y"), "unasked");
    pairing.request(message(), b);
    assertEquals(pairing.outcome(name === "by id" ? { id: 1 } : "z"), "reply");
    assertEquals([a.got.length, b.got.length], [0, 1]);
  });

  Deno.test(`${name}: below(1) settles when the last reply has arrived`, async () => {
    const pairing = make();
    assertEquals(await stateOf(pairing.below(1)), "fulfilled");
    pairing.request(message(), new Caller());
    pairing.request(message(), new Caller());
    const answered = pairing.below(1);
    pairing.match(name === "by id" ? { id: 2 } : "1");
    assertEquals(await stateOf(answered), "pending");
    pairing.match(name === "by id" ? { id: 1 } : "2");
    assertEquals(await stateOf(answered), "fulfilled");
    pairing.request(message(), new Caller());
    assertEquals(await stateOf(pairing.below(1)), "pending");
  });

  Deno.test(`${name}: a message that has no frame leaves nothing behind`, async () => {
    const pairing = make();
    for (const wrong of name === "by id" ? [1n, { id: 7, big: 1n }] : ["two\nlines"]) {
      assertThrows(() => pairing.frame(wrong), UnencodableMessageError);
      assertThrows(() => pairing.request(wrong, new Caller()), UnencodableMessageError);
    }
    assertEquals(await stateOf(pairing.below(1)), "fulfilled");
    const caller = new Caller();
    pairing.request(message(), caller);
    assertEquals(pairing.outcome(name === "by id" ? { id: 1 } : "z"), "reply");
    assertEquals(caller.got, [name === "by id" ? { id: 1 } : "z"]); // and no other's id
  });
}

Deno.test("by id: our number goes out in place of the caller's id, which comes back in the reply", () => {
  const pairing = new ById();
  const callers = [new Caller(), new Caller(), new Caller()];
  assertEquals(pairing.request({ id: "mine", n: 1 }, callers[0]!), '{"id":1,"n":1}\n');
  assertEquals(pairing.request({ n: 2 }, callers[1]!), '{"n":2,"id":2}\n');
  assertEquals(pairing.request({}, callers[2]!), '{"id":3}\n');
  for (const id of [3, 1, 2]) assertEquals(pairing.outcome({ id, ok: true }), "reply");
  assertEquals(callers.map((caller) => caller.got), [
    [{ id: "mine", ok: true }],
    [{ id: 2, ok: true }],
    [{ id: 3, ok: true }],
  ]);
});

Deno.test("by id: a message with toJSON is numbered in its JSON form", () => {
  const pairing = new ById();
  const self = { toJSON: () => ({ id: 9, n: 1 }) };
  const caller = new Caller();
  assertEquals(JSON.parse(pairing.request(self, caller) as string), { id: 1, n: 1 });
  pairing.match({ id: 1 });
  assertEquals(caller.got, [{ id: 9 }]);
  assertThrows(() => pairing.request(new Date(0), new Caller()), UnencodableMessageError);
});

Deno.test("by id: only an object can carry the number", () => {
  for (const message of ["text", 1, null, true, [1]]) {
    assertThrows(() => new ById().request(message, new Caller()), UnencodableMessageError);
    assertEquals(new ById().frame(message), `${JSON.stringify(message)}\n`);
  }
});

Deno.test("by id: a second reply is late, and a frame without our number is unmatched", () => {
  const pairing = new ById();
  const caller = new Caller();
  pairing.request({}, caller);
  pairing.request({}, new Caller());
  assertEquals([pairing.outcome({ id: 1, n: 1 }), pairing.outcome({ id: 1, n: 2 })], ["reply", "late"]);
  assertEquals(caller.got, [{ id: 1, n: 1 }]);
  for (const id of ["1", "x", 0, -1, 3, 1.5, null, [2], undefined]) {
    assertEquals(pairing.outcome({ id }), "unasked");
  }
  for (const message of [null, 2, "2", [2], {}]) assertEquals(pairing.outcome(message), "unasked");
});

Deno.test("by id: requests that were given up are forgotten, and their replies are late", async () => {
  const pairing = new ById();
  const callers = Array.from({ length: 1_500 }, () => new Caller());
  for (const caller of callers) {
    pairing.request({ id: "mine" }, caller);
    caller.isOpen = false;
  }
  assertEquals([pairing.outcome({ id: 1 }), pairing.outcome({ id: 1_500 })], ["late", "reply"]);
  assertEquals([callers[0]!.got, callers[1_499]!.got], [[], [{ id: "mine" }]]);
  for (let id = 1_024; id < 1_500; id++) pairing.match({ id });
  assertEquals(await stateOf(pairing.below(1)), "fulfilled"); // the forgotten are not waited for
});

Deno.test("by id: a full account has room again when requests are abandoned", () => {
  const pairing = new ById();
  const callers = Array.from({ length: MAX_PENDING_REQUESTS }, () => new Caller());
  for (const caller of callers) pairing.request({}, caller);
  assert(pairing.isFull);
  for (const caller of callers) caller.isOpen = false;
  assert(!pairing.isFull);
  const caller = new Caller();
  pairing.request({}, caller);
  assertEquals(pairing.outcome({ id: MAX_PENDING_REQUESTS + 1 }), "reply");
});

Deno.test("by id: a lost line fails no request, as its owner is unknown", () => {
  const pairing = new ById();
  const caller = new Caller();
  pairing.request({}, caller);
  pairing.lost(() => new Error("lost"));
  assert(caller.isOpen);
});

Deno.test("by id: the number travels in the field that is named", () => {
  const pairing = new ById(new RecordedLine(), { field: "seq" });
  const caller = new Caller();
  assertEquals(pairing.request({ id: "mine", n: 1 }, caller), '{"id":"mine","n":1,"seq":1}\n');
  assertEquals([pairing.outcome({ id: 1 }), pairing.outcome({ seq: 1, id: 7 })], ["unasked", "reply"]);
  assertEquals(caller.got, [{ seq: 1, id: 7 }]);
});

Deno.test("by id, bounded: a request that was given up makes room at once", async () => {
  const pairing = new ById(new RecordedLine(), { bounded: true });
  const [a, b] = [new Caller(), new Caller()];
  pairing.request({}, a);
  pairing.request({}, b);
  const room = pairing.below(2);
  assertEquals(await stateOf(room), "pending");
  a.giveUp();
  await room;
  assertEquals([pairing.outcome({ id: 1 }), pairing.outcome({ id: 2 })], ["late", "reply"]);
});

/** A pairing of replies with many frames, of which `last` is the last. */
function streams(bounded: boolean) {
  const line = new RecordedLine();
  const until: Until = (frame) => (frame as { last?: boolean }).last ? "last" : "more";
  const pairing = new IdCorrelation(line, { codec: codecs.ndjson, field: "id", until, bounded });
  const caller = new Caller();
  pairing.request({}, caller);
  const frames = () => caller.got[0] as AsyncIterableIterator<unknown>;
  return { line, pairing, frames };
}

Deno.test("by id, bounded: a reader that leaves a reply of many frames makes room at once", async () => {
  const { line, pairing, frames } = streams(true);
  pairing.match({ id: 1, n: 1 });
  const room = pairing.below(1);
  assertEquals(await stateOf(room), "pending");
  await frames().return!();
  await room;
  assert(pairing.match({ id: 1, n: 2 }));
  assertEquals(line.unclaimedItems, [{ id: 1, n: 2 }]);
});

Deno.test("by id: frames for a reader that has left are dropped without a bound", async () => {
  const { line, pairing, frames } = streams(false);
  pairing.match({ id: 1, n: 1 });
  await frames().return!();
  assert(pairing.match({ id: 1, n: 2 }));
  assert(pairing.match({ id: 1, last: true }));
  assertEquals([line.unclaimedItems, pairing.size], [[], 0]);
});

Deno.test("a reply of few and large frames holds the reading back by their bytes", async () => {
  const { line, pairing, frames } = streams(false);
  pairing.match({ id: 1, n: 1 }, SUBSCRIPTION_BYTES / 2);
  assertEquals(line.held.length, 0);
  pairing.match({ id: 1, n: 2 }, SUBSCRIPTION_BYTES / 2);
  assertEquals(await Promise.all(line.held.map(stateOf)), ["pending"]);
  await frames().next();
  assertEquals(await Promise.all(line.held.map(stateOf)), ["fulfilled"]);
});
