import { OptionError } from "../../src/actor/actor_errors.ts";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { actor, start, supervisor } from "@outrider/outrider";
import { sleep } from "@outrider/outrider/actor";
import { EPOCH, SimulationError, VirtualClock } from "@outrider/outrider/testing";

Deno.test("timers fire in the order of their times, then of their making; those taken back do not", async () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  const times = [5, 3, 9, 3, 1, 7, 3, 8, 2];
  const timers = times.map((ms, at) => clock.setTimeout(() => fired.push(`${ms}:${at}@${clock.now()}`), ms));
  clock.clearTimeout(timers[5]);
  clock.clearTimeout(timers[5]);
  clock.clearTimeout(undefined);
  assertEquals(clock.pending, 8);
  await clock.advance(3);
  assertEquals(fired, ["1:4@1", "2:8@2", "3:1@3", "3:3@3", "3:6@3"]);
  await clock.runAll();
  assertEquals(fired.slice(5), ["5:0@5", "8:7@8", "9:2@9"]);
  assertEquals([clock.pending, clock.now(), clock.wallTime()], [0, 9, EPOCH + 9]);
});

Deno.test("advance: fires timers set on the way, if they fall due in time", async () => {
  const clock = new VirtualClock();
  let woken = 0;
  const loop = async () => {
    for (;;) {
      await sleep(clock, 10);
      woken++;
    }
  };
  void loop();
  await clock.advance(1_005);
  assertEquals([woken, clock.now(), clock.pending], [100, 1_005, 1]);
  await assertRejects(() => clock.runAll(100), Error, "timers are left after 100 ms");
});

Deno.test("advance, until and runAll take times as options do, and refuse what is none", async () => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  clock.setTimeout(() => fired.push(clock.now()), 3_600_000);
  await clock.advance("1h");
  assertEquals([clock.now(), fired], [3_600_000, [3_600_000]]);
  await clock.advance("1.5s");
  assertEquals(clock.now(), 3_601_500);
  await assertRejects(() => clock.advance("1 hour"), OptionError);
  clock.setTimeout(() => fired.push(clock.now()), 61_000);
  const pending = new Promise<void>(() => {});
  await assertRejects(() => clock.until(pending, "1m"), SimulationError, "pending after 60000 ms");
  await assertRejects(() => clock.runAll("0.5s"), SimulationError, "left after 500 ms");
  await clock.runAll("61s");
  assertEquals(clock.now(), 3_662_500);
});

Deno.test("until: gives the value or the failure; nothing left, or patience over, is an error", async () => {
  const clock = new VirtualClock();
  assertEquals(await clock.until(sleep(clock, 50).then(() => "late")), "late");
  await assertRejects(() => clock.until(Promise.reject(new Error("no"))), Error, "no");
  await assertRejects(() => clock.until(new Promise(() => {})), Error, "everything is at rest");
  await assertRejects(() => clock.until(sleep(clock, 50), 49), Error, "pending after 49 ms");
});

Deno.test("setTimeout: refuses delays that no timer can keep", () => {
  const clock = new VirtualClock();
  for (const ms of [-1, NaN, "5" as never, undefined as never]) {
    assertThrows(
      () => clock.setTimeout(() => {}, ms),
      OptionError,
      "as a timer: ",
    );
  }
});

Deno.test("settle: waits for all work, however many turns; actors that never rest are an error", async () => {
  const clock = new VirtualClock({ maxTurns: 100 });
  const system = await start(
    supervisor("root", [
      actor("down", () => ({ receive: (n: number, { self }) => n > 0 ? void self.tell(n - 1) : undefined })),
      actor("ever", () => ({ receive: (_: "on", { self }) => void self.tell("on") })),
    ]),
    { clock },
  );
  void system.ref("down").tell(100_000);
  await clock.settle();
  assertEquals(system.ref("down").queued, 0);
  void system.ref("ever").tell("on");
  await assertRejects(() => clock.settle(), Error, "Cannot come to rest");
  void system.stop();
});
