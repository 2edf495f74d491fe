/** When a sink is told that writing to it fails, and that it goes on. */
import { assertEquals } from "@std/assert";
import { LogPipeline } from "../../src/logs/pipeline.ts";
import type { LogFormat, Sink } from "../../src/logs/sink.ts";
import { type Clock, systemClock } from "../../src/time/clock.ts";

const FORMAT: LogFormat = {
  event: ({ type }) => type,
  plain: ({ path, text }) => ({ before: `${path} `, text, after: "" }),
  gap: ({ path, lines }) => `${path} lost ${lines}`,
};

/** A clock whose timers go a hundred times as fast. */
const HURRIED: Clock = {
  ...systemClock,
  setTimeout: (fn, ms) => systemClock.setTimeout(fn, ms / 100),
};

/** A sink that takes as many of the bytes as `room` says, and is full where that is 0. */
class Disk implements Sink {
  text = "";
  readonly #room: (bytes: number) => number;

  constructor(room: (bytes: number) => number) {
    this.#room = room;
  }

  write(bytes: Uint8Array): Promise<number> {
    const taken = this.#room(bytes.length);
    if (taken === 0) return Promise.reject(new Error("full"));
    this.text += new TextDecoder().decode(bytes.subarray(0, taken));
    return Promise.resolve(taken);
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}

function print(logs: LogPipeline, path: string, line: string): void {
  logs.plain({ at: 0, path, generation: 1, stream: "stdout", text: `${line}\n`, count: 1 });
}

Deno.test("a sink is told failing each time its disk is full, and well again each time there is room", async () => {
  let now = 0;
  const clock: Clock = { ...HURRIED, now: () => now };
  let isFull = false;
  const sink = new Disk((bytes) => isFull ? 0 : bytes);
  const logs = new LogPipeline({ clock });
  const told: string[] = [];
  let wake = () => {};
  const tell = (what: string) => {
    told.push(what);
    wake();
  };
  const onError = ({ message }: Error) => tell(message);
  logs.open({ sink, format: FORMAT, onError, onRecovered: () => tell("room") });
  const next = () => new Promise<void>((resolve) => wake = resolve);
  for (let round = 0; round < 3; round++) {
    isFull = true;
    const failed = next();
    print(logs, "web", `round ${round}`);
    await failed;
    const recovered = next();
    isFull = false;
    await recovered;
    now += 60_000;
  }
  await logs.close(1_000);
  assertEquals(told, ["full", "room", "full", "room", "full", "room"]);
  assertEquals(sink.lines, ["web round 0", "web round 1", "web round 2"]);
});

Deno.test("a sink is told failing once a minute at most when its disk takes and refuses by turns", async () => {
  let now = 0;
  const clock: Clock = { ...HURRIED, now: () => now += 10 };
  let turn = 0;
  const sink = new Disk((bytes) => turn++ % 2 === 0 ? 0 : Math.min(bytes, 1));
  const logs = new LogPipeline({ clock });
  const told: string[] = [];
  const onError = ({ message }: Error) => void told.push(message);
  logs.open({ sink, format: FORMAT, onError, onRecovered: () => void told.push("room") });
  print(logs, "web", "12345678901234567890");
  while (sink.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await logs.close(1_000);
  assertEquals(told, ["full", "room"]);
  assertEquals(sink.lines, ["web 12345678901234567890"]);
});
