import { assertEquals } from "@std/assert";
import type { Exit } from "../../src/actor/exit.ts";
import { groupOf, verdictOn } from "../../src/supervision/strategy.ts";
import type { RestartType, Strategy, Verdict } from "../../src/supervision/strategy.ts";

const cause = new Error("boom");
const ends: readonly Exit[] = [
  { reason: "normal" },
  { reason: "shutdown" },
  { reason: "shutdown", cause },
  { reason: "crash", cause },
  { reason: "killed", abandoned: false },
  { reason: "killed", abandoned: true },
];
const verdicts: Record<RestartType, readonly Verdict[]> = {
  permanent: ["restart", "restart", "restart", "restart", "restart", "restart"],
  transient: ["keep", "keep", "keep", "restart", "restart", "restart"],
  temporary: ["forget", "forget", "forget", "forget", "forget", "forget"],
};

for (const restart of Object.keys(verdicts) as RestartType[]) {
  Deno.test(`a ${restart} child is treated by the table, whatever its end`, () => {
    assertEquals(ends.map((exit) => verdictOn(restart, exit)), verdicts[restart]);
  });
}

const groups: Record<Strategy, readonly string[]> = {
  one_for_one: ["a", "b", "c"],
  one_for_all: ["abc", "abc", "abc"],
  rest_for_one: ["abc", "bc", "c"],
};

for (const strategy of Object.keys(groups) as Strategy[]) {
  Deno.test(`${strategy} concerns the right children, in start order`, () => {
    assertEquals(
      ["a", "b", "c"].map((failed) => groupOf(strategy, ["a", "b", "c"], failed).join("")),
      groups[strategy],
    );
  });
}
