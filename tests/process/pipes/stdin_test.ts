import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { PipeClosedError } from "../../../src/process/pipes/pipe_errors.ts";
import { StdinWriter, WRITE_AT_ONCE, WRITE_HIGH_WATER } from "../../../src/process/pipes/stdin.ts";

/** A pipe whose writes land, or fail, when the test says so. */
class Pipe {
  readonly written: string[] = [];
  readonly #flights: PromiseWithResolvers<void>[] = [];
  #controller: WritableStreamDefaultController | undefined;
  closed = false;
  aborted = false;
  readonly stdin: StdinWriter = new StdinWriter(
    new WritableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      write: (chunk) => {
        this.written.push(new TextDecoder().decode(chunk));
        const flight = Promise.withResolvers<void>();
        this.#flights.push(flight);
        return flight.promise;
      },
      close: () => void (this.closed = true),
      abort: () => void (this.aborted = true),
    }),
    { pid: 7 },
  );

  async land(): Promise<void> {
    this.#flights.shift()!.resolve();
    await settle();
  }

  /** As Deno did before 2.9: the stream is broken, the write is said to have landed. */
  async failQuietly(error: Error): Promise<void> {
    this.#controller!.error(error);
    await this.land();
  }

  async fail(error: Error): Promise<void> {
    this.#flights.shift()!.reject(error);
    await settle();
  }
}

/** Lets every microtask run. */
function settle(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      port2.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

async function pipe(): Promise<Pipe> {
  const pipe = new Pipe();
  await settle();
  return pipe;
}

Deno.test("stdin writes at the end of the turn when it is idle, and then all that has come in one write", async () => {
  const p = await pipe();
  assertEquals(p.stdin.write("a"), undefined);
  assertEquals(p.stdin.write("a"), undefined);
  assertEquals(p.written, []);
  await settle();
  assertEquals(p.written, ["aa"]);
  for (const text of ["b", "é", "c"]) assertEquals(p.stdin.write(text), undefined);
  await settle();
  assertEquals(p.written, ["aa"]);
  await p.land();
  assertEquals(p.written, ["aa", "béc"]);
  p.stdin.write("d");
  p.stdin.write(new TextEncoder().encode("€"));
  p.stdin.write("🦕");
  await p.land();
  assertEquals(p.written.at(-1), "d€🦕");
  await p.land();
  p.stdin.write("idle again");
  await settle();
  assertEquals(p.written.at(-1), "idle again");
  await p.land();
  await p.stdin.close();
});

Deno.test("stdin writes at once when there is much for an idle pipe", async () => {
  const p = await pipe();
  p.stdin.write("a");
  p.stdin.write("b".repeat(WRITE_AT_ONCE), 1);
  assertEquals(p.written, ["a" + "b".repeat(WRITE_AT_ONCE)]);
  p.stdin.write("c".repeat(WRITE_AT_ONCE), 2);
  assertEquals([p.written.length, p.stdin.unsent()], [1, [2]]);
  await p.land();
  await p.land();
  assertEquals(p.written.at(-1), "c".repeat(WRITE_AT_ONCE));
});

Deno.test("stdin delivers texts of every size and script unchanged", async () => {
  const p = await pipe();
  for (const unit of ["x", "é", "€", "🦕"]) {
    for (const size of [1, 1_000, 1_024, 5_000, 32_768, 65_536, 200_000]) {
      p.stdin.write(unit.repeat(size));
      await settle();
      assert(p.written.at(-1) === unit.repeat(size), `${unit} ${size}`);
      await p.land();
    }
  }
});

Deno.test("stdin returns one promise when the high water mark is reached, resolved once it is drained", async () => {
  const p = await pipe();
  assertEquals(p.stdin.write("x".repeat(WRITE_HIGH_WATER - 1)), undefined);
  const full = p.stdin.write("y");
  assert(full instanceof Promise);
  assertEquals(p.stdin.write("z"), full);
  let drained = false;
  full.then(() => drained = true);
  await settle();
  assertEquals(drained, false);
  await p.land();
  assertEquals(drained, true);
  assertEquals(p.stdin.write("w"), undefined);
  await p.land();
  await p.land();
});

for (const failing of ["fail", "failQuietly"] as const) {
  Deno.test(`stdin returns the unsent frames in order when the pipe breaks (${failing})`, async () => {
    const p = await pipe();
    p.stdin.write("in flight", "t1");
    await settle();
    p.stdin.write("x".repeat(WRITE_HIGH_WATER), "t2");
    p.stdin.write("no token");
    const full = p.stdin.write("y", "t3");
    assertEquals(p.stdin.unsent(), ["t2", "t3"]);
    await p[failing](new Deno.errors.BrokenPipe("gone"));
    assertEquals(p.stdin.unsent(), ["t2", "t3"]);
    const error = await assertRejects(async () => await full, PipeClosedError);
    assertEquals([error.code, error.pid], ["pipe_closed", 7]);
    assert(error.cause instanceof Deno.errors.BrokenPipe);
    const again = assertThrows(() => p.stdin.write("z", "t4"), PipeClosedError);
    assertEquals(again.cause, error.cause);
    assertEquals(p.stdin.unsent(), ["t2", "t3"]);
    await p.stdin.close(); // a broken pipe is closed
  });
}

Deno.test("stdin does not count a frame as unsent when it was handed to a write", async () => {
  const p = await pipe();
  p.stdin.write("a", 1);
  await settle();
  p.stdin.write("b", 2);
  await p.land();
  assertEquals(p.stdin.unsent(), []);
  await p.fail(new Deno.errors.BrokenPipe());
  assertEquals(p.stdin.unsent(), []);
});

Deno.test("stdin writes the queued frames, then EOF, and takes no more when it is closed", async () => {
  const p = await pipe();
  p.stdin.write("a");
  await settle();
  p.stdin.write("b");
  const closing = p.stdin.close();
  assertEquals(p.stdin.close(), closing);
  assertThrows(() => p.stdin.write("c"), PipeClosedError);
  await p.land();
  assertEquals([p.written, p.closed], [["a", "b"], false]);
  await p.land();
  await closing;
  assertEquals(p.closed, true);
});

Deno.test("stdin sends a frame first when it is closed in the same turn", async () => {
  const p = await pipe();
  p.stdin.write("a");
  const closing = p.stdin.close();
  assertEquals(p.written, ["a"]);
  await p.land();
  await closing;
  assertEquals(p.closed, true);
});

Deno.test("stdin counts a frame as unsent when its write has not begun", async () => {
  const p = await pipe();
  p.stdin.write("a", 1);
  const aborted = p.stdin.abort("the process has ended");
  await aborted;
  assertEquals([p.written, p.stdin.unsent(), p.stdin.failed()], [[], [1], []]);
});

Deno.test("stdin resolves its close when the pipe breaks meanwhile, and rejects when it fails in another way", async () => {
  for (
    const [cause, expected] of [[new Deno.errors.BrokenPipe(), "closed"], [
      new Error("disk"),
      "pipe_closed",
    ]] as const
  ) {
    const p = await pipe();
    p.stdin.write("a");
    const closing = p.stdin.close().then(() => "closed", (error) => error.code);
    await p.fail(cause);
    assertEquals(await closing, expected);
  }
});

Deno.test("stdin rejects pending writes and keeps the unsent frames when it is aborted", async () => {
  const p = await pipe();
  p.stdin.write("a", 1);
  await settle();
  const full = p.stdin.write("x".repeat(WRITE_HIGH_WATER), 2);
  const closing = p.stdin.close();
  const aborted = p.stdin.abort("the process has ended");
  await assertRejects(async () => await full, PipeClosedError, "the process has ended");
  await closing;
  await p.land();
  await aborted;
  assertEquals([p.stdin.unsent(), p.aborted, p.written.length], [[2], true, 1]);
});

Deno.test("stdin skips a frame when its buffer was transferred, and delivers those around it", async () => {
  const p = await pipe();
  const [kept, given] = [new Uint8Array([65]), new Uint8Array([66])];
  p.stdin.write(kept, "kept");
  p.stdin.write(given, "given");
  given.buffer.transfer();
  await settle();
  assertEquals(p.stdin.write("next"), undefined);
  await p.land();
  await p.land();
  assertEquals([p.written, p.stdin.failed(), p.stdin.unsent()], [["A", "next"], [], []]);
});

Deno.test("stdin breaks the pipe alone when there is no memory to join its frames", async () => {
  const { stdin, written } = await pipe();
  const huge = Object.defineProperty(new Uint8Array(1), "length", { value: Number.MAX_SAFE_INTEGER });
  stdin.write("small", "small");
  stdin.write(huge, "huge");
  await settle();
  assertThrows(() => stdin.write("next"), PipeClosedError);
  assertEquals([written, stdin.failed(), stdin.unsent()], [[], ["small", "huge"], []]);
});
