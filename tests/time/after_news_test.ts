import { assertEquals, assertRejects } from "@std/assert";
import { setImmediate } from "node:timers";
import { spawn } from "../../src/process/spawn.ts";
import { setPatientTimeout, settlesWithin } from "../../src/time/after_news.ts";
import { sleep, systemClock } from "../../src/time/clock.ts";
import { command } from "../process/fixture.ts";

Deno.test("settlesWithin says whether a promise was fulfilled in time when it settles", async () => {
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

Deno.test("a timeout waits for the end of a process when the event loop was busy", async () => {
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

Deno.test("a timeout fires when nothing comes in a busy event loop", async () => {
  const work = busy();
  try {
    assertEquals(await settlesWithin(new Promise(() => {}), { ms: 100, timers: systemClock }), false);
  } finally {
    work.stop();
  }
});

Deno.test("a timeout never fires when it was cancelled", async () => {
  const work = busy();
  const cancel = setPatientTimeout(() => assertEquals("taken back", "called"), 300, systemClock);
  await sleep(systemClock, 600); // by now it counts the turns
  cancel();
  work.stop();
  await sleep(systemClock, 1);
});

Deno.test("a timeout on another clock fires in time when the machine was busy", () => {
  const timers: (() => void)[] = [];
  const clock = { setTimeout: (fn: () => void) => timers.push(fn), clearTimeout: () => {} };
  let isOver = false;
  const cancel = setPatientTimeout(() => void (isOver = true), 1_000, clock);
  for (const until = performance.now() + 200; performance.now() < until;);
  timers[0]!();
  cancel();
  assertEquals(isOver, true);
});
