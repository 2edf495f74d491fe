import { OptionError } from "../../src/actor/actor_errors.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { sleep, systemClock } from "../../src/time/clock.ts";
import { stateOf } from "../support/probes.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

Deno.test("sleep leaves no timer when its time is over", async () => {
  const clock = new VirtualClock();
  const asleep = sleep(clock, 100);
  await clock.advance(99);
  assertEquals(await stateOf(asleep), "pending");
  await clock.advance(1);
  assertEquals(await stateOf(asleep), "fulfilled");
  assertEquals(clock.pending, 0);
});

Deno.test("sleep ends at once when its signal aborts, and leaves no timer", async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const asleep = sleep(clock, 100, abort.signal);
  assertEquals(clock.pending, 1);
  abort.abort();
  assertEquals(await stateOf(asleep), "fulfilled");
  assertEquals(clock.pending, 0);
});

Deno.test("sleep sets no timer when its signal has aborted", async () => {
  const clock = new VirtualClock();
  const asleep = sleep(clock, 100, AbortSignal.abort());
  assertEquals(clock.pending, 0);
  assertEquals(await stateOf(asleep), "fulfilled");
});

Deno.test("the system's clock does not call a timer when it was cancelled", async () => {
  const calls: string[] = [];
  const before = systemClock.now();
  await new Promise<void>((resolve) => {
    systemClock.clearTimeout(systemClock.setTimeout(() => calls.push("taken back"), 0));
    systemClock.setTimeout(() => calls.push("called"), 0);
    systemClock.setTimeout(resolve, 5);
  });
  assertEquals(calls, ["called"]);
  assert(systemClock.now() > before);
  assert(systemClock.wallTime() > Date.UTC(2024, 0, 1));
});

Deno.test("virtual timers fire in order, with everything at rest between, when time advances", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.setTimeout(() => seen.push(`c at ${clock.now()}`), 20);
  clock.setTimeout(() => {
    seen.push(`a at ${clock.now()}`);
    void Promise.resolve().then(() => Promise.resolve()).then(() => seen.push("a's microtask"));
    clock.setTimeout(() => seen.push(`d at ${clock.now()}`), 15);
  }, 10);
  clock.setTimeout(() => seen.push(`b at ${clock.now()}`), 10);
  await clock.advance(24);
  assertEquals(seen, ["a at 10", "a's microtask", "b at 10", "c at 20"]);
  assertEquals([clock.now(), clock.pending], [24, 1]);
  await clock.runAll();
  assertEquals([seen.at(-1), clock.now(), clock.pending], ["d at 25", 25, 0]);
});

Deno.test("a virtual clock refuses a delay when the machine's timers would bend it", () => {
  const clock = new VirtualClock();
  for (const ms of [NaN, -1, "5" as never, undefined as never]) {
    assertThrows(() => clock.setTimeout(() => {}, ms), OptionError);
  }
});
