import { assert, assertEquals, assertGreater, assertInstanceOf, assertLess } from "@std/assert";
import { AskTimeoutError } from "@outrider/outrider";
import { PIPE_DRAIN_MS } from "@outrider/outrider/process";
import { LAST_WORDS_BYTES } from "@outrider/outrider/protocol";
import { failureOf, stateOf } from "../../support/probes.ts";
import { AT_ONCE, fixture, hasty, Probe, sh, take } from "../health/probe.ts";

// --- Subscribers --------------------------------------------------------------

Deno.test("unrequested output goes to subscribers, across a restart", async () => {
  await using probe = await Probe.start({
    ...sh('while read -r line; do [ "$line" = die ] && exit 3; echo "$$ $line"; done'),
    protocol: "lines",
  });
  const [output, second] = [probe.ref.subscribe(), probe.ref.subscribe()];
  for (const word of ["one", "die", "two"]) await probe.ref.tell(word);
  // "two" may be on its way to the one that dies: then it is lost, and another goes to the next
  await probe.event("ready", ({ generation }) => generation === 2);
  await probe.ref.tell("three");
  const seen: string[] = [];
  for await (const line of output) {
    seen.push(line);
    if (line.endsWith("three")) break;
  }
  assertEquals(seen[0], `${await probe.pid(1)} one`);
  assertEquals(seen.at(-1), `${await probe.pid(2)} three`);
  assertEquals(await take(second, seen.length), seen);
});

Deno.test("unrequested output is a dead letter when there is no subscriber", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "ndjson" });
  await probe.ref.tell({ n: 1 });
  const { reason, message } = await probe.event("dead_letter");
  assertEquals([reason, message, probe.ref.deadLetters], ["unclaimed", { n: 1 }, 1]);
});

Deno.test("a reply with an id that is none of ours goes to subscribers", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "ndjson" });
  const output = probe.ref.subscribe();
  for (const id of ["1", 99, null]) await probe.ref.tell({ id });
  assertEquals(await take(output, 3), [{ id: "1" }, { id: 99 }, { id: null }]);
});

Deno.test("subscriptions end when the sidecar has ended for good", async () => {
  await using probe = await Probe.start({
    ...sh("read -r go; echo last; exit 0"),
    protocol: "lines",
    restart: "transient",
  });
  const output = probe.ref.subscribe();
  await probe.ref.tell("go");
  assertEquals(await take(output, 2), ["last"]);
});

// --- Backpressure -------------------------------------------------------------

Deno.test("a slow subscriber stops the flood, and nothing is lost when it goes on", async () => {
  const LINES = 400_000; // 2.7 MB: far more than pipes and buffers hold
  await using probe = await Probe.start({
    ...sh("read -r go; seq 1 $1; echo done >&2; exec cat", String(LINES)),
    protocol: "lines",
  });
  await using other = await Probe.start({ command: "cat", protocol: "lines" });
  const output = probe.ref.subscribe({ capacity: 16 });
  await probe.ref.tell("go");
  assertEquals(await take(output, 1), ["1"]);
  // Time enough for an unchecked flood, told by what another process gets done meanwhile.
  for (let n = 0; n < 2_000; n++) await other.ref.ask("x");
  assertEquals(probe.all("output").length, 0);
  // The flood stands still, and asks are taken all the same: the pipe out is not the pipe in.
  await probe.ref.tell("behind the flood");
  let next = 2;
  for await (const line of output) {
    if (line === "behind the flood") break;
    assert(line === String(next++), `${line} came for ${next - 1}`);
  }
  assertEquals(next, LINES + 1);
  await probe.output("done");
});

Deno.test("the last words of a process that has ended reach a slow subscriber whole", async () => {
  await using probe = await Probe.start({
    ...sh("read -r go; seq 1 5000; exit 3"),
    protocol: "lines",
    restart: "temporary",
  });
  const output = probe.ref.subscribe({ capacity: 1 });
  await probe.ref.tell("go");
  await probe.event("exited"); // which does not wait for the subscriber
  const lines = await take(output, 6_000);
  assertEquals([lines.length, lines.at(-1)], [5_000, "5000"]);
});

Deno.test("the rest of an ended process's pipe waits for a slow subscriber as well", async () => {
  await using probe = await Probe.start({
    ...fixture("grandchild_floods"),
    protocol: "lines",
    restart: "temporary",
  }, { clock: hasty(PIPE_DRAIN_MS) });
  const output = probe.ref.subscribe({ capacity: 1 });
  await probe.ref.tell("go");
  assertEquals((await probe.event("pipes_held")).waited, PIPE_DRAIN_MS);
  await probe.event("exited");
  let bytes = 0;
  for await (const line of output) bytes += line.length + 1;
  assertLess(bytes, LAST_WORDS_BYTES + 4 * 65_536);
});

// --- Late replies ---------------------------------------------------------------

Deno.test("lines: a late reply is a dead letter, and the next ask gets its own", async () => {
  await using probe = await Probe.start({ ...fixture("answers_late"), protocol: "lines" });
  const output = probe.ref.subscribe();
  const error = await failureOf(probe.ref.ask("slow", { timeout: 20 }));
  assertInstanceOf(error, AskTimeoutError);
  assertEquals(await probe.ref.ask("quick"), "quick");
  const { reason, message } = await probe.event("dead_letter");
  assertEquals([reason, message], ["late_reply", "slow"]);
  assertEquals([await probe.ref.ask("next"), probe.ref.deadLetters], ["next", 1]);
  await probe.ref.tell("asked by nobody");
  assertEquals(await take(output, 1), ["asked by nobody"]); // the late reply was not published
});

Deno.test("ndjson: a late reply is a dead letter, also when its request was long forgotten", async () => {
  await using probe = await Probe.start({ ...fixture("answers_in_reverse", "1024"), protocol: "ndjson" });
  const output = probe.ref.subscribe();
  const { signal, abort } = abortable();
  const asks = Array.from({ length: 1_023 }, (_, n) => failureOf(probe.ref.ask({ n }, { signal })));
  await stateOf(undefined);
  assertEquals(probe.ref.queued, 0);
  abort();
  await Promise.all(asks);
  assertEquals(await probe.ref.ask({ n: "last" }), { id: 1_024, n: "last" });
  await probe.event("dead_letter", undefined, 1_023);
  await probe.ref.tell({ n: "asked by nobody" });
  assertEquals(await take(output, 1), [{ n: "asked by nobody" }]);
  assertEquals(probe.ref.deadLetters, 1_023);
});

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

Deno.test("a stop ends a program that does not wait for its reader", async () => {
  await using probe = await Probe.start({ ...fixture("floods_stdout"), protocol: "lines", stop: AT_ONCE });
  const output = probe.ref.subscribe({ capacity: 1 });
  assertEquals(await take(output, 1), ["y"]);
  await probe.system.stop();
  assertGreater((await take(output, 1_000_000)).length, 0);
});
