import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { type DeadlineEntry, Deadlines } from "../../src/time/deadlines.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

class Probe implements DeadlineEntry {
  lane: DeadlineEntry["lane"];
  addedIn = 0;
  before: DeadlineEntry | undefined;
  after: DeadlineEntry | undefined;
  expiredAt: number | undefined;
  readonly #clock: VirtualClock;
  readonly #order: Probe[];

  constructor(clock: VirtualClock, order: Probe[] = []) {
    this.#clock = clock;
    this.#order = order;
  }

  expire(): void {
    assert(this.expiredAt === undefined, "an entry expired twice");
    this.expiredAt = this.#clock.now();
    this.#order.push(this);
  }
}

/** Adds an entry of `ms`, `phase` ms into the ticks of another; how late it expired. */
async function lateness(ms: number, phase: number): Promise<number> {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  deadlines.add(new Probe(clock), ms);
  await clock.advance(phase);
  const probe = new Probe(clock);
  const added = clock.now();
  deadlines.add(probe, ms);
  await clock.runAll();
  return probe.expiredAt! - added - ms;
}

for (const ms of [1, 2, 31, 32, 33, 63, 64, 65, 100, 1_000, 5_000]) {
  Deno.test(`a deadline of ${ms} ms is never early, and late by a 32nd of it or 1 ms at most`, async () => {
    const allowed = Math.max(1, ms / 32);
    for (const phase of [0, 0.5, 1, ms / 64, ms / 3, ms - 0.5]) {
      const late = await lateness(ms, phase);
      assert(late >= 0, `${-late} ms early at phase ${phase}`);
      assert(late <= allowed, `${late} ms late at phase ${phase}, where ${allowed} are allowed`);
    }
  });
}

Deno.test("deadlines of one timeout expire in the order in which they were added", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const order: Probe[] = [];
  const probes: Probe[] = [];
  for (let i = 0; i < 50; i++) {
    const probe = new Probe(clock, order);
    probes.push(probe);
    deadlines.add(probe, 640);
    await clock.advance(7);
  }
  await clock.runAll();
  assertEquals(order, probes);
});

Deno.test("a deadline never expires when it is removed, be it first, last or between", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const order: Probe[] = [];
  const probes = Array.from({ length: 5 }, () => new Probe(clock, order));
  for (const probe of probes) deadlines.add(probe, 100);
  for (const i of [0, 2, 4]) deadlines.remove(probes[i]!);
  deadlines.remove(probes[2]!);
  await clock.runAll();
  assertEquals(order, [probes[1]!, probes[3]!]);
  deadlines.remove(probes[1]!);
});

Deno.test("deadlines share one timer when their timeout is the same", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const probes = Array.from({ length: 1_000 }, () => new Probe(clock));
  for (const probe of probes) deadlines.add(probe, 500);
  assertEquals(clock.pending, 1);
  for (const probe of probes) deadlines.remove(probe);
  await clock.runAll();
  assertEquals(clock.pending, 0);
  assert(clock.now() <= 32, `an idle list kept its timer until ${clock.now()} ms`);
});

Deno.test("a lane serves its timeout again when it was idle", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  deadlines.add(new Probe(clock), 100);
  await clock.runAll();
  const probe = new Probe(clock);
  const added = clock.now();
  deadlines.add(probe, 100);
  await clock.runAll();
  assert(probe.expiredAt! >= added + 100);
});

Deno.test("a deadline never expires when it is Infinity", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const probe = new Probe(clock);
  deadlines.add(probe, Infinity);
  assertEquals(clock.pending, 0);
  deadlines.remove(probe);
  await clock.runAll();
  assertEquals(probe.expiredAt, undefined);
});

Deno.test("a deadline expires in time when it is 90 days", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const probe = new Probe(clock);
  const ms = 90 * 86_400_000;
  deadlines.add(probe, ms);
  await clock.runAll(2 * ms);
  assertEquals(probe.expiredAt, ms);
});

/** A clock whose timers fire late, each by another time, as they do on an event loop that is held up. */
class LateClock extends VirtualClock {
  readonly #late: () => number;

  constructor(late: () => number) {
    super();
    this.#late = late;
  }

  override setTimeout(fn: () => void, ms: number): unknown {
    return super.setTimeout(fn, ms + this.#late());
  }
}

const AT_MOST_LATE_MS = 40;

Deno.test("a deadline is never early, and no tick adds to how late it is, when ticks come late", async () => {
  await fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: 5_000 }),
    fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 3 })), { minLength: 1 }),
    fc.array(fc.integer({ min: 0, max: AT_MOST_LATE_MS }), { minLength: 1 }),
    async (ms, additions, lates) => {
      let timers = 0;
      const clock = new LateClock(() => lates[timers++ % lates.length]!);
      const deadlines = new Deadlines(clock);
      const added: { probe: Probe; at: number }[] = [];
      for (const [pause, count] of additions) {
        await clock.advance(pause);
        for (let i = 0; i < count; i++) {
          const probe = new Probe(clock);
          added.push({ probe, at: clock.now() });
          deadlines.add(probe, ms);
        }
      }
      await clock.runAll();
      for (const { probe, at } of added) {
        const late = probe.expiredAt! - at - ms;
        assert(late >= 0, `${-late} ms early`);
        // The tick that ends the stretch in which it was added, and the one at which it is due.
        const allowed = Math.max(1, ms / 32) + 2 * AT_MOST_LATE_MS;
        assert(late <= allowed, `${late} ms late, where ${allowed} are allowed`);
      }
    },
  ));
});

Deno.test("no deadline expires when the deadlines are closed", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const probe = new Probe(clock);
  deadlines.add(probe, 100);
  deadlines.add(new Probe(clock), 200);
  deadlines.close();
  assertEquals(clock.pending, 0);
  await clock.runAll();
  assertEquals(probe.expiredAt, undefined);
});
