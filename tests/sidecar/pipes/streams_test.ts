/** Streams of the web on sidecars: what goes in, what comes out, and how both end. */
import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import {
  actor,
  ActorStoppedError,
  IncarnationEndedError,
  NO_BACKOFF,
  OptionError,
  sidecar,
  start,
  supervisor,
} from "@outrider/outrider";
import { UnencodableMessageError } from "@outrider/outrider/protocol";
import { failureOf } from "../../support/probes.ts";

const MIB = 1_048_576;
const sh = (script: string, protocol: "bytes" | "lines" = "bytes") =>
  sidecar("s", { command: "sh", args: ["-c", script], protocol, backoff: NO_BACKOFF });
const begin = (spec: ReturnType<typeof sh>) => start(supervisor("root", [spec]));

/** So many mebibytes, and how many were asked for so far. */
function mebibytes(count: number): { stream: ReadableStream<Uint8Array>; given: () => number } {
  let given = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (given === count) return controller.close();
      controller.enqueue(new Uint8Array(MIB).fill(given++ % 251));
    },
  }, { highWaterMark: 0 });
  return { stream, given: () => given };
}

Deno.test("transform gives what a program makes of its input when the input has ended", async () => {
  const gzip = sidecar("gzip", { command: "gzip", protocol: "bytes" });
  await using system = await start(supervisor("root", [gzip]));
  // The process ends with its input, so the second one is for the next.
  for (let n = 1; n <= 2; n++) {
    const source = new Response(`hello ${n}`).body!;
    const unpacked = source.pipeThrough(system.ref(gzip).transform()).pipeThrough(
      new DecompressionStream("gzip"),
    );
    assertEquals(await new Response(unpacked).text(), `hello ${n}`);
  }
});

Deno.test("transform asks its source for no more than a reader takes", async () => {
  await using system = await begin(sh("exec cat"));
  const { stream, given } = mebibytes(32);
  const reader = stream.pipeThrough(system.ref<Uint8Array, void, Uint8Array>("s").transform()).getReader();
  let got = (await reader.read()).value!.length;
  // As far as it comes without a reader: pipes, a subscription's 1 MiB, and what is in hand.
  for (let before = -1; before !== given();) {
    before = given();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert(given() < 8, `${given()} MiB were taken`);
  for (let next = await reader.read(); !next.done; next = await reader.read()) got += next.value.length;
  assertEquals([got, given()], [32 * MIB, 32]);
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
for (const [protocol, chunk] of [["bytes", "a text"], ["ndjson", cyclic]] as const) {
  Deno.test(`transform of ${protocol} fails as a whole when a chunk can't be encoded`, async () => {
    const spec = sidecar("s", { command: "cat", protocol: protocol as "lines", backoff: NO_BACKOFF });
    await using system = await start(supervisor("root", [spec]));
    const ref = system.ref<unknown, void, unknown>("s");
    const events = system.events({ path: "s", types: ["exited"] });
    const { readable, writable } = ref.transform();
    const reading = failureOf(Array.fromAsync(readable));
    const failed = await failureOf(writable.getWriter().write(chunk));
    assertInstanceOf(failed, UnencodableMessageError);
    assertStrictEquals(await reading, failed);
    // Its process has been told that its input is over, and the next one may have a transform.
    await events.next();
    await ref.transform().writable.close();
  });
}

Deno.test("transform of lines takes and gives lines", async () => {
  await using system = await begin(sh("exec sort", "lines"));
  const { readable, writable } = system.ref<string, void, string>("s").transform();
  const writer = writable.getWriter();
  for (const word of ["pear", "apple", "fig"]) await writer.write(word);
  await writer.close();
  assertEquals(await Array.fromAsync(readable), ["apple", "fig", "pear"]);
});

Deno.test("transform ends well when its program ends before its input does", async () => {
  await using system = await begin(sh("exec head -n 1", "lines"));
  const endless = new ReadableStream<string>({
    pull: async (controller) => {
      await new Promise((resolve) => setTimeout(resolve));
      controller.enqueue("y");
    },
  });
  const lines = endless.pipeThrough(system.ref<string, void, string>("s").transform());
  assertEquals(await Array.fromAsync(lines), ["y"]);
});

Deno.test("transform fails behind what came when its program crashes", async () => {
  await using system = await begin(sh("echo one; cat >/dev/null; exit 3", "lines"));
  const { readable, writable } = system.ref<string, void, string>("s").transform();
  const writer = writable.getWriter();
  await writer.close();
  const reader = readable.getReader();
  const first = await reader.read().catch((error) => error);
  const error = first instanceof Error ? first : await failureOf(reader.read());
  assertInstanceOf(error, IncarnationEndedError);
  assertEquals(error.generation, 1);
});

Deno.test("a stream into a sidecar fails, and reaches no other incarnation, when its process is killed", async () => {
  await using system = await begin(sh("echo $$; exec cat", "lines"));
  const ref = system.ref<string, void, string>("s");
  const events = system.events({ path: "s", types: ["ready"] });
  const writer = ref.writable().getWriter();
  await writer.write("before");
  const pid = system.status()[0]!.pid!;
  Deno.kill(pid, "SIGKILL");
  assertInstanceOf(await failureOf(writer.closed), IncarnationEndedError);
  assertInstanceOf(await failureOf(writer.write("after")), IncarnationEndedError);
  await events.next();
  assertEquals(system.ref("s").queued, 0);
});

Deno.test("cancelling a transform cancels its source, and ends the process's input", async () => {
  await using system = await begin(sh("exec cat"));
  const cancelled = Promise.withResolvers<unknown>();
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1_024)),
    cancel: (reason) => cancelled.resolve(reason),
  });
  const events = system.events({ path: "s", types: ["exited"] });
  const reason = new Error("enough");
  const reader = source.pipeThrough(system.ref<Uint8Array, void, Uint8Array>("s").transform()).getReader();
  await reader.read();
  await reader.cancel(reason);
  assertStrictEquals(await cancelled.promise, reason);
  const { value } = await events.next();
  assertEquals(value?.type === "exited" && value.exit.reason, "normal");
});

Deno.test("a transform fails with its source's error, and the process's input ends", async () => {
  await using system = await begin(sh("exec cat"));
  const reason = new Error("the source broke");
  const source = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(reason) });
  const output = source.pipeThrough(system.ref<Uint8Array, void, Uint8Array>("s").transform());
  assertStrictEquals(await failureOf(output.getReader().read()), reason);
});

Deno.test("a second transform of a sidecar is refused while the first one lasts", async () => {
  await using system = await begin(sh("exec cat", "lines"));
  const ref = system.ref<string, void, string>("s");
  const { readable, writable } = ref.transform();
  assertThrows(() => ref.transform(), OptionError, "a second transform of 's'");
  await writable.close();
  assertEquals(await Array.fromAsync(readable), []);
  const next = ref.transform();
  const writer = next.writable.getWriter();
  await writer.write("again");
  await writer.close();
  assertEquals(await Array.fromAsync(next.readable), ["again"]);
});

Deno.test("a stream fails when its sidecar has ended for good", async () => {
  const once = sidecar("s", { command: "cat", protocol: "lines", restart: "temporary" });
  const system = await start(supervisor("root", [once]));
  const ref = system.ref<string, void, string>("s");
  const { readable, writable } = ref.transform();
  await system.stop();
  assertInstanceOf(await failureOf(writable.getWriter().write("x")), Error);
  assertInstanceOf(await failureOf(readable.getReader().read()), Error);
  assertInstanceOf(await failureOf(ref.writable().getWriter().write("x")), ActorStoppedError);
});

Deno.test("an actor of one's own has a writable and a readable, and no transform", async () => {
  const double = actor<number, void, number>("double", () => ({
    async receive(n, context) {
      await context.publish(2 * n);
    },
  }));
  await using system = await start(supervisor("root", [double]));
  const ref = system.ref(double);
  const reader = ref.readable().getReader();
  const writer = ref.writable().getWriter();
  await writer.write(2);
  await writer.write(4);
  assertEquals([(await reader.read()).value, (await reader.read()).value], [4, 8]);
  await reader.cancel();
  assertThrows(() => ref.transform(), OptionError, "it is not a sidecar with a protocol");
});
