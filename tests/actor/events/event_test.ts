import { assert, assertEquals } from "@std/assert";
import { type EmittedEvent, EVENT_BUFFER, EVENT_BYTES, EventBus } from "../../../src/actor/events/event.ts";
import type { SystemEvent, SystemEventPayload } from "../../../src/events.ts";
import { stateOf } from "../../support/probes.ts";

function event(generation: number): SystemEvent {
  return { at: generation, path: "a", generation, type: "starting" };
}

async function rest(reader: AsyncIterableIterator<EmittedEvent>): Promise<EmittedEvent[]> {
  const events: EmittedEvent[] = [];
  for await (const event of reader) events.push(event);
  return events;
}

Deno.test("a reader gets each event in order, and the end behind them, when the bus closes", async () => {
  const bus = new EventBus();
  const first = bus.read();
  bus.emit(event(1));
  const second = bus.read();
  bus.emit(event(2));
  bus.emit(event(3));
  bus.close();
  assertEquals((await rest(first)).map(({ generation }) => generation), [1, 2, 3]);
  assertEquals((await rest(second)).map(({ generation }) => generation), [2, 3]);
});

Deno.test("a reader that waits gets the next event, and the end when the bus closes", async () => {
  const bus = new EventBus();
  const reader = bus.read();
  const next = reader.next();
  assertEquals(await stateOf(next), "pending");
  bus.emit(event(1));
  assertEquals(await next, { value: event(1), done: false });
  const end = reader.next();
  bus.close();
  assertEquals(await end, { value: undefined, done: true });
});

Deno.test("a reader loses the oldest events and gets their number when it is slow", async () => {
  const bus = new EventBus();
  const reader = bus.read<SystemEvent & { type: "events_lost" }>();
  for (let i = 0; i < EVENT_BUFFER + 3; i++) bus.emit(event(i));
  const lost = (await reader.next()).value;
  assertEquals([lost.type, lost.count, lost.at], ["events_lost", 3, 3]);
  bus.close();
  assertEquals(
    (await rest(reader)).map(({ generation }) => generation),
    Array.from({ length: EVENT_BUFFER }, (_, i) => i + 3),
  );
});

Deno.test("each gap is reported once when events were lost, and a full buffer is not a gap", async () => {
  const bus = new EventBus();
  const reader = bus.read<SystemEvent & { type: "events_lost" }>();
  for (let i = 0; i < EVENT_BUFFER; i++) bus.emit(event(i));
  assertEquals((await reader.next()).value.type, "starting");
  for (let i = 0; i < 2; i++) bus.emit(event(i));
  const lost = (await reader.next()).value;
  assertEquals([lost.type, lost.count], ["events_lost", 1]);
  assertEquals((await reader.next()).value.type, "starting");
  await reader.return!();
});

Deno.test("readers lose nothing when another reader is slow", async () => {
  const bus = new EventBus();
  const slow = bus.read();
  const fast = bus.read();
  for (let i = 0; i < EVENT_BUFFER + 1; i++) {
    bus.emit(event(i));
    assertEquals((await fast.next()).value.generation, i);
  }
  assertEquals((await slow.next()).value.type, "events_lost");
  bus.close();
});

Deno.test("a bus is not observed when its only reader has left", async () => {
  const bus = new EventBus();
  assertEquals(bus.isObserved, false);
  const reader = bus.read();
  assertEquals(bus.isObserved, true);
  bus.emit(event(1));
  bus.emit(event(2));
  for await (const _ of reader) break;
  assertEquals(bus.isObserved, false);
  assertEquals(await reader.next(), { value: undefined, done: true });
});

Deno.test("next() ends when return() is called meanwhile", async () => {
  const bus = new EventBus();
  const reader = bus.read();
  const next = reader.next();
  await reader.return!();
  assertEquals(await stateOf(next), "fulfilled");
});

Deno.test("a reader ends at once when the bus is closed", async () => {
  const bus = new EventBus();
  bus.close();
  assertEquals(await stateOf(bus.read().next()), "fulfilled");
});

// --- In bytes -----------------------------------------------------------------------

/** Of one flood each, an event that has `size` bytes in it. */
const LARGE: Readonly<Record<string, (size: number) => SystemEventPayload>> = {
  "a line of output": (size) => ({ type: "output", stream: "stdout", line: "x".repeat(size) }),
  "a dead letter of text": (size) => deadLetter("x".repeat(size)),
  "a dead letter of bytes": (size) => deadLetter(new Uint8Array(size)),
  "a dead letter of a part of a buffer": (size) => deadLetter(new Uint8Array(size).subarray(0, 1)),
  "a dead letter of an object": (size) => deadLetter({ deep: { down: ["x".repeat(size)] } }),
  "a dead letter of many small objects": (size) =>
    deadLetter(Array.from({ length: size / 40 }, (_, n) => ({ n }))),
  "a dead letter of a long array": (size) => deadLetter(new Array(size / 8).fill(1)),
  "a dead letter of a map": (size) => deadLetter(new Map([["key", "x".repeat(size)]])),
  "a dead letter of a set": (size) => deadLetter(new Set(["x".repeat(size)])),
  "a failure": (size) => ({ type: "start_failed", cause: new Error("x".repeat(size)) }),
  "a failure with a cause and last words": (size) => ({
    type: "exited",
    uptime: 1,
    exit: {
      reason: "crash",
      cause: new Error("it failed", { cause: Object.assign(new Error("of"), { tail: ["x".repeat(size)] }) }),
    },
  }),
};

function deadLetter(message: unknown): SystemEventPayload {
  return { type: "dead_letter", reason: "unclaimed", message };
}

for (const [what, make] of Object.entries(LARGE)) {
  Deno.test(`a slow reader keeps a few MB and gets the number of missing events when each is ${what}`, async () => {
    const bus = new EventBus();
    const reader = bus.read({ types: new Set([make(2_000).type]) });
    const size = 400_000;
    const all = 100; // 40 MB of them
    for (let i = 1; i <= all; i++) bus.emit({ at: i, path: "a", generation: i, ...make(size) });
    bus.close();
    const lost = (await reader.next()).value;
    assertEquals(lost.type, "events_lost");
    const kept = await rest(reader);
    assertEquals(kept.length + lost.count, all);
    assertEquals(kept.at(-1)?.generation, all);
    assert(kept.length >= 1 && kept.length * size <= EVENT_BYTES, `it kept ${kept.length} events`);
  });
}

Deno.test("an event is kept alone when it is larger than a reader may keep", async () => {
  const bus = new EventBus();
  const reader = bus.read();
  const large = (generation: number, size: number): SystemEvent => ({
    at: 0,
    path: "a",
    generation,
    ...deadLetter("x".repeat(size)),
  });
  bus.emit(large(1, 10));
  bus.emit(large(2, 2 * EVENT_BYTES));
  assertEquals((await reader.next()).value.type, "events_lost");
  assertEquals((await reader.next()).value.generation, 2);
  bus.emit(large(3, 2 * EVENT_BYTES));
  bus.emit(large(4, 10));
  assertEquals((await reader.next()).value.type, "events_lost");
  assertEquals((await reader.next()).value.generation, 4);
  bus.close();
});

Deno.test("lifecycle events stay when output floods a reader", async () => {
  const bus = new EventBus();
  const reader = bus.read();
  bus.emit(event(1));
  for (let i = 0; i < 100; i++) {
    bus.emit({ at: 0, path: "a", generation: 2, ...LARGE["a line of output"]!(400_000) }, "without_end");
  }
  bus.emit(event(3));
  bus.close();
  const kept = await rest(reader);
  assertEquals(kept.filter(({ type }) => type === "starting").map(({ generation }) => generation), [1, 3]);
});

Deno.test("an event is measured without calling anything in it when it is hostile", async () => {
  const bus = new EventBus();
  const reader = bus.read();
  let called = 0;
  const ring: Record<string, unknown> = {};
  ring.ring = ring;
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const messages = [
    ring,
    proxy,
    {
      get bomb(): never {
        called++;
        throw new Error("boom");
      },
    },
    { toString: () => called++, toJSON: () => called++, valueOf: () => called++ },
    Object.create(null),
    Symbol("s"),
    10n,
    undefined,
    null,
    () => called++,
  ];
  for (const message of messages) bus.emit({ at: 0, path: "a", generation: 1, ...deadLetter(message) });
  bus.close();
  assertEquals([(await rest(reader)).length, called], [messages.length, 0]);
});
