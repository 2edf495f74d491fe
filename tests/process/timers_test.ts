import { assertEquals, assertRejects } from "@std/assert";
import { systemTimers, within } from "../../src/process/timers.ts";

Deno.test("within: done in time, too late, failed; no timer is left", async () => {
  const long = { ms: 1_000_000, timers: systemTimers };
  assertEquals(await within(Promise.resolve(), long), true);
  assertEquals(await within(new Promise(() => {}), { ms: 1, timers: systemTimers }), false);
  await assertRejects(() => within(Promise.reject(new RangeError("mine")), long), RangeError, "mine");
});
