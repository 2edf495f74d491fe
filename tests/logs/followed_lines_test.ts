import { assert, assertEquals } from "@std/assert";
import {
  FollowedLines,
  type LogPart,
  partsOf,
  piecesOf,
  type PlacedLine,
} from "../../src/logs/followed_lines.ts";

function placed(path: string, at: number, line: string): PlacedLine {
  return { path, at, generation: 1, stream: "stdout", line };
}

/** A number from 0 to below `below`, the same row of them for each seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below;
}

/** All that can be read. */
function* read(queue: FollowedLines): Generator<LogPart> {
  for (let part = queue.read(); part !== undefined; part = queue.read()) yield part;
}

for (const seed of [1, 2, 3, 4]) {
  Deno.test(`each line is read once, in order, or counted in its place when the reader is slow, seed ${seed}`, () => {
    const next = seeded(seed);
    const queue = new FollowedLines();
    const paths = ["flood", "team/a", "calm"];
    const added = new Map(paths.map((path) => [path, 0]));
    const seen = new Map(paths.map((path) => [path, 0]));
    let lost = 0;
    const take = (part: LogPart | undefined) => {
      if (part === undefined) return;
      if ("lost" in part) {
        const { path, lines, from, to } = part.lost;
        assertEquals(from, seen.get(path)! + 1);
        assertEquals(to, from + lines - 1);
        seen.set(path, to);
        lost += lines;
        return;
      }
      for (const { path, at } of part.lines) {
        assertEquals(at, seen.get(path)! + 1);
        seen.set(path, at);
      }
    };
    for (let round = 0; round < 3_000; round++) {
      const path = paths[next(100) < 95 ? 0 : 1 + next(2)]!;
      for (let lines = path === "flood" ? next(40) : 1; lines > 0; lines--) {
        const at = added.get(path)! + 1;
        added.set(path, at);
        queue.add(placed(path, at, "x".repeat(next(3_000))));
      }
      if (next(10) === 0) take(queue.read());
    }
    for (const part of read(queue)) take(part);
    assertEquals(seen, added);
    assert(lost > 0);
  });
}

Deno.test("the line of a quiet child is kept when another floods a reader that stands still", () => {
  const queue = new FollowedLines();
  for (let at = 0; at < 10_000; at++) queue.add(placed("flood", at, "x".repeat(90)));
  queue.add(placed("calm", 10_000, "here"));
  const parts = [...read(queue)];
  const kept = parts.flatMap((part) => "lines" in part ? part.lines : []);
  assertEquals(kept.at(-1)!.line, "here");
  assertEquals(parts.flatMap((part) => "lost" in part ? [part.lost] : []), [
    { path: "flood", lines: 3_192, from: 6_808, to: 9_999 },
  ]);
});

Deno.test("news comes at once when something waits, and with the next line when nothing does", async () => {
  const queue = new FollowedLines();
  const news = queue.news();
  queue.add(placed("a", 1, "one"));
  await news;
  await queue.news();
  assertEquals(queue.read(), { lines: [placed("a", 1, "one")] });
  assertEquals(queue.read(), undefined);
});

Deno.test("a line comes in pieces when it is longer than a request takes, and is the same put together", () => {
  const line = "0123456789".repeat(300_000);
  const pieces = [...piecesOf(placed("a", 1, line))];
  assertEquals(pieces.map(({ continues = false }) => continues), [true, true, false]);
  assertEquals(pieces.map(({ line }) => line).join(""), line);
  assertEquals([...piecesOf(placed("a", 1, "short"))], [placed("a", 1, "short")]);
});

Deno.test("kept lines come in parts of at most 256 lines when there are many", () => {
  const lines = Array.from({ length: 600 }, (_, at) => placed("a", at, "x"));
  const parts = [...partsOf(lines)].map((part) => "lines" in part ? part.lines : []);
  assertEquals(parts.map(({ length }) => length), [256, 256, 88]);
  assertEquals(parts.flat(), lines);
});
