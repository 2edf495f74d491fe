/** Replies of many frames. */
import { assert, assertEquals, assertInstanceOf, assertLess } from "@std/assert";
import { IncarnationEndedError, SidecarExitedError, type Until } from "@outrider/outrider";
import { failureOf, stateOf } from "../../support/probes.ts";
import { Probe } from "../health/probe.ts";

interface Frame {
  id: number;
  n?: number;
  done?: boolean;
}

const until: Until = (frame) => (frame as Frame).done === true ? "end" : "more";

const start = () =>
  Probe.start({
    command: Deno.execPath(),
    args: ["run", "--no-prompt", "--quiet", new URL("../../fixtures/streams.ts", import.meta.url).pathname],
    protocol: "ndjson",
    until,
  });

const stream = async (probe: Probe, request: object): Promise<AsyncIterableIterator<Frame>> =>
  await probe.ref.ask(request);

Deno.test("many frames answer one request, and those of many requests go each to its own", async () => {
  await using probe = await start();
  const counts = [3, 0, 5_000, 1, 2_000];
  const replies = await Promise.all(counts.map((count) => stream(probe, { count })));
  const frames = await Promise.all(replies.map((reply) => Array.fromAsync(reply)));
  for (const [at, reply] of frames.entries()) {
    assertEquals(reply.map(({ n }) => n), Array.from({ length: counts[at]! }, (_, n) => n + 1));
    assertLess(new Set(reply.map(({ id }) => id)).size, 2);
  }
});

Deno.test("a slow reader stops the program, nothing is lost, and a request of another is answered meanwhile", async () => {
  await using probe = await start();
  const slow = await stream(probe, { count: 100_000 });
  await slow.next();
  for (let n = 0; n < 20; n++) assertEquals(await Array.fromAsync(await stream(probe, { ping: n })), []);
  await stateOf(undefined);
  let n = 1;
  for await (const frame of slow) assertEquals(frame.n, ++n);
  assertEquals(n, 100_000);
});

Deno.test("a reader that leaves gets no more frames, and the next request gets its own", async () => {
  await using probe = await start();
  for await (const { n } of await stream(probe, { count: 50_000 })) if (n === 10) break;
  assertEquals((await Array.fromAsync(await stream(probe, { count: 3 }))).map(({ n }) => n), [1, 2, 3]);
  assertEquals(probe.ref.deadLetters, 0); // what was on its way was his, and he let it go
});

Deno.test("a stream ends behind its frames when its process dies, with the cause and the generation", async () => {
  await using probe = await start();
  const reply = await stream(probe, { count: 500, exit: 9 });
  const frames: Frame[] = [];
  const error = await failureOf((async () => {
    for await (const frame of reply) frames.push(frame);
  })());
  assertInstanceOf(error, IncarnationEndedError);
  assertInstanceOf(error.cause, SidecarExitedError);
  assertEquals([error.generation, error.cause.exitCode, frames.length], [1, 9, 500]);
  await probe.event("ready", ({ generation }) => generation === 2);
  assertEquals((await Array.fromAsync(await stream(probe, { count: 2 }))).length, 2);
});

Deno.test("a request of which nothing has come when the process dies fails as any", async () => {
  await using probe = await start();
  const error = await failureOf(stream(probe, { count: 0, exit: 9 }));
  assertInstanceOf(error, IncarnationEndedError);
  assert(error.cause instanceof SidecarExitedError);
});
