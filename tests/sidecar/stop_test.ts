import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { ActorStoppedError, IncarnationEndedError, sidecar } from "@outrider/outrider";
import { DEFAULT_STOP } from "@outrider/outrider/process";
import { STOP_WITHOUT_PROTOCOL } from "../../src/sidecar/options.ts";
import { alive } from "../process/fixture.ts";
import { failureOf, stateOf } from "../support/probes.ts";
import { fixture, Probe, sh } from "./health/probe.ts";

Deno.test("a stop waits for the replies that are under way, then closes stdin", async () => {
  await using probe = await Probe.start({
    ...sh('read -r line; echo got it >&2; sleep 0.1; echo "$line"; exec cat'),
    protocol: "lines",
  });
  const order: string[] = [];
  const ask = probe.ref.ask("x").then((reply: string) => order.push(reply));
  await probe.output("got it");
  await probe.system.stop().then(() => order.push("stopped"));
  await ask;
  assertEquals(order, ["x", "stopped"]);
  assertEquals(probe.steps(), ["drain", "close_stdin"]);
  const { exit } = await probe.event("stopped");
  assertEquals(exit, { reason: "shutdown" });
});

Deno.test("asks without an answer within the drain fail, and later ones are refused", async () => {
  await using probe = await Probe.start({
    ...fixture("never_reads"),
    protocol: "lines",
    ready: { stdout: "ready" },
    stop: { drain: 20, stdin: 20, term: 5_000 },
  });
  const ask = failureOf(probe.ref.ask("x"));
  await stateOf(ask); // it is under way
  const stopping = probe.system.stop();
  const later = failureOf(probe.ref.ask("y"));
  await stopping;
  assertInstanceOf(await ask, IncarnationEndedError);
  assertInstanceOf(await later, ActorStoppedError);
});

Deno.test("a program that ends with its stdin gets no signal, and may finish its work", async () => {
  await using probe = await Probe.start({
    ...sh("trap 'echo TERM >&2' TERM; cat; echo done >&2"),
    protocol: "lines",
  });
  assertEquals(await probe.ref.ask("x"), "x");
  await probe.system.stop();
  await probe.log.ended;
  assertEquals(probe.all("output").map(({ line }) => line), ["done"]);
  assertEquals(probe.steps(), ["drain", "close_stdin"]);
});

Deno.test("messages sent before a stop arrive before stdin is closed", async () => {
  await using probe = await Probe.start({
    ...sh("wc -l >&2"),
    protocol: "lines",
    mailbox: { capacity: 5_000 },
  });
  const filler = "x".repeat(100);
  for (let n = 0; n < 5_000; n++) probe.ref.tell(filler);
  while (probe.ref.queued > 0) await new Promise((resolve) => setTimeout(resolve));
  await probe.system.stop();
  await probe.log.ended;
  assertEquals(probe.all("output").map(({ line }) => line.trim()), ["5000"]);
});

Deno.test("a program that ignores SIGTERM and its stdin is killed at the end of the stop sequence", async () => {
  await using probe = await Probe.start({
    ...fixture("ignores_term"),
    protocol: "lines",
    ready: { stdout: "ready" },
    stop: { drain: 10, stdin: 20, term: 30 },
  });
  const ask = failureOf(probe.ref.ask("x"));
  await stateOf(ask); // it is under way
  await probe.system.stop();
  assertEquals(probe.steps(), ["drain", "close_stdin", "SIGTERM", "SIGKILL"]);
  assertInstanceOf(await ask, IncarnationEndedError);
  await probe.log.ended;
  const lines = probe.log.lines().filter((line) => line.startsWith("s#1 stop"));
  assertEquals(lines, ["s#1 stopping", ...Array(4).fill("s#1 stop_step"), "s#1 stopped"]);
});

Deno.test("without protocol stdin is closed and SIGTERM sent at once", async () => {
  await using probe = await Probe.start(
    sh("trap 'echo TERM; exit 0' TERM; echo up; while :; do sleep 0.01; done"),
  );
  await probe.output("up");
  await probe.system.stop();
  await probe.log.ended;
  assertEquals(probe.steps(), ["close_stdin", "SIGTERM"]);
  // The signal reaches the whole group, and a shell may tell on stderr that its sleep was ended by it.
  const said = probe.all("output").filter(({ stream }) => stream === "stdout");
  assertEquals(said.map(({ line }) => line), ["up", "TERM"]);
});

Deno.test("a tree that is killed goes straight to SIGKILL, from the middle of a stop sequence too", async () => {
  await using probe = await Probe.start({
    ...fixture("ignores_term"),
    protocol: "lines",
    ready: { stdout: "ready" },
    stop: { drain: 0, stdin: 60_000, term: 60_000 },
  });
  const stopped = probe.system.stop();
  await probe.event("stop_step", ({ step }) => step === "close_stdin");
  await probe.system.kill();
  await stopped;
  assertEquals(probe.steps().at(-1), "SIGKILL");
  assert(!probe.steps().includes("SIGTERM"));
  assertEquals((await probe.event("stopped")).exit, { reason: "killed", abandoned: false });
});

Deno.test("a tree that is killed while a message waits for room in the pipe lets go of it", async () => {
  await using probe = await Probe.start({
    ...fixture("never_reads"),
    protocol: "lines",
    ready: { stdout: "ready" },
    stop: { drain: 60_000, stdin: 60_000, term: 60_000 },
  });
  probe.ref.tell("x".repeat(1_000_000));
  const ask = failureOf(probe.ref.ask("y", { timeout: Infinity }));
  await probe.system.kill();
  assertInstanceOf(await ask, ActorStoppedError);
  assert(!alive(await probe.pid()));
});

Deno.test("a stop of a crashed process does not wait for its output", async () => {
  await using probe = await Probe.start({
    ...sh("trap '' TERM; read -r line; echo garbage; exec sleep 60"),
    protocol: "ndjson",
    strict: true,
    restart: "temporary",
    stop: { drain: 60_000, stdin: 60_000, term: 20 },
  });
  await failureOf(probe.ref.ask({}));
  await probe.event("exited");
  assertEquals(probe.steps(), ["drain", "close_stdin", "SIGTERM", "SIGKILL"]);
});

Deno.test("the supervisor's patience outlasts every stop sequence", () => {
  assertEquals(sidecar("a", { command: "a", protocol: "lines" }).shutdown, 11_000);
  assertEquals(sidecar("a", { command: "a" }).shutdown, STOP_WITHOUT_PROTOCOL.term + 3_000);
  assertEquals(sidecar("a", { command: "a", stop: { ...DEFAULT_STOP, term: 0 } }).shutdown, 6_000);
});
