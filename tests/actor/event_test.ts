import { assertEquals } from "@std/assert";
import { EVENT_BUFFER, EventBus } from "../../src/actor/event.ts";
import type { SystemEvent } from "../../src/actor/event.ts";
import { stateOf } from "../support/probes.ts";

function event(generation: number): SystemEvent {
  return { at: generation, path: "a", generation, type: "starting" };
}

async function rest(reader: AsyncIterableIterator<SystemEvent>): Promise<SystemEvent[]> {
  const events: SystemEvent[] = [];
  for await (const event of reader) events.push(event);
  return events;
}

Deno.test("each reader gets each event from its read on, in order, and the end behind them", async () => {
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

Deno.test("a slow reader loses the oldest events and is told how many, where they are missing", async () => {
  const bus = new EventBus();
  const reader = bus.read();
  for (let i = 0; i < EVENT_BUFFER + 3; i++) bus.emit(event(i));
  const lost = (await reader.next()).value;
  assertEquals([lost.type, lost.count, lost.at], ["events_lost", 3, 3]);
  bus.close();
  assertEquals(
    (await rest(reader)).map(({ generation }) => generation),
    Array.from({ length: EVENT_BUFFER }, (_, i) => i + 3),
  );
});

Deno.test("a full buffer is no loss, and each gap is told of once", async () => {
  const bus = new EventBus();
  const reader = bus.read();
  for (let i = 0; i < EVENT_BUFFER; i++) bus.emit(event(i));
  assertEquals((await reader.next()).value.type, "starting");
  for (let i = 0; i < 2; i++) bus.emit(event(i));
  const lost = (await reader.next()).value;
  assertEquals([lost.type, lost.count], ["events_lost", 1]);
  assertEquals((await reader.next()).value.type, "starting");
  await reader.return!();
});

Deno.test("one reader's slowness costs the others nothing", async () => {
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

Deno.test("a reader that leaves its loop gets no more, and then nobody observes", async () => {
  const bus = new EventBus();
  assertEquals(bus.observed, false);
  const reader = bus.read();
  assertEquals(bus.observed, true);
  bus.emit(event(1));
  bus.emit(event(2));
  for await (const _ of reader) break;
  assertEquals(bus.observed, false);
  assertEquals(await reader.next(), { value: undefined, done: true });
});

Deno.test("return() ends a next() that is waiting", async () => {
  const bus = new EventBus();
  const reader = bus.read();
  const next = reader.next();
  await reader.return!();
  assertEquals(await stateOf(next), "fulfilled");
});

Deno.test("a reader of a bus that is closed ends at once", async () => {
  const bus = new EventBus();
  bus.close();
  assertEquals(await stateOf(bus.read().next()), "fulfilled");
});
