/** What the readiness probe does to the start of a sidecar, and tells of it later. */
import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { deathOf } from "../../../src/actor/exit.ts";
import { SidecarProbeError } from "@outrider/outrider/protocol";
import { failureOf, stateOf } from "../../support/probes.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { AT_ONCE, Probe, sh } from "./probe.ts";
import { ProbeServer } from "./probe_server.ts";

/** Quick, for checks that go to the system and back. */
const QUICK = { period: 5, timeout: 5_000 } as const;
const CAT = { command: "cat", protocol: "lines", stop: AT_ONCE } as const;

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

Deno.test("readiness: each change is reported once, without a restart", async () => {
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

Deno.test("readiness: its first outcome behind a startup probe is reported, also a failure", async () => {
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

Deno.test("readiness makes a sidecar ready soon after its server is up when its period is an hour", async () => {
  await using server = new ProbeServer();
  server.answers.set("/ready", 503);
  await using probe = new Probe({
    ...CAT,
    probes: { readiness: { ...server.http("/ready"), period: 3_600_000, failureThreshold: 1 } },
  });
  const started = probe.system.start();
  await server.until("/ready", 4);
  assertEquals(await stateOf(started), "pending");
  server.answers.set("/ready", 200);
  await started;
});

Deno.test("readiness fails a start when it has not succeeded within startWithin, however few failures that is", async () => {
  const clock = new VirtualClock();
  await using probe = new Probe({
    ...sh("echo up >&2; exec cat"),
    stop: AT_ONCE,
    probes: { readiness: { pattern: { stdout: "ready" }, period: 200 } },
  }, { clock });
  const started = probe.system.start();
  const failure = failureOf(started);
  await probe.output("up");
  await clock.advance(89_999);
  assertEquals(await stateOf(started), "pending");
  await clock.advance(1);
  assertEquals(deathOf({ reason: "crash", cause: await failure }).kind, "not_ready");
});
