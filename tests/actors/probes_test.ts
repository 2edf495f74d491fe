/** What probes do to a sidecar: its start, its end, its events. */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { deathOf, PermissionMissingError, StartError } from "@outrider/outrider";
import {
  SidecarExitedError,
  SidecarNotReadyError,
  SidecarProbeError,
  SidecarUnhealthyError,
} from "@outrider/outrider/actors/sidecar";
import { alive } from "../process/fixture.ts";
import { failureOf, stateOf } from "../support/probes.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { AT_ONCE, fixture, Probe, sh } from "./probe.ts";
import { ProbeServer } from "./probe_server.ts";

/** Quick, for checks that go to the system and back. */
const QUICK = { period: 5, timeout: 5_000 } as const;
const CAT = { command: "cat", protocol: "lines", stop: AT_ONCE } as const;

// --- Startup --------------------------------------------------------------------

Deno.test("startup: until it succeeds nothing else is checked, and the start is not ready", async () => {
  await using server = new ProbeServer();
  server.answers.set("/startup", 503);
  await using probe = new Probe({
    ...CAT,
    probes: {
      startup: { ...server.http("/startup"), ...QUICK, failureThreshold: 1_000 },
      liveness: { ...server.http("/live"), ...QUICK },
      readiness: { ...server.http("/ready"), ...QUICK },
    },
  });
  const started = probe.system.start();
  await server.until("/startup", 5);
  assertEquals([await stateOf(started), probe.all("ready")], ["pending", []]);
  server.answers.set("/startup", 200);
  await started;
  await server.until("/live", 2);
  await server.until("/ready", 2);
  const first = server.asked.findIndex((path) => path !== "/startup");
  assertEquals(server.asked.slice(first).includes("/startup"), false);
});

Deno.test("startup: one that never succeeds is a failed start, of a process that was not ready", async () => {
  await using server = new ProbeServer();
  server.answers.set("/startup", 503);
  await using probe = new Probe({
    ...sh("echo no luck >&2; exec cat"),
    stop: AT_ONCE,
    probes: { startup: { ...server.http("/startup"), ...QUICK, failureThreshold: 3 } },
  });
  const error = await failureOf(probe.system.start());
  assertInstanceOf(error, StartError);
  const { cause } = await probe.event("start_failed");
  assertInstanceOf(cause, SidecarNotReadyError);
  assertMatch(
    cause.message,
    /its startup probe did not succeed within 3 × 5 ms: .* answered with status 503$/,
  );
  assertEquals(deathOf({ reason: "crash", cause: error }), { kind: "not_ready" });
  assertInstanceOf(cause.cause, SidecarProbeError);
  assertEquals([cause.cause.code, cause.cause.probe], ["sidecar_probe_failed", "startup"]);
  assert(!alive(await probe.pid()));
  assertEquals(server.count("/startup"), 4);
});

Deno.test("startup: a pattern has failureThreshold times period, to the millisecond", async () => {
  const clock = new VirtualClock();
  await using probe = new Probe({
    ...sh("echo up >&2; exec cat"),
    stop: AT_ONCE,
    probes: { startup: { pattern: { stderr: "^ready$" }, failureThreshold: 6 } },
  }, { clock });
  const started = probe.system.start();
  const failure = failureOf(started);
  await probe.output("up");
  await clock.advance(59_999);
  assertEquals(await stateOf(started), "pending");
  await clock.advance(1);
  assertMatch((await failure).message, /no line on stderr matched within 10000 ms$/);
});

Deno.test("startup: a pattern on stdout may come before anybody waits for it, and is no message", async () => {
  await using probe = await Probe.start({
    ...sh("printf 'one\\nready\\n'; echo up >&2; exec cat"),
    protocol: "lines",
    stop: AT_ONCE,
    ready: { stderr: "up" },
    probes: { startup: { pattern: { stdout: "^ready$" } } },
  });
  assertEquals(await probe.ref.ask("x"), "x");
  assertEquals(await probe.ref.ask("ready"), "ready"); // once is enough: later lines are messages again
  assertEquals((await probe.event("dead_letter")).message, "one");
});

Deno.test("startup: what ready.stdout takes is seen by probes, too", async () => {
  await using probe = await Probe.start({
    ...sh("echo migrated; echo ready; exec cat"),
    protocol: "ndjson",
    stop: AT_ONCE,
    ready: { stdout: "^ready" },
    probes: { startup: { pattern: { stdout: "^migrated" } } },
  });
  assertEquals(await probe.ref.ask({ n: 1 }), { id: 1, n: 1 } as unknown);
});

Deno.test("startup: a process that ends meanwhile fails its start with what it died of", async () => {
  for (const [code, kind] of [[4, "exit_code"], [0, "not_ready"]] as const) {
    await using probe = new Probe({
      ...fixture("exits_with_code", String(code)),
      probes: { startup: { pattern: { stdout: "never" } } },
    });
    const error = await failureOf(probe.system.start());
    assertEquals(deathOf({ reason: "crash", cause: error }).kind, kind);
    const { cause } = await probe.event("start_failed");
    if (code === 0) assertInstanceOf(cause, SidecarNotReadyError);
    else assertInstanceOf(cause, SidecarExitedError);
  }
});

Deno.test("startup: a stop cuts in", async () => {
  await using server = new ProbeServer();
  server.answers.set("/startup", 0);
  await using probe = new Probe({ ...CAT, probes: { startup: { ...server.http("/startup"), ...QUICK } } });
  const started = failureOf(probe.system.start());
  await server.until("/startup", 1);
  await probe.system.stop();
  assertInstanceOf(await started, StartError);
  assertEquals((await probe.event("stopped")).exit, { reason: "shutdown" });
});

// --- Readiness --------------------------------------------------------------------

Deno.test("readiness: without startup its first success makes it ready, and with ready both must hold", async () => {
  await using server = new ProbeServer();
  server.answers.set("/ready", 503);
  await using probe = new Probe({
    ...sh("read line; echo ready; exec cat"),
    protocol: "lines",
    stop: AT_ONCE,
    ready: { reply: "go" },
    probes: { readiness: { ...server.http("/ready"), ...QUICK, failureThreshold: 1_000 } },
  });
  const started = probe.system.start();
  await server.until("/ready", 3);
  assertEquals([await stateOf(started), probe.all("ready")], ["pending", []]);
  server.answers.set("/ready", 200);
  await started;
  assertEquals(probe.all("readiness"), []);
});

Deno.test("readiness: changes are told, each once, and nobody restarts", async () => {
  await using server = new ProbeServer();
  await using probe = await Probe.start({
    ...CAT,
    probes: { readiness: { ...server.http("/ready"), ...QUICK, failureThreshold: 2, successThreshold: 2 } },
  });
  server.answers.set("/ready", 503);
  const { cause, generation } = await probe.event("readiness", ({ ready }) => !ready);
  assertInstanceOf(cause, SidecarProbeError);
  assertMatch(cause.message, /^Cannot pass the readiness probe of 's': .* status 503$/);
  await server.until("/ready", server.count("/ready") + 5);
  server.answers.set("/ready", 200);
  await probe.event("readiness", ({ ready }) => ready);
  await server.until("/ready", server.count("/ready") + 5);
  assertEquals(probe.all("readiness").map(({ ready }) => ready), [false, true]);
  assertEquals([generation, probe.all("spawned").length, await probe.ref.ask("x")], [1, 1, "x"]);
});

Deno.test("readiness: behind a startup probe its first verdict is told, be it no", async () => {
  for (const ready of [true, false]) {
    await using server = new ProbeServer();
    server.answers.set("/ready", ready ? 200 : 503);
    await using probe = await Probe.start({
      ...CAT,
      probes: {
        startup: { command: ["true"], ...QUICK },
        readiness: { ...server.http("/ready"), ...QUICK },
      },
    });
    assertEquals((await probe.event("readiness")).ready, ready);
  }
});

Deno.test("readiness: one that does not succeed in failureThreshold times period is a failed start", async () => {
  const clock = new VirtualClock();
  await using probe = new Probe({
    ...sh("echo up >&2; exec cat"),
    stop: AT_ONCE,
    probes: { readiness: { pattern: { stdout: "ready" } } },
  }, { clock });
  const failure = failureOf(probe.system.start());
  await probe.output("up");
  await clock.advance(30_000);
  assertEquals(deathOf({ reason: "crash", cause: await failure }).kind, "not_ready");
});

// --- Liveness ---------------------------------------------------------------------

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

Deno.test("liveness: what a check of a dead incarnation would have said reaches nobody", async () => {
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

// --- Before the start ---------------------------------------------------------------

Deno.test({
  name: "permissions that a probe lacks are named before anything starts",
  permissions: { run: ["cat"], env: true, read: true },
  fn: async () => {
    await using probe = new Probe({
      ...CAT,
      probes: {
        startup: { command: ["pg_isready"] },
        liveness: { tcp: { port: 9, host: "::1" } },
        readiness: { http: { url: "https://example.com/health" } },
      },
    });
    await failureOf(probe.system.start());
    const { cause } = await probe.event("start_failed");
    assertInstanceOf(cause, PermissionMissingError);
    assertEquals(
      cause.missingFlag,
      "--allow-run=pg_isready --allow-net=[::1]:9 --allow-net=example.com:443",
    );
    assertEquals(probe.all("spawned"), []);
  },
});
