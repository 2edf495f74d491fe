/** Lists and streams, merged by time. */

import { assertEquals, assertRejects } from "@std/assert";
import { mergeByTime } from "../../src/logs/merged_lines.ts";

interface Item {
  readonly at: number;
  readonly from: number;
}

async function* streamOf(
  items: readonly Item[],
  size: number,
  onEnd: () => void,
): AsyncGenerator<readonly Item[]> {
  try {
    for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
  } finally {
    onEnd();
  }
}

Deno.test("merging keeps the order of each source, and of what came at once that of the sources", async () => {
  const sources = Array.from(
    { length: 9 },
    (_, from) =>
      Array.from(
        { length: from * 97 },
        (_, index): Item => ({ at: Math.floor(index / (from + 1)) * 3, from }),
      ),
  );
  let ended = 0;
  const merged = mergeByTime(
    sources.map((items, index) =>
      index % 2 === 0 ? [items].filter(({ length }) => length > 0) : streamOf(items, index, () => ended++)
    ),
  );
  const all = (await Array.fromAsync(merged)).flat();
  assertEquals(all, sources.flat().sort((one, other) => one.at - other.at || one.from - other.from));
  assertEquals(ended, 4);
});

Deno.test("merging ends its streams when no more is read, or one of them fails", async () => {
  let ended = 0;
  const many = Array.from({ length: 1_000 }, (_, at): Item => ({ at, from: 0 }));
  const streams = () => [streamOf(many, 10, () => ended++), streamOf(many, 10, () => ended++)];
  for await (const _ of mergeByTime(streams())) break;
  assertEquals(ended, 2);
  // deno-lint-ignore require-yield -- it fails before
  async function* failing(): AsyncGenerator<readonly Item[]> {
    await Promise.resolve();
    throw new Error("unreadable");
  }
  await assertRejects(() => Array.fromAsync(mergeByTime([...streams(), failing()])), Error, "unreadable");
  assertEquals(ended, 4);
});
