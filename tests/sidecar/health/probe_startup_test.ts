/** What the startup probe does to the start of a sidecar, and what is found out before it. */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { deathOf } from "../../../src/actor/exit.ts";
import {
  PermissionMissingError,
  SidecarExitedError,
  SidecarNotReadyError,
  StartError,
} from "@outrider/outrider";
import { SidecarProbeError } from "@outrider/outrider/protocol";
import { alive } from "../../process/fixture.ts";
import { failureOf, stateOf } from "../../support/probes.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
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
    startWithin: 3_000,
    probes: { startup: { ...server.http("/startup"), ...QUICK } },
  });
  const error = await failureOf(probe.system.start());
  assertInstanceOf(error, StartError);
  const { cause } = await probe.event("start_failed");
  assertInstanceOf(cause, SidecarNotReadyError);
  assertMatch(
    cause.message,
    /its startup probe did not succeed within 3000 ms \(startWithin\): .* answered with status 503$/,
  );
  assertEquals(deathOf({ reason: "crash", cause: error }), { kind: "not_ready" });
  assertInstanceOf(cause.cause, SidecarProbeError);
  assertEquals([cause.cause.code, cause.cause.probe], ["sidecar_probe_failed", "startup"]);
  assert(!alive(await probe.pid()));
  assert(server.count("/startup") > 3, "more failures than failureThreshold");
});

Deno.test("startup: a pattern has failureThreshold times period when that is longer than startWithin by default", async () => {
  const clock = new VirtualClock();
  await using probe = new Probe({
    ...sh("echo up >&2; exec cat"),
    stop: AT_ONCE,
    probes: { startup: { pattern: { stderr: "^ready$" }, failureThreshold: 12 } },
  }, { clock });
  const started = probe.system.start();
  const failure = failureOf(started);
  await probe.output("up");
  await clock.advance(119_999);
  assertEquals(await stateOf(started), "pending");
  await clock.advance(1);
  assertMatch(
    (await failure).message,
    /did not succeed within 120000 ms \(startWithin\): no line on stderr matched/,
  );
});

Deno.test("startup: a pattern on stdout counts before it is awaited, and is not a message", async () => {
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

Deno.test("startup: probes see the line that ready.stdout takes", async () => {
  await using probe = await Probe.start({
    ...sh("echo migrated; echo ready; exec cat"),
    protocol: "ndjson",
    stop: AT_ONCE,
    ready: { stdout: "^ready" },
    probes: { startup: { pattern: { stdout: "^migrated" } } },
  });
  assertEquals(await probe.ref.ask({ n: 1 }), { id: 1, n: 1 } as unknown);
});

Deno.test("startup: a process that ends meanwhile fails its start with the cause of its death", async () => {
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

Deno.test({
  name:
    "a sidecar's start names the flags of its program, its probes, its limits and its stop when all are missing",
  permissions: { run: false, env: true, read: true },
  fn: async () => {
    await using probe = new Probe({
      ...CAT,
      probes: { startup: { command: ["pg_isready"] }, readiness: { http: { port: 9 } } },
      limits: { memory: "1GB" },
      stop: { command: ["drain"] },
    });
    await failureOf(probe.system.start());
    const { cause } = await probe.event("start_failed");
    assertInstanceOf(cause, PermissionMissingError);
    for (const flag of ["run=cat", "run=drain", "run=pg_isready", "run=ps", "net=127.0.0.1:9"]) {
      assertEquals(
        ` ${cause.missingFlag} `.includes(` --allow-${flag} `),
        true,
        `${flag}: ${cause.missingFlag}`,
      );
    }
  },
});
