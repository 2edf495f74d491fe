/** What a start waits for, and the reason it is refused with. */
import { assertEquals, assertRejects } from "@std/assert";
import { ReadinessLatch } from "../../src/sidecar/incarnation/readiness.ts";
import { failureOf } from "../support/probes.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const says = (message: string) => () => new Error(message);
const late = () => new Error("late");
const { signal } = new AbortController();

Deno.test("gate is refused with the first reason when it is refused more than once", async () => {
  const clock = new VirtualClock();
  const passing = new ReadinessLatch();
  const waits = failureOf(passing.pass(1_000, { clock, signal, late }));
  passing.refuse(says("first"));
  passing.refuse(says("second"));
  assertEquals(String(await waits), "Error: first");
  // Whoever comes later hears of the same.
  assertEquals(String(await failureOf(passing.pass(1_000, { clock, signal, late }))), "Error: first");
  const work = new Promise<never>(() => {});
  assertEquals(String(await failureOf(passing.during(work, { signal, stopped: late }))), "Error: first");
});

Deno.test("gate keeps its first reason when it is refused without a waiter", async () => {
  const clock = new VirtualClock();
  const gate = new ReadinessLatch();
  gate.refuse(says("first"));
  gate.refuse(says("second"));
  await assertRejects(() => gate.pass(1_000, { clock, signal, late }), Error, "first");
});

Deno.test("gate lets in and refuses no more when it was opened or refused before", async () => {
  const clock = new VirtualClock();
  const opened = new ReadinessLatch();
  opened.open();
  await opened.pass(1_000, { clock, signal, late });
  const refused = new ReadinessLatch();
  refused.refuse(says("first"));
  refused.open();
  await assertRejects(() => refused.pass(1_000, { clock, signal, late }), Error, "first");
});
