/**
 * Random trees, random faults: every law holds.
 *
 * `OUTRIDER_RUNS` is how many scenarios are tried (default 3,000), `OUTRIDER_SEED` which ones; a failure prints the seed
 * and the smallest scenario that fails, to be added to `regressions_test.ts`.
 */

import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { scenario } from "./plan.ts";
import { run } from "./run.ts";

const seed = Number(Deno.env.get("OUTRIDER_SEED") || 20_300_101);
const numRuns = Number(Deno.env.get("OUTRIDER_RUNS") || 3_000);

Deno.test("properties: whatever the tree and whatever happens to it, every law holds", async () => {
  const property = fc.asyncProperty(scenario, async (scenario) => assertEquals(await run(scenario), []));
  await fc.assert(property, { seed, numRuns });
});
