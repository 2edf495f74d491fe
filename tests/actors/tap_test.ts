import { assert, assertEquals, assertGreater, assertInstanceOf, assertLess } from "@std/assert";
import { jsonrpc, type JsonValue, StartError } from "@outrider/outrider";
import { tap, TAP_CAPACITY, TAP_FLUSH_MS, type TapEntry } from "@outrider/outrider/actors/tap";
import { failureOf } from "../support/probes.ts";
import { hasty, Probe, sh } from "../sidecar/health/probe.ts";

/** Entries as `direction: frame`. */
const told = (entries: readonly TapEntry[]) =>
  entries.map((entry) =>
    entry.direction === "lost" ? `lost: ${entry.count}` : `${entry.direction}: ${entry.frame}`
  );

Deno.test("a tap copies frames of both directions, in order, with time and generation", async () => {
  const seen: TapEntry[] = [];
  const probe = await Probe.start({
    command: "cat",
    protocol: tap("ndjson", (entry) => void seen.push(entry)),
  });
  const before = Date.now();
  await probe.ref.ask({ id: "mine", n: 1 });
  await probe.ref.tell({ n: 2 });
  await probe.event("dead_letter");
  await probe[Symbol.asyncDispose]();
  assertEquals(told(seen), [
    'sent: {"id":1,"n":1}',
    'received: {"id":1,"n":1}',
    'sent: {"n":2}',
    'received: {"n":2}',
  ]);
  for (const entry of seen) {
    assert(entry.at >= before && entry.at <= Date.now());
    assertEquals([entry.path, entry.generation], ["s", 1]);
  }
});

Deno.test("a file gets one entry a line, of each incarnation, and is for its owner alone", async () => {
  const path = `${await Deno.makeTempDir()}/traffic.ndjson`;
  const probe = await Probe.start({
    ...sh('while read -r x; do [ "$x" = die ] && exit 1; echo "$x"; echo "$x"; done'),
    protocol: tap("lines", path, { cap: 10 }),
  });
  await probe.ref.ask("x".repeat(100));
  await probe.event("dead_letter"); // the second answer
  await probe.ref.tell("die");
  await probe.event("ready", ({ generation }) => generation === 2);
  await probe.ref.ask("two");
  await probe[Symbol.asyncDispose]();
  const entries: TapEntry[] = (await Deno.readTextFile(path)).trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(told(entries).slice(0, 4), [
    "sent: xxxxxxxxxx",
    "received: xxxxxxxxxx",
    "received: xxxxxxxxxx",
    "sent: die",
  ]);
  assertEquals(entries.slice(0, 2).map((entry) => "length" in entry && entry.length), [101, 100]);
  assertEquals(entries.map(({ generation }) => generation), [1, 1, 1, 1, 2, 2, 2]);
  if (Deno.build.os !== "windows") assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  await Deno.remove(path);
});

Deno.test("a tap copies malformed output as such", async () => {
  const seen: TapEntry[] = [];
  const probe = await Probe.start({
    ...sh("echo garbage; exec cat"),
    protocol: tap("ndjson", (entry) => void seen.push(entry)),
  });
  await probe.ref.ask({});
  await probe[Symbol.asyncDispose]();
  const [first] = seen.filter(({ direction }) => direction === "malformed");
  assert(first?.direction === "malformed");
  assertEquals([first.kind, first.frame, first.length], ["not_json", "garbage", 7]);
});

Deno.test("every protocol can be tapped: bytes, and answers past the mailbox", async () => {
  const seen: TapEntry[] = [];
  const sink = (entry: TapEntry) => void seen.push(entry);
  const bytes = await Probe.start({ command: "cat", protocol: tap("bytes", sink) });
  const output = bytes.ref.subscribe();
  await bytes.ref.tell(new TextEncoder().encode("häus"));
  await output.next();
  await bytes[Symbol.asyncDispose]();
  assertEquals(told(seen), ["sent: häus", "received: häus"]);
  seen.length = 0;
  const handlers = {
    add: ({ params }: { params?: unknown }) => (params as number[]).reduce((a, b) => a + b) as JsonValue,
  };
  const rpc = await Probe.start({ command: "cat", protocol: tap(jsonrpc({ handlers }), sink) });
  assertEquals(await rpc.ref.ask({ method: "add", params: [1, 2] }), 3);
  await rpc[Symbol.asyncDispose]();
  const answer = '{"jsonrpc":"2.0","id":1,"result":3}';
  const request = '{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}';
  assertEquals(told(seen), [
    `sent: ${request}`,
    `received: ${request}`,
    `sent: ${answer}`,
    `received: ${answer}`,
  ]);
});

Deno.test("a slow sink loses entries, which are counted, and slows no sidecar", async () => {
  const seen: TapEntry[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const probe = await Probe.start({
    command: "cat",
    protocol: tap("ndjson", async (entry) => {
      await promise;
      seen.push(entry);
    }),
  });
  for (let n = 0; n < 30; n++) {
    await Promise.all(Array.from({ length: 100 }, (_, m) => probe.ref.ask({ m }))); // 6,000 frames in all
  }
  resolve();
  await probe[Symbol.asyncDispose]();
  const lost = seen.reduce((sum, entry) => sum + (entry.direction === "lost" ? entry.count : 0), 0);
  assertGreater(lost, 0);
  assertEquals(seen.filter(({ direction }) => direction !== "lost").length + lost, 6_000);
  assertLess(seen.length, 3 * TAP_CAPACITY);
});

Deno.test("a sink that never comes back does not keep the sidecar from its end", async () => {
  const probe = await Probe.start({
    command: "cat",
    protocol: tap("ndjson", () => new Promise<void>(() => {})),
  }, { clock: hasty(TAP_FLUSH_MS) });
  await probe.ref.ask({});
  await probe[Symbol.asyncDispose]();
  assertEquals((await probe.event("stopped")).exit, { reason: "shutdown" }); // it was not ended by force
});

Deno.test("a failed sink is reported once, and the sidecar goes on", async () => {
  let calls = 0;
  await using probe = await Probe.start({
    command: "cat",
    protocol: tap("ndjson", () => {
      calls++;
      throw new Error("no space left");
    }),
  });
  await probe.ref.ask({});
  await probe.output("Cannot go on with the tap: no space left");
  for (let n = 0; n < 10; n++) await probe.ref.ask({});
  assertEquals([calls, probe.all("output").length, probe.ref.generation], [1, 1, 1]);
});

Deno.test("a file that can't be opened is a failed start, and one that was is closed if the program is not there", async () => {
  await using probe = new Probe({ command: "cat", protocol: tap("lines", "/no/such/folder/tap") });
  const error = await failureOf(probe.system.start());
  assertInstanceOf(error, StartError);
  assertInstanceOf((await probe.event("start_failed")).cause, Deno.errors.NotFound);
  const path = await Deno.makeTempFile();
  await using none = new Probe({ command: "no-such-program", protocol: tap("lines", path) });
  await failureOf(none.system.start()); // the sanitizer sees a file that is left open
  await Deno.remove(path);
});
