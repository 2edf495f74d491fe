/** The last lines of a child, in memory. */

import { assertEquals } from "@std/assert";
import { RECENT_CHARACTERS, RECENT_LINES, RecentLines } from "../../src/logs/recent.ts";

const known = (at: number) => ({ at, generation: 1, stream: "stdout" as const });

/** The lines that are kept, cut apart at once, and bit by bit: the same. */
function kept(recent: RecentLines): readonly string[] {
  const lines = recent.parts().flatMap((part) => part.lines()).map(({ line }) => line);
  const chunks = recent.parts().flatMap((part) => [...part.chunks()].flat()).map(({ line }) => line);
  assertEquals(chunks, lines);
  assertEquals(recent.parts().reduce((sum, { count }) => sum + count, 0), lines.length);
  return lines;
}

Deno.test("the last 1,000 lines are kept, whether they came alone or together", () => {
  for (const together of [1, 7, 64, 333, 5_000]) {
    const recent = new RecentLines();
    const all: string[] = [];
    while (all.length < 5_000) {
      const lines = Array.from({ length: together }, (_, index) => String(all.length + index));
      recent.add(`${lines.join("\n")}\n`, known(all.length), lines.length);
      all.push(...lines);
      if (together === 1) {
        all.push("alone");
        recent.add("alone", known(all.length));
      }
    }
    assertEquals(kept(recent), all.slice(-RECENT_LINES));
    assertEquals(recent.count, all.length);
  }
});

Deno.test("256 KiB of lines are kept, and a line that is longer is kept alone", () => {
  const long = "x".repeat(1_000);
  const together = new RecentLines();
  together.add(`${Array.from({ length: 900 }, () => long).join("\n")}\n`, known(1), 900);
  const fits = Math.floor(RECENT_CHARACTERS / (long.length + 1));
  assertEquals(kept(together).length, fits);
  together.add("last\n", known(2), 1);
  assertEquals([kept(together).length, kept(together).at(-1)], [fits + 1, "last"]);
  const whole = "y".repeat(RECENT_CHARACTERS + 5);
  for (const count of [0, 1]) {
    const one = new RecentLines();
    one.add("before", known(1));
    one.add(count === 0 ? whole : `${whole}\n`, known(2), count);
    assertEquals(kept(one), [whole]);
    one.add("\n\n", known(3), 2);
    assertEquals(kept(one), ["", ""]);
  }
});

Deno.test("what is read is what was kept then, when more is added", () => {
  const recent = new RecentLines();
  recent.add("one\ntwo\n", known(1), 2);
  const parts = recent.parts();
  for (let index = 0; index < 3_000; index++) recent.add("more", known(2));
  assertEquals(parts.flatMap((part) => part.lines()).map(({ line }) => line), ["one", "two"]);
  assertEquals(parts.flatMap((part) => part.lines((line) => line.startsWith("t"))).length, 1);
});
