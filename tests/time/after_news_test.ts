import { assertEquals, assertRejects } from "@std/assert";
import { setImmediate } from "node:timers";
import { spawn } from "../../src/process/command.ts";
import { setPatientTimeout, settlesWithin } from "../../src/time/after_news.ts";
import { sleep, systemClock } from "../../src/time/clock.ts";
import { command } from "../process/fixture.ts";

Deno.test("within: done in time, too late, failed; no timer is left", async () => {
  const long = { ms: 1_000_000, timers: systemClock };
  assertEquals(await settlesWithin(Promise.resolve(), long), true);
  assertEquals(await settlesWithin(new Promise(() => {}), { ms: 1, timers: systemClock }), false);
  await assertRejects(() => settlesWithin(Promise.reject(new RangeError("mine")), long), RangeError, "mine");
});

/** Keeps the event loop busy until it is told otherwise: each turn takes 20 ms. */
function busy(): { stop(): void } {
  let isOver = false;
  const work = () => {
    for (const until = performance.now() + 20; performance.now() < until;);
    if (!isOver) setImmediate(work);
  };
  setImmediate(work);
  return { stop: () => void (isOver = true) };
}

Deno.test("the end of a process is not taken for late when a busy loop has kept it from being seen", async () => {
  const child = spawn(command("sleep", "60"));
  const work = busy();
  try {
    child.signal("SIGKILL");
    assertEquals(await settlesWithin(child.exited, { ms: 300, timers: systemClock }), true);
  } finally {
    work.stop();
  }
  await child.closed;
});

Deno.test("what does not come is late in a busy loop, too", async () => {
  const work = busy();
  try {
    assertEquals(await settlesWithin(new Promise(() => {}), { ms: 100, timers: systemClock }), false);
  } finally {
    work.stop();
  }
});

Deno.test("what was taken back is never concluded", async () => {
  const work = busy();
  const cancel = setPatientTimeout(() => assertEquals("taken back", "called"), 50, systemClock);
  await sleep(systemClock, 200); // by now it counts the turns
  cancel();
  work.stop();
  await sleep(systemClock, 1);
});

Deno.test("a time on another clock is over at that time when the machine was busy", () => {
  const timers: (() => void)[] = [];
  const clock = { setTimeout: (fn: () => void) => timers.push(fn), clearTimeout: () => {} };
  let isOver = false;
  const cancel = setPatientTimeout(() => void (isOver = true), 1_000, clock);
  for (const until = performance.now() + 200; performance.now() < until;);
  timers[0]!();
  cancel();
  assertEquals(isOver, true);
});
