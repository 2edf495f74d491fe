/** Timers longer than the machine's own can be. */
import { assertEquals } from "@std/assert";
import { startTimer, stopTimer, systemClock } from "../../src/time/clock.ts";

const LONGEST = 2 ** 31 - 1;

/** Runs `body` while `setTimeout` and `clearTimeout` only note what they are given; `fire` lets the latest timer fire. */
function withTimersOf<Result>(
  body: (timers: { parts: number[]; cleared: unknown[]; fire: () => void }) => Result,
): Result {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const parts: number[] = [];
  const cleared: unknown[] = [];
  let fire = () => {};
  try {
    globalThis.setTimeout = ((fn: () => void, ms: number) => {
      fire = fn;
      return parts.push(ms);
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((id: unknown) => void cleared.push(id)) as typeof clearTimeout;
    return body({ parts, cleared, fire: () => fire() });
  } finally {
    globalThis.setTimeout = set;
    globalThis.clearTimeout = clear;
  }
}

Deno.test("a timer fires once, in parts, when it is set to 60 days", () => {
  withTimersOf(({ parts, fire }) => {
    const ms = 60 * 86_400_000;
    let fired = 0;
    startTimer(() => fired++, ms);
    fire();
    fire();
    assertEquals([parts, fired], [[LONGEST, LONGEST, ms - 2 * LONGEST], 0]);
    fire();
    assertEquals([parts.length, fired], [3, 1]);
  });
});

Deno.test("a timer is one of the machine's when it takes no more than 2^31 - 1 ms", () => {
  withTimersOf(({ parts }) => {
    for (const ms of [LONGEST, 0, 0.2, 20.001]) startTimer(() => {}, ms);
    assertEquals(parts, [LONGEST, 0, 1, 21]);
  });
});

Deno.test("a timer never fires when it is set to Infinity", () => {
  withTimersOf(({ parts }) => {
    stopTimer(startTimer(() => {}, Infinity));
    assertEquals(parts, []);
  });
});

Deno.test("a timer of 60 days never fires when it is cancelled in its second part", () => {
  withTimersOf(({ parts, cleared, fire }) => {
    const timer = startTimer(() => {}, 60 * 86_400_000);
    fire();
    stopTimer(timer);
    assertEquals([parts.length, cleared], [2, [2]]);
  });
});

Deno.test("systemClock fires a timer of no time before one of 30 days, which it takes back", async () => {
  const fired: string[] = [];
  const long = systemClock.setTimeout(() => fired.push("30 days"), 30 * 86_400_000);
  const never = systemClock.setTimeout(() => fired.push("never"), Infinity);
  await new Promise<void>((resolve) => void systemClock.setTimeout(resolve, 5));
  systemClock.clearTimeout(long);
  systemClock.clearTimeout(never);
  assertEquals(fired, []);
});
