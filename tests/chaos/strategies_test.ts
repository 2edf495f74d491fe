/**
 * Trees of real programs, killed at random: for each strategy every law holds, by the log and by the process table.
 */
import { assert, assertEquals } from "@std/assert";
import type { Intensity, Strategy } from "@outrider/outrider";
import { Garden } from "./garden.ts";
import { assertLaws, pidsAlive, pidsInTable } from "./laws.ts";
import { courseOf, programsOf, started, stopped } from "./plantation.ts";

const STRATEGIES: readonly Strategy[] = ["one_for_one", "one_for_all", "rest_for_one"];
const PLENTY: Intensity = { restarts: 1_000, within: 600_000, per: "supervisor" };
/** Faults one after another, each with its whole course looked at. */
const SINGLE_FAULTS = 20;
/** Handfuls of faults at the same time, and how many each has. */
const BURSTS = 6;
const BURST = 4;

for (const strategy of STRATEGIES) {
  Deno.test(`${strategy}: each of ${SINGLE_FAULTS} faults restarts its restart set only, in order`, async () => {
    const garden = new Garden(strategy, { intensity: PLENTY, seed: 1 });
    await garden.system.start();
    assertEquals(garden.course(0), started(garden.root));
    for (let fault = 1; fault <= SINGLE_FAULTS; fault++) {
      const from = garden.log.events.length;
      const victim = garden.strike();
      await garden.settled();
      assertEquals(garden.course(from), courseOf(garden.root, victim.path, strategy), `fault ${fault}`);
      assertEquals(await pidsInTable(garden.log.events), pidsAlive(garden.log.events), `fault ${fault}`);
    }
    const from = garden.log.events.length;
    await garden.system.stop();
    await garden.log.ended;
    assertEquals(garden.course(from), stopped(garden.root));
    await assertOver(garden);
  });

  Deno.test(`${strategy}: ${BURSTS} bursts of ${BURST} faults at a time, and the last while it stops`, async () => {
    const garden = new Garden(strategy, { intensity: PLENTY, seed: 2 });
    await garden.system.start();
    for (let burst = 1; burst <= BURSTS; burst++) {
      for (let fault = 1; fault <= BURST; fault++) garden.strike();
      await garden.settled();
      assertEquals(await pidsInTable(garden.log.events), pidsAlive(garden.log.events), `burst ${burst}`);
    }
    // Some deaths are noticed before the stop, and their restarts are under way; others come into it.
    const restarts = () => garden.log.events.filter(({ type }) => type === "restarting").length;
    const before = restarts();
    for (let fault = 1; fault <= BURST; fault++) garden.strike();
    await garden.log.until(() => restarts() > before);
    const ending = garden.system.stop();
    for (let fault = 1; fault <= BURST; fault++) garden.strike();
    await ending;
    await garden.log.ended;
    await assertOver(garden);
  });

  Deno.test(`${strategy}: no restart more than the intensity allows, level by level, and then nothing is left`, async () => {
    const limit = 2;
    const garden = new Garden(strategy, {
      intensity: { restarts: limit, within: 600_000, per: "supervisor" },
      seed: 3,
    });
    await garden.system.start();
    const inner = programsOf(garden.root).filter(({ path }) => path.startsWith("inner/"));
    let faults = 0;
    let over = false;
    void garden.system.ended.then(() => over = true);
    while (!over) {
      garden.strike(inner);
      faults++;
      await Promise.race([garden.system.ended, garden.settled()]);
    }
    await garden.log.ended;
    // The nested supervisor survives `limit` faults and falls by the next; so does the root, by falls of the nested one.
    assertEquals(faults, (limit + 1) ** 2);
    const counted = (path: string, type: string) =>
      garden.log.events.filter((event) => event.type === type && event.path.startsWith(path)).length;
    assertEquals(counted("inner/", "restarting"), limit * (limit + 1));
    assertEquals(garden.course(0).filter((line) => line === "inner restarting").length, limit);
    assertEquals(garden.course(0).filter((line) => line.endsWith(" gave_up")).length, limit + 2);
    await assertOver(garden);
  });
}

async function assertOver(garden: Garden): Promise<void> {
  assertLaws(garden.log.events);
  const spawned = garden.log.events.filter(({ type }) => type === "spawned");
  assert(spawned.length > programsOf(garden.root).length, "there were restarts");
  assertEquals(await pidsInTable(garden.log.events), [], "no process is left");
}
