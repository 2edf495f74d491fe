/** What the liveness probe does to a sidecar. */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { deathOf } from "../../../src/actor/exit.ts";
import { SidecarExitedError } from "@outrider/outrider";
import { SidecarProbeError, SidecarUnhealthyError } from "@outrider/outrider/protocol";
import { alive } from "../../process/fixture.ts";
import { failureOf } from "../../support/probes.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { AT_ONCE, Probe, sh } from "./probe.ts";
import { ProbeServer } from "./probe_server.ts";

/** Quick, for checks that go to the system and back. */
const QUICK = { period: 5, timeout: 5_000 } as const;
const CAT = { command: "cat", protocol: "lines", stop: AT_ONCE } as const;

Deno.test("liveness: after failureThreshold failures it is ended, without drain, and replaced", async () => {
  await using server = new ProbeServer();
  await using probe = await Probe.start({
    ...sh("trap 'echo bye >&2; exit 0' TERM; echo up >&2; while :; do sleep 0.01; done"),
    protocol: "lines",
    ready: { stderr: "up" },
    stop: { drain: 60_000, stdin: 0, term: 60_000 },
    probes: { liveness: { ...server.http("/live"), ...QUICK } },
  });
  const unanswered = probe.ref.ask("x", { timeout: Infinity });
  unanswered.catch(() => {});
  await server.until("/live", 3);
  server.answers.set("/live", 500);
  const { exit, generation } = await probe.event("exited");
  server.answers.set("/live", 200);
  assert(exit.reason === "crash");
  const { cause } = exit;
  assertInstanceOf(cause, SidecarUnhealthyError);
  assertEquals([generation, cause.code, cause.path, deathOf(exit).kind], [
    1,
    "sidecar_unhealthy",
    "s",
    "unhealthy",
  ]);
  assertMatch(
    cause.message,
    /^Cannot go on: the liveness probe of 's' failed 3 times in a row, at last: .* 500$/,
  );
  assertInstanceOf(cause.cause, SidecarProbeError);
  assertEquals([cause.cause.probe, cause.stderrTail], ["liveness", ["up"]]);
  assertEquals(probe.steps(), ["drain", "close_stdin", "SIGTERM"]);
  await failureOf(unanswered); // no minute was spent on waiting for its reply
  assert(!alive(await probe.pid()));
  await probe.event("ready", (event) => event.generation === 2);
  await server.until("/live", server.count("/live") + 5);
  assertEquals(probe.all("exited").length, 1);
});

Deno.test("liveness: failures that are not in a row do not count together", async () => {
  await using server = new ProbeServer();
  await using probe = await Probe.start({
    ...CAT,
    probes: { liveness: { ...server.http("/live"), ...QUICK, failureThreshold: 2 } },
  });
  for (let n = 0; n < 5; n++) {
    server.answers.set("/live", 0); // held until there is exactly one
    await server.until("/live", server.count("/live") + 1);
    server.answers.set("/live", 200);
    server.release(500);
    await server.until("/live", server.count("/live") + 2);
  }
  assertEquals(probe.all("exited"), []);
});

Deno.test("liveness: it runs while readiness keeps the start waiting, and can end it", async () => {
  await using probe = new Probe({
    ...CAT,
    probes: {
      liveness: { command: ["false"], ...QUICK },
      readiness: { pattern: { stderr: "never" } },
    },
  });
  const error = await failureOf(probe.system.start());
  assertInstanceOf((await probe.event("start_failed")).cause, SidecarUnhealthyError);
  assertEquals(deathOf({ reason: "crash", cause: error }).kind, "unhealthy");
});

Deno.test("liveness: the result of a dead incarnation's check is dropped", async () => {
  await using server = new ProbeServer();
  server.answers.set("/live", 0);
  await using probe = await Probe.start({
    ...CAT,
    probes: { liveness: { ...server.http("/live"), ...QUICK, failureThreshold: 1 } },
  });
  await server.until("/live", 1);
  server.answers.set("/live", 200);
  Deno.kill(await probe.pid(), "SIGKILL");
  assertInstanceOf(deathCause(await probe.event("exited")), SidecarExitedError);
  await probe.event("ready", ({ generation }) => generation === 2);
  server.release(500);
  await server.until("/live", server.count("/live") + 5);
  assertEquals([probe.all("exited").length, probe.ref.generation], [1, 2]);
});

Deno.test("liveness: a process that has ended is not found unhealthy while a grandchild holds its pipes", async () => {
  const clock = new VirtualClock();
  await using probe = await Probe.start({
    ...sh("sleep 60 & echo $! >&2; read line; exit 7"),
    protocol: "lines",
    stop: AT_ONCE,
    restart: "temporary",
    probes: { liveness: { heartbeat: { stdout: "beat" }, period: 100, failureThreshold: 1 } },
  }, { clock });
  const { line: grandchild } = await probe.event("output");
  probe.ref.tell("go");
  while (alive(await probe.pid())) await clock.settle();
  await clock.settle();
  await clock.advance(3_000);
  const { exit } = await probe.event("exited");
  Deno.kill(Number(grandchild), "SIGKILL");
  assertEquals(deathOf(exit), { kind: "exit_code", code: 7 });
});

function deathCause({ exit }: { exit: { reason: string; cause?: Error } }): Error | undefined {
  return exit.cause;
}
