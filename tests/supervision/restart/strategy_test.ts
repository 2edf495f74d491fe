import { assertEquals } from "@std/assert";
import { groupOf, type Strategy } from "../../../src/supervision/restart/strategy.ts";

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
