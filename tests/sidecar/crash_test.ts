import { assert, assertEquals, assertGreater, assertInstanceOf, assertMatch } from "@std/assert";
import { IncarnationEndedError, SidecarExitedError } from "@outrider/outrider";
import { PIPE_DRAIN_MS } from "@outrider/outrider/process";
import { alive } from "../process/fixture.ts";
import { failureOf } from "../support/probes.ts";
import { fixture, hasty, Probe, sh, take } from "./health/probe.ts";

Deno.test("asks in flight fail with the cause of the process's death", async () => {
  await using probe = await Probe.start({ ...fixture("dies_on_request", "3"), protocol: "ndjson" });
  const asks = [probe.ref.ask({ n: 1 }), probe.ref.ask({ n: 2 })];
  const errors = await Promise.all(asks.map((ask) => failureOf(ask)));
  const error = errors[0];
  assertInstanceOf(error, IncarnationEndedError);
  assertEquals([error.code, error.path, error.generation], ["incarnation_ended", "s", 1]);
  const { cause } = error;
  assertInstanceOf(cause, SidecarExitedError);
  assertEquals([cause.code, cause.path, cause.exitCode, cause.signal], ["sidecar_exited", "s", 3, undefined]);
  assertEquals(cause.stderrTail.slice(1), ["cannot go on", "    at nowhere:1"]);
  assertMatch(cause.stderrTail[0]!, /^got \{"n":1,"id":1\}/);
  assertEquals(cause.lastWords, "cannot go on");
  assertMatch(cause.message, /exited with code 3, its last words: cannot go on$/);
  // The second was on its way as well, or had not left: then the next process got it, and died of it.
  assertInstanceOf(errors[1], IncarnationEndedError);
});

Deno.test("a process killed from outside is a crash that names the signal, and its successor takes over", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "lines" });
  assertEquals(await probe.ref.ask("one"), "one");
  Deno.kill(await probe.pid(), "SIGKILL");
  const { exit } = await probe.event("exited");
  assert(exit.reason === "crash");
  const { cause } = exit;
  assertInstanceOf(cause, SidecarExitedError);
  assertEquals([cause.exitCode, cause.signal, cause.stderrTail, cause.lastWords], [
    137,
    "SIGKILL",
    [],
    undefined,
  ]);
  assertEquals([await probe.ref.ask("two"), probe.ref.generation], ["two", 2]);
});

Deno.test("an exit with code 0 is not a failure", async () => {
  await using probe = await Probe.start({
    ...fixture("dies_on_request", "0"),
    protocol: "ndjson",
    restart: "transient",
  });
  const error = await failureOf(probe.ref.ask({}));
  assertInstanceOf(error, IncarnationEndedError);
  assertEquals([error.exit, error.cause], [{ reason: "normal" }, undefined]);
  assertEquals((await probe.event("exited")).exit, { reason: "normal" });
  await probe.event("finished");
  assertEquals([probe.ref.isAlive, probe.ref.generation], [false, 1]);
});

Deno.test("unsent messages go to the next process: none lost, none twice, in order", async () => {
  const marker = await Deno.makeTempFile();
  await Deno.remove(marker);
  await using probe = await Probe.start({
    ...fixture("never_reads_once", marker),
    protocol: "lines",
    ready: { stderr: "up" },
    mailbox: { capacity: 2_000 },
  });
  const output = probe.ref.subscribe();
  const LAST = 1_000;
  const filler = "x".repeat(1_000);
  for (let n = 1; n <= LAST; n++) assertEquals(probe.ref.tell(`${n} ${filler}`), undefined);
  while (probe.ref.queued > LAST - 66) await turn(); // until the pipe is full and the handler waits
  const inMailbox = probe.ref.queued;
  assertGreater(inMailbox, 0); // the mailbox fills while the process does not read
  Deno.kill(await probe.pid(), "SIGKILL");
  const numbers: number[] = [];
  for await (const line of output) {
    numbers.push(parseInt(line));
    if (numbers.at(-1) === LAST) break;
  }
  const first = numbers[0]!;
  assertEquals(numbers, Array.from({ length: LAST - first + 1 }, (_, n) => first + n));
  // Handed over were the one message that went first, and what one write took of those behind it.
  assert(first <= 1 + 1 + Math.ceil((2 * 65_536) / filler.length), `${first - 1} were lost`);
  assertGreater(numbers.length, inMailbox - 1);
  assertEquals(await probe.ref.ask("and asks"), "and asks");
  await Deno.remove(marker);
});

Deno.test("an ask that was never handed to the pipe is answered by the next process", async () => {
  const marker = await Deno.makeTempFile();
  await Deno.remove(marker);
  await using probe = await Probe.start({
    ...fixture("never_reads_once", marker),
    protocol: "ndjson",
    ready: { stderr: "up" },
  });
  // One message that fills the pipe, one that is stuck in a write, and behind them those that wait for the next write.
  const failures = [60_000, 20_000].map((size) => failureOf(probe.ref.ask({ filler: "x".repeat(size) })));
  const settled = Promise.all(Array.from({ length: 20 }, (_, n) => probe.ref.ask({ n })));
  settled.catch(() => {});
  while (probe.ref.queued > 0) await turn(); // until none is left in the mailbox
  Deno.kill(await probe.pid(), "SIGKILL");
  for (const error of await Promise.all(failures)) assertInstanceOf(error, IncarnationEndedError);
  const replies = await settled;
  assertEquals(replies.map(({ n }) => n), Array.from({ length: 20 }, (_, n) => n));
  assertEquals(probe.ref.deadLetters, 0);
  await Deno.remove(marker);
});

Deno.test("lines: half a reply is none when its process died of a failure", async () => {
  await using probe = await Probe.start({
    ...sh("read -r line; printf 'half a rep'; exit 3"),
    protocol: "lines",
    restart: "temporary",
  });
  assertInstanceOf(await failureOf(probe.ref.ask("x")), IncarnationEndedError);
  assertEquals((await probe.event("dead_letter")).message, "half a rep");
});

Deno.test("lines: a reply that the end of the output ends is one when the process exits well", async () => {
  await using probe = await Probe.start({
    ...sh("read -r line; printf bye"),
    protocol: "lines",
    restart: "temporary",
  });
  assertEquals(await probe.ref.ask("x"), "bye");
});

Deno.test("a message for a process that has ended waits for the next one, and is not tried over and over", async () => {
  const marker = await Deno.makeTempFile();
  await Deno.remove(marker);
  await using probe = await Probe.start({
    ...sh('if [ -e "$1" ]; then exec cat; fi; : >"$1"; sleep 60 & echo $!; exit 7', marker),
    protocol: "ndjson",
  }, { clock: hasty(PIPE_DRAIN_MS) });
  const output = probe.ref.subscribe();
  const tries: number[] = [0, 0, 0];
  const [grandchild] = await take(output, 1);
  await processEnded(await probe.pid()); // its pipes, and so the incarnation, live on in the grandchild
  for (const n of tries.keys()) {
    probe.ref.tell({ toJSON: () => ({ n, tries: ++tries[n]! }) });
    await turn(); // those of one turn are one write, and may meet the pipe together as it breaks
  }
  assertEquals((await probe.event("pipes_held")).generation, 1);
  // The first may have met the pipe as it broke; the last did not.
  for await (const { n } of output) if (n === 2) break;
  assert(tries.every((count) => count <= 2), `they were tried ${tries} times`);
  Deno.kill(grandchild, "SIGKILL");
  await Deno.remove(marker);
});

Deno.test("a reply that can't be read for a fault of the engine is a failure of the sidecar, and of nothing else", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "ndjson", restart: "temporary" });
  const { parse } = JSON;
  JSON.parse = () => {
    throw new EvalError("out of order");
  };
  try {
    const error = await failureOf(probe.ref.ask({}));
    assertInstanceOf(error, IncarnationEndedError);
    assertInstanceOf(error.cause, EvalError);
  } finally {
    JSON.parse = parse;
  }
});

Deno.test("the mailbox survives any number of restarts", async () => {
  await using probe = await Probe.start(
    { ...sh('read -r line; echo "$line"; exit 1'), protocol: "lines", mailbox: { capacity: 100 } },
    { intensity: { restarts: 100, within: 60_000 } },
  );
  const output = probe.ref.subscribe();
  for (let n = 1; n <= 5; n++) {
    probe.ref.tell(String(n));
    assertEquals(await take(output, 1), [String(n)]);
    await probe.event("ready", ({ generation }) => generation === n + 1);
  }
});

/** Waits until it has been reaped. */
async function processEnded(pid: number): Promise<void> {
  while (alive(pid)) await turn();
}

/** A turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
