import { assert, assertEquals, assertGreater, assertInstanceOf, assertLess } from "@std/assert";
import { ActorStoppedError, IncarnationEndedError, SidecarExitedError } from "@outrider/outrider";
import type { Clock } from "@outrider/outrider/actor";
import { PIPE_DRAIN_MS, PipeClosedError } from "@outrider/outrider/process";
import { CLOSED_GRACE_MS } from "../../../src/sidecar/incarnation/writer.ts";
import { failureOf, stateOf } from "../../support/probes.ts";
import { AT_ONCE, fixture, hasty, Probe, sh, take } from "../health/probe.ts";

Deno.test("a process that dies in the middle of a large message takes it along, and is replaced", async () => {
  await using probe = await Probe.start({ ...fixture("dies_mid_write"), protocol: "lines" });
  const error = await failureOf(probe.ref.ask("x".repeat(5_000_000)));
  assertInstanceOf(error, IncarnationEndedError);
  assertInstanceOf(error.cause, SidecarExitedError);
  assertEquals([error.cause.exitCode, error.cause.lastWords], [3, "cannot go on"]);
  await probe.event("ready", ({ generation }) => generation === 2);
});

Deno.test("a process that closes its stdin and lives on can't take messages, and can be stopped", async () => {
  let graces = 0;
  const quick = hasty(CLOSED_GRACE_MS);
  const clock: Clock = {
    ...quick,
    setTimeout(fn, ms) {
      if (ms === CLOSED_GRACE_MS) graces++;
      return quick.setTimeout(fn, ms);
    },
  };
  await using probe = await Probe.start({
    ...fixture("closes_stdin_lives_on"),
    protocol: "lines",
    ready: { stdout: "ready" },
    stop: { drain: 50, stdin: 0, term: 60_000 },
  }, { clock });
  await untilRefused(probe);
  const asks = Array.from({ length: 5 }, () => failureOf(probe.ref.ask("x", { timeout: Infinity })));
  for (const error of await Promise.all(asks)) {
    assertInstanceOf(error, PipeClosedError);
    assertEquals(error.code, "pipe_closed");
  }
  await probe.ref.tell("y");
  assertEquals((await probe.event("dead_letter", ({ message }) => message === "y")).reason, "refused");
  assertEquals([probe.ref.generation, graces], [1, 1]); // time was given once, not for each message
  await probe.system.stop();
  assertEquals(probe.steps(), ["drain", "close_stdin", "SIGTERM"]);
});

Deno.test("output after the end of stdin answers no ask that the process never received", async () => {
  await using probe = await Probe.start({
    ...sh("trap 'echo hello' USR1; exec 0<&-; echo ready; while :; do sleep 0.01; done"),
    protocol: "lines",
    ready: { stdout: "ready" },
    stop: AT_ONCE,
  }, { clock: hasty(CLOSED_GRACE_MS) });
  const output = probe.ref.subscribe();
  await untilRefused(probe);
  assertInstanceOf(await failureOf(probe.ref.ask("x", { timeout: Infinity })), PipeClosedError);
  Deno.kill(await probe.pid(), "SIGUSR1");
  assertEquals(await take(output, 1), ["hello"]);
});

Deno.test("a process that closes its stdout and lives on is talked to, and ends with its stdin", async () => {
  await using probe = await Probe.start({ ...fixture("closes_stdout_lives_on"), protocol: "lines" });
  await probe.output("closed");
  assertEquals((await probe.event("dead_letter")).message, "last");
  await probe.ref.tell("x");
  await probe.system.stop();
  assertEquals(probe.steps(), ["drain", "close_stdin"]);
});

Deno.test("a process that never reads makes its senders wait, and lets go of them when it is stopped", async () => {
  await using probe = await Probe.start({
    ...fixture("never_reads"),
    protocol: "lines",
    ready: { stdout: "ready" },
    mailbox: { capacity: 2 },
    stop: { drain: 10, stdin: 10, term: 5_000 },
  });
  const waiting: Promise<void>[] = [];
  for (let n = 0; n < 10; n++) {
    const wait = probe.ref.tell("x".repeat(100_000));
    if (wait !== undefined) waiting.push(wait);
    await stateOf(undefined);
  }
  const ask = probe.ref.ask("x", { timeout: Infinity });
  assertGreater(waiting.length, 5);
  assertEquals(await stateOf(waiting.at(-1)), "pending");
  assertEquals(probe.ref.queued, 2);
  await probe.system.stop();
  assertEquals(probe.steps(), ["drain", "close_stdin", "SIGTERM"]);
  for (const wait of waiting) assertInstanceOf(await failureOf(wait), ActorStoppedError);
  assertInstanceOf(await failureOf(ask), ActorStoppedError);
  await probe.log.ended;
  // Of ten messages one was handed to the pipe, and its write failed; all are accounted for.
  const reasons = probe.all("dead_letter").map(({ reason }) => reason);
  assertEquals(reasons, ["in_flight", ...Array(9).fill("actor_stopped")]);
});

Deno.test("a process that never stops writing is stopped", async () => {
  await using probe = await Probe.start({
    ...fixture("floods_stdout"),
    protocol: "ndjson",
    stop: { drain: 0, stdin: 0, term: 5_000 },
  });
  await probe.event("malformed", ({ total }) => total >= 1_024);
  await probe.system.stop();
  assertEquals(probe.steps(), ["drain", "close_stdin", "SIGTERM"]);
});

Deno.test("a grandchild that holds the pipes is waited for, and cut off at the deadline", async () => {
  await using probe = await Probe.start({
    ...fixture("holds_stdout_by_grandchild"),
    protocol: "lines",
    restart: "temporary",
  }, { clock: hasty(PIPE_DRAIN_MS) });
  const { waited } = await probe.event("pipes_held");
  assertEquals(waited, PIPE_DRAIN_MS);
  const { exit } = await probe.event("exited");
  assert(exit.reason === "crash" && exit.cause instanceof SidecarExitedError);
  assertEquals(exit.cause.exitCode, 7);
});

Deno.test("no successor before the pipes of its predecessor have ended", async () => {
  const release = await Deno.makeTempFile();
  await Deno.remove(release);
  await using probe = await Probe.start({
    ...fixture("holds_stdout_for_a_while", release),
    protocol: "lines",
  });
  const output = probe.ref.subscribe();
  const pid = await probe.pid();
  while (running(pid)) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(await stateOf(probe.event("exited")), "pending");
  await Deno.writeTextFile(release, "");
  assertEquals(await take(output, 1), ["from the grandchild"]);
  await probe.event("ready", ({ generation }) => generation === 2);
  const lines = probe.log.lines().filter((line) => line.startsWith("s#"));
  const [ended, next] = [lines.indexOf("s#1 exited"), lines.indexOf("s#2 spawned")];
  assert(ended >= 0 && ended < next, lines.join());
  assertEquals(probe.all("pipes_held"), []);
  assertLess(probe.ref.generation, 10);
  await probe.system.stop();
  await Deno.remove(release);
});

/** Sends until it is known that the pipe is closed and its process lives on. */
async function untilRefused(probe: Probe): Promise<void> {
  while (probe.all("dead_letter").length === 0) {
    await probe.ref.tell("into the broken pipe");
    await stateOf(undefined);
  }
}

/** Whether it is there at all, be it as a zombie. */
function running(pid: number): boolean {
  try {
    Deno.kill(pid, 0 as unknown as Deno.Signal);
    return true;
  } catch {
    return false;
  }
}
