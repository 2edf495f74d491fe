/** Rules that are written twice, because neither place may import the other: they stay the same. */
import { assertEquals } from "@std/assert";
import { MAX_TALLY_DEATHS } from "../../src/options/fields/restart.ts";
import { MAX_TALLY } from "../../src/supervision/restart/restart_rules.ts";

Deno.test("a supervisor remembers as many deaths as a tally may count", () => {
  assertEquals(MAX_TALLY, MAX_TALLY_DEATHS);
});
