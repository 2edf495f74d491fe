/** What asks a sidecar to end: another signal, a signal for the program alone, a command. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { processTable } from "../../src/process/ps.ts";
import { Probe, sh } from "./health/probe.ts";

/** A master with a worker that has a job to finish: SIGTERM ends the worker at once, and the master waits for it. */
const PREFORK = `
sh -c 'echo worker >&2; sleep 0.3; echo "job done" >&2' &
trap 'echo draining >&2' TERM
wait; wait; wait; exit 0`;

Deno.test("stop.signal is sent instead of SIGTERM", async () => {
  await using probe = await Probe.start({
    ...sh("trap 'echo QUIT >&2; exit' QUIT; trap '' TERM; echo up >&2; while :; do sleep 0.05; done"),
    ready: { stderr: "up" },
    stop: { signal: "QUIT" },
  });
  await probe.system.stop();
  await probe.log.ended;
  assert(probe.all("output").some(({ line }) => line === "QUIT"), "its trap has run");
  assertEquals(probe.steps().at(-1), "SIGQUIT");
});

Deno.test("a prefork master's job is finished when its stop.scope is the process", async () => {
  await using probe = await Probe.start({
    ...sh(PREFORK),
    ready: { stderr: "worker" },
    stop: { scope: "process" },
  });
  await probe.system.stop();
  await probe.log.ended;
  assertEquals(probe.all("output").map(({ line }) => line), ["worker", "draining", "job done"]);
});

Deno.test("what is left of the group is killed when stop.scope is the process", async () => {
  await using probe = await Probe.start({
    ...sh("sleep 1000 > /dev/null 2>&1 & echo $! >&2; trap 'exit 0' TERM; wait"),
    ready: { stderr: "[0-9]" },
    stop: { scope: "process" },
  });
  const pid = Number((await probe.event("output")).line);
  await probe.system.stop();
  await probe.log.ended;
  assertEquals(probe.all("leftovers_killed").length, 1);
  assert(!(await processTable())!.some((row) => row.pid === pid && !row.zombie), "it has ended");
});

Deno.test("stop.command asks a sidecar to end, with its pid in MAINPID", async () => {
  await using probe = await Probe.start({
    ...sh("trap 'echo asked >&2; exit 0' USR1; trap '' TERM; echo up >&2; while :; do sleep 0.05; done"),
    ready: { stderr: "up" },
    stop: { command: ["sh", "-c", 'kill -s USR1 "$MAINPID"'], term: 30_000 },
  });
  await probe.system.stop();
  await probe.log.ended;
  assertEquals(probe.all("output").map(({ line }) => line), ["up", "asked"]);
  assertEquals(probe.steps(), ["command"]);
});

Deno.test("the signal follows, and a warning says why, when stop.command fails", async () => {
  await using probe = await Probe.start({
    ...sh("echo up >&2; exec sleep 1000"),
    ready: { stderr: "up" },
    stop: { command: ["sh", "-c", "echo no such server >&2; exit 3"], term: 300 },
  });
  await probe.system.stop();
  await probe.log.ended;
  const [warning] = probe.all("warning").filter(({ message }) => message.includes("stop command"));
  assertMatch(warning!.message, /"sh" exited with code 3, its last words: no such server/);
  assertEquals(probe.steps(), ["command", "close_stdin", "SIGTERM"]);
});

Deno.test("a stop command that hangs is ended with its sidecar", async () => {
  await using probe = await Probe.start({
    ...sh("echo up >&2; exec sleep 1000"),
    ready: { stderr: "up" },
    stop: { command: ["sleep", "1000"], term: 100 },
  });
  await probe.system.stop();
  await probe.log.ended;
  assertEquals(probe.steps(), ["command", "close_stdin", "SIGTERM"]);
});
