/** What a sink gets of what children print, and what is counted instead. */
import { assert, assertEquals } from "@std/assert";
import { LogPipeline } from "../../src/logs/pipeline.ts";
import type { LogFormat, Sink, SinkOptions } from "../../src/logs/sink.ts";
import { type Clock, systemClock } from "../../src/time/clock.ts";

const FORMAT: LogFormat = {
  event: (event) => event.type === "output" ? `${event.path} ${event.line}` : `${event.path} (${event.type})`,
  plain: ({ path, text }) => ({ before: `${path} `, text, after: "" }),
  gap: ({ path, lines }) => `${path} lost ${lines}`,
};

/** A clock that goes a hundred times as fast. */
const HURRIED: Clock = {
  now: () => performance.now() * 100,
  wallTime: () => Date.now(),
  setTimeout: (fn, ms) => systemClock.setTimeout(fn, ms / 100),
  clearTimeout: systemClock.clearTimeout,
};

class Text implements Sink {
  text = "";
  readonly #write: (bytes: Uint8Array) => Promise<number>;
  readonly #decoder = new TextDecoder();

  constructor(write: (bytes: Uint8Array) => Promise<number> = (bytes) => Promise.resolve(bytes.length)) {
    this.#write = write;
  }

  async write(bytes: Uint8Array): Promise<number> {
    const taken = await this.#write(bytes);
    this.text += this.#decoder.decode(bytes.subarray(0, taken), { stream: true });
    return taken;
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}

function pipelineTo(sink: Sink, options: Partial<SinkOptions> = {}) {
  const logs = new LogPipeline({ clock: HURRIED });
  return { logs, open: logs.open({ sink, format: FORMAT, ...options }) };
}

let at = 0;
function print(logs: LogPipeline, path: string, ...lines: string[]): void {
  const [generation, stream] = [1, "stdout"] as const;
  logs.plain({ at: at++, path, generation, stream, text: lines.join("\n") + "\n", count: lines.length });
}

function printOne(logs: LogPipeline, path: string, line: string): void {
  logs.see({ at: at++, path, generation: 1, type: "output", stream: "stderr", line });
}

/** A number from 0 to below `below`, the same row of them for each seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("a sink gets lines and events in the order in which they came when it is fast", async () => {
  const sink = new Text();
  const { logs } = pipelineTo(sink);
  print(logs, "a", "1", "2");
  logs.see({ at: at++, path: "b", generation: 1, type: "ready", took: 1 });
  printOne(logs, "a", "3 é");
  print(logs, "b", "4");
  logs.see({ at: at++, path: "a", generation: 1, type: "finished", verdict: "keep" });
  print(logs, "c", "5");
  await turn();
  logs.see({ at: at++, path: "d", generation: 1, type: "ready", took: 1 });
  print(logs, "a", "6");
  await logs.close(1_000);
  assertEquals(sink.lines, [
    ...["a 1", "a 2", "b (ready)", "a 3 é", "b 4", "a (finished)", "c 5", "d (ready)", "a 6"],
  ]);
});

Deno.test("a sink gets whole lines of the others when a child floods it", async () => {
  let release = () => {};
  const first = new Promise<void>((resolve) => release = resolve);
  const sink = new Text(async (bytes) => {
    await first;
    return bytes.length;
  });
  const { logs } = pipelineTo(sink);
  const long = "x".repeat(89);
  for (let i = 0; i < 90; i++) print(logs, "flood", ...Array.from({ length: 100 }, () => long));
  await turn();
  print(logs, "quiet", "here");
  release();
  await logs.close(1_000);
  const place = sink.lines.indexOf("quiet here");
  assertEquals(sink.lines.length, 9_001);
  assert(place > 0 && place < 1_000, `it was line ${place}`);
});

Deno.test("a line longer than a write comes whole and alone", async () => {
  const sink = new Text();
  const { logs } = pipelineTo(sink);
  const long = "y".repeat(300_000);
  for (let i = 0; i < 5; i++) {
    printOne(logs, "a", long);
    print(logs, "b", "short");
  }
  await logs.close(1_000);
  assertEquals(sink.lines.toSorted(), [...Array(5).fill(`a ${long}`), ...Array(5).fill("b short")]);
});

Deno.test("a child waits when a sink is slow, and goes on once there is room", async () => {
  const waiting: (() => void)[] = [];
  const sink = new Text(async (bytes) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return bytes.length;
  });
  const { logs } = pipelineTo(sink);
  const lines = Array.from({ length: 600 }, (_, i) => String(i).padEnd(99, "."));
  let count = 0;
  let room: Promise<void> | undefined;
  while (room === undefined) {
    print(logs, "a", ...lines);
    count += lines.length;
    room = logs.room("a");
  }
  assert(count * 100 < 1_300_000, `${count} lines`);
  assertEquals(logs.room("b"), undefined);
  let isOver = false;
  void room.then(() => isOver = true);
  while (!isOver) {
    waiting.shift()?.();
    await turn();
  }
  const closed = logs.close(60_000);
  while (sink.lines.length < count) {
    waiting.shift()?.();
    await turn();
  }
  await closed;
  assertEquals(sink.lines.length, count);
});

Deno.test("children that print little, often, are read together when nobody needs their lines one by one", async () => {
  let now = 0;
  const due: (() => void)[] = [];
  const clock = { ...systemClock, now: () => now, setTimeout: (fn: () => void) => due.push(fn) };
  const logs = new LogPipeline({ clock });
  // Of ten children, each has a line every 20 ms.
  const rooms = (isUnhurried: boolean) =>
    Array.from({ length: 10 }, (_, child) => {
      now += 2;
      print(logs, `${child}`, "a line");
      return logs.room(`${child}`, isUnhurried);
    });
  for (let round = 0; round < 12; round++) assertEquals(rooms(true).filter((room) => room), []);
  rooms(true);
  const [first, ...others] = rooms(true);
  assert(first !== undefined);
  assert(others.every((room) => room === first));
  assertEquals(due.length, 1);
  assertEquals(rooms(false).filter((room) => room), []);
  print(logs, "0", "x".repeat(5_000));
  assertEquals(logs.room("0", true), undefined);
  due[0]!();
  await first;
  // One that is alone waits for nobody.
  for (let line = 0; line < 20; line++) {
    now += 50;
    print(logs, "0", "a line");
    if (line > 10) assertEquals(logs.room("0", true), undefined);
    else void logs.room("0", true);
  }
  await logs.close(1_000);
});

Deno.test("a child that prints without a pause is read a moment later when little has come at a time", async () => {
  let now = 0;
  const waits: number[] = [];
  const setTimeout = (fn: () => void, ms: number) => {
    waits.push(ms);
    queueMicrotask(fn);
  };
  const logs = new LogPipeline({ clock: { ...systemClock, now: () => now, setTimeout } });
  for (let read = 0; read < 2_000; read++) {
    now++;
    print(logs, "0", "x".repeat(999));
    await logs.room("0", true);
    print(logs, "0", "x".repeat(9_999));
    assertEquals(logs.room("0", true), undefined);
  }
  assertEquals(new Set(waits), new Set([1]));
  await logs.close(1_000);
});

Deno.test("a gap is named in its place when a sink that drops goes on", async () => {
  let release = () => {};
  const first = new Promise<void>((resolve) => release = resolve);
  const sink = new Text(async (bytes) => {
    await first;
    return bytes.length;
  });
  const { logs, open } = pipelineTo(sink, { overflow: "drop" });
  const line = "z".repeat(997);
  for (let i = 0; i < 2_000; i++) {
    print(logs, "a", line);
    assertEquals(logs.room("a"), undefined);
  }
  logs.see({ at: at++, path: "a", generation: 1, type: "ready", took: 1 });
  release();
  await logs.close(1_000);
  const gap = sink.lines.findIndex((line) => line.startsWith("a lost"));
  assertEquals(gap + Number(sink.lines[gap]!.split(" ").at(-1)), 2_000);
  assertEquals(sink.lines.slice(gap + 1), ["a (ready)"]);
  assertEquals(open.lost, 2_000 - gap);
});

Deno.test("a sink that has stalled holds up nobody, and the other sink misses nothing", async () => {
  const stuck = new Text(() => new Promise(() => {}));
  const { logs } = pipelineTo(stuck, { stallAfter: 5_000 });
  const fine = new Text();
  const other = logs.open({ sink: fine, format: FORMAT });
  const line = "w".repeat(999);
  let count = 0;
  for (; count < 3_000; count++) {
    print(logs, "a", line);
    await logs.room("a");
  }
  await logs.close(10);
  assertEquals(fine.lines.length, count);
  assertEquals(other.lost, 0);
  assertEquals(stuck.text, "");
});

for (const seed of [1, 2, 3, 4, 5, 6]) {
  Deno.test(`what is written, named and left is what came when a sink stalls, fails and takes parts at random, seed ${seed}`, async () => {
    const random = seeded(seed);
    let isOver = false;
    let writing = 0;
    const sink = new Text(async (bytes) => {
      if (isOver) return bytes.length;
      writing++;
      for (let turns = random(6); turns > 0; turns--) await turn();
      writing--;
      if (random(12) === 0) throw new Error("No space left on device");
      return 1 + random(bytes.length);
    });
    const overflow = random(2) === 0 ? "drop" : "wait";
    const { logs, open } = pipelineTo(sink, { overflow, stallAfter: 2_000 });
    const came = new Map<string, number>();
    const longest = 1 + random(3_000);
    for (let step = 0; step < 1_500; step++) {
      const path = `c${random(5)}`;
      const number = came.get(path) ?? 0;
      const lines = Array.from(
        { length: 1 + random(20) },
        (_, i) => `${number + i} ${"v".repeat(random(longest))}`,
      );
      if (random(3) === 0) { for (const line of lines) printOne(logs, path, line); }
      else print(logs, path, ...lines);
      came.set(path, number + lines.length);
      if (random(3) === 0) await logs.room(path);
    }
    isOver = random(2) === 0;
    await logs.close(isOver ? 1_000 : 0);
    let all = open.unwritten;
    for (const [path, count] of came) {
      let next = 0;
      for (const line of sink.lines.filter((line) => line.startsWith(`${path} `))) {
        const [, first, lost] = line.split(" ");
        if (first === "lost") next += Number(lost);
        else assertEquals(Number(first), next++, line);
      }
      assert(next <= count);
      all += next;
    }
    assertEquals(all, [...came.values()].reduce((sum, count) => sum + count));
    while (writing > 0) await turn();
  });
}
