/** Replies of many frames that stall: the option `idle` of `ask`. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { AskTimeoutError, OptionError, start, supervisor } from "@outrider/outrider";
import { pool } from "@outrider/outrider/actors/pool";
import { failureOf } from "../../support/probes.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { AT_ONCE, Probe, sh } from "../health/probe.ts";

/** Says `a` and `b` to `stall` and nothing more, to anything else also the end. */
const TALKS = {
  ...sh('while read -r line; do echo a; echo b; [ "$line" = stall ] || echo .; done'),
  protocol: "lines",
  stop: AT_ONCE,
  until: (line: string) => line === "." ? "end" : "more",
} as const;

/** The frames, and what the loop ended with. */
async function read(reply: AsyncIterable<unknown>): Promise<unknown[]> {
  const read: unknown[] = [];
  try {
    for await (const frame of reply) read.push(frame);
  } catch (error) {
    read.push(error);
  }
  return read;
}

Deno.test("a loop over a reply ends with a timeout when no further frame comes for idle", async () => {
  await using probe = await Probe.start(TALKS);
  const whole = await probe.ref.ask("whole", { idle: 60_000 });
  assertEquals(await read(whole), ["a", "b"]);
  const reply = await probe.ref.ask("stall", { idle: 1_000 });
  const [a, b, error, ...more] = await read(reply);
  assertEquals([a, b, more], ["a", "b", []]);
  assertInstanceOf(error, AskTimeoutError);
  assertEquals(error.message, "Cannot wait longer for 's': no further frame within 1000 ms");
  assertEquals([error.timeout, error.generation, error.dropped], [1_000, 1, []]);
  assertEquals(await reply[Symbol.asyncIterator]().next(), { value: undefined, done: true });
});

Deno.test("a timeout between frames names what was dropped since the request", async () => {
  await using probe = await Probe.start({
    ...sh('read -r line; echo \'{"id":1,"n":1}\'; echo noise; exec sleep 60'),
    protocol: "ndjson",
    stop: AT_ONCE,
    until: (frame: unknown) => (frame as { n: number }).n === 0 ? "last" : "more",
  });
  const { value, generation } = await probe.ref.ask({}, { detailed: true, idle: 1_000 });
  const [frame, error] = await read(value);
  assertEquals([frame, generation], [{ id: 1, n: 1 }, 1]);
  assertInstanceOf(error, AskTimeoutError);
  assertEquals(error.dropped, ["not_json, 5 bytes: noise"]);
});

Deno.test("idle does not run while the reader of a reply is at work on a frame", async () => {
  const clock = new VirtualClock();
  await using probe = await Probe.start(TALKS, { clock });
  const reply = await probe.ref.ask("whole", { idle: 1_000 });
  const frames = reply[Symbol.asyncIterator]();
  assertEquals((await frames.next()).value, "a");
  await clock.advance(10_000);
  assertEquals((await frames.next()).value, "b");
  const calls = [frames.next(), frames.next()];
  assertEquals(await Promise.all(calls), [{ value: undefined, done: true }, {
    value: undefined,
    done: true,
  }]);
});

Deno.test("a pool's reply ends with a timeout when no further frame comes, and its copy goes on", async () => {
  await using system = await start(supervisor("root", [pool("workers", TALKS, { size: 1 })]));
  const ref = system.ref<string, AsyncIterable<string>>("workers");
  const [a, b, error] = await read(await ref.ask("stall", { idle: 1_000 }));
  assertEquals([a, b], ["a", "b"]);
  assertInstanceOf(error, AskTimeoutError);
  assertEquals(error.path, "workers");
});

Deno.test("an ask is refused when its idle is no duration", async () => {
  await using probe = await Probe.start(TALKS);
  const error = await failureOf(probe.ref.ask("whole", { idle: "soon" as "1s" }));
  assertInstanceOf(error, OptionError);
});
