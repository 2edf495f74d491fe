import { assertEquals } from "@std/assert";
import { editDistance } from "../../src/text/words.ts";

Deno.test("editDistance counts the characters to insert, delete, replace and swap", () => {
  const cases: [one: string, other: string, distance: number][] = [
    ["", "", 0],
    ["status", "status", 0],
    ["", "up", 2],
    ["up", "", 2],
    ["stauts", "status", 1],
    ["agrs", "args", 1],
    ["afetr", "after", 1],
    ["ba", "ab", 1],
    ["ca", "abc", 3],
    ["statu", "status", 1],
    ["sstatus", "status", 1],
    ["kitten", "sitting", 3],
    ["ndjson", "lines", 6],
  ];
  for (const [one, other, distance] of cases) {
    assertEquals([one, other, editDistance(one, other)], [one, other, distance]);
    assertEquals([other, one, editDistance(other, one)], [other, one, distance]);
    for (let most = 0; most < 7; most++) {
      // Where it is within `most` it is exact; beyond, it is more than `most`.
      const apart = editDistance(one, other, most);
      assertEquals(distance <= most ? apart === distance : apart > most, true, `${one} ${other} ${most}`);
    }
  }
});
