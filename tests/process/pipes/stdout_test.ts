import { assertEquals, assertRejects } from "@std/assert";
import { spawn } from "../../../src/process/spawn.ts";
import { PipeTakenError } from "../../../src/process/pipes/pipe_errors.ts";
import { StdoutReader } from "../../../src/process/pipes/stdout.ts";
import { command } from "../fixture.ts";

/** A stream of the bytes 1, 2, 3, that tells how often it was pulled and whether it was cancelled. */
function counting(
  last = 3,
): { stream: ReadableStream<Uint8Array>; seen: { pulls: number; cancelled: boolean } } {
  const seen = { pulls: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (++seen.pulls > last) controller.close();
      else controller.enqueue(Uint8Array.of(seen.pulls));
    },
    cancel: () => void (seen.cancelled = true),
  }, { highWaterMark: 0 });
  return { stream, seen };
}

Deno.test("stdout reads the next chunk only when the one before was taken", async () => {
  const { stream, seen } = counting();
  const stdout = new StdoutReader(stream, { pid: 7 });
  const pulls: number[] = [];
  await stdout.read(async ([byte]) => {
    await new Promise((resolve) => setTimeout(resolve));
    pulls.push(byte!, seen.pulls);
  });
  assertEquals(pulls, [1, 1, 2, 2, 3, 3]);
  await stdout.ended;
});

Deno.test("stdout ends and rejects with the error when its consumer fails", async () => {
  for (
    const fail of [() => Promise.reject(new RangeError("mine")), () => {
      throw new RangeError("mine");
    }]
  ) {
    const { stream, seen } = counting();
    const stdout = new StdoutReader(stream, { pid: 7 });
    await assertRejects(() => stdout.read(fail), RangeError, "mine");
    await stdout.ended;
    assertEquals(seen, { pulls: 1, cancelled: true });
  }
});

Deno.test("stdout ends when it is cancelled: a pending read, a stalled consumer, or without a reader", async () => {
  const waiting = new StdoutReader(new ReadableStream(), { pid: 7 });
  const reading = waiting.read(() => {});
  await waiting.cancel();
  await reading;

  const stalled = new StdoutReader(counting().stream, { pid: 7 });
  const inTake = Promise.withResolvers<void>();
  const stalling = stalled.read(() => {
    inTake.resolve();
    return new Promise(() => {});
  });
  await inTake.promise;
  await stalled.cancel();
  await stalling;

  const { stream, seen } = counting();
  const unread = new StdoutReader(stream, { pid: 7 });
  await unread.cancel();
  await unread.ended;
  assertEquals(seen, { pulls: 0, cancelled: true });
  await unread.read(() => {
    throw new Error("there is nothing to read");
  });
});

Deno.test("stdout refuses a reader when it has one", async () => {
  const stdout = new StdoutReader(counting().stream, { pid: 7 });
  const first = stdout.read(() => {});
  const error = await assertRejects(() => stdout.read(() => {}), PipeTakenError);
  assertEquals([error.code, error.pid], ["pipe_taken", 7]);
  await first;
});

Deno.test("stdout blocks the child when its consumer stalls, by the order of events", async () => {
  const events: string[] = [];
  const child = spawn(command("sh", "-c", "head -c 1000000 /dev/zero; echo written >&2"), {
    onStderr: (line) => events.push(line),
  });
  const [stalled, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let bytes = 0;
  const reading = child.readStdout((chunk) => {
    bytes += chunk.length;
    stalled.resolve();
    return go.promise;
  });
  await stalled.promise;
  for (let i = 0; i < 20; i++) await spawn(command("true")).closed;
  events.push("released");
  go.resolve();
  await reading;
  await child.closed;
  assertEquals([events, bytes], [["released", "written"], 1_000_000]);
});
