/** Commands, connections and requests at work on a sidecar, and what is left of a check when it ends. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { type ChildProcess, spawn } from "@outrider/outrider/process";
import { deathOf } from "../../../src/actor/exit.ts";
import { type Probes, sidecar, type SidecarOptions } from "@outrider/outrider";
import { SidecarUnhealthyError } from "@outrider/outrider/protocol";
import { alive } from "../../process/fixture.ts";
import { failureOf } from "../../support/probes.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { AT_ONCE, fixture, Probe, sh } from "./probe.ts";
import { ProbeServer } from "./probe_server.ts";

const QUICK = { period: 1, timeout: 5_000 } as const;
const CAT = { command: "cat", protocol: "lines", stop: AT_ONCE } as const;

/** The cause of the first incarnation's end. */
async function unhealthy(probe: Probe): Promise<string> {
  const { exit, generation } = await probe.event("exited");
  assert(exit.reason === "crash" && exit.cause instanceof SidecarUnhealthyError && generation === 1);
  return exit.cause.cause.why;
}

// --- Command, TCP, HTTP -----------------------------------------------------------

Deno.test("command: it sees an unhealthy sidecar", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using probe = await Probe.start({
      ...sh("echo ok > health; read -r line; rm health; exec cat"),
      protocol: "lines",
      cwd: folder,
      stop: AT_ONCE,
      restart: "temporary",
      probes: {
        startup: { command: ["test", "-e", "health"], ...QUICK, failureThreshold: 10_000 },
        liveness: { command: ["test", "-e", "health"], ...QUICK, failureThreshold: 1 },
      },
    });
    probe.ref.tell("die");
    assertEquals(await unhealthy(probe), `"test" exited with code 1`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tcp: it is ready when its port is open, and ill when it is closed", async () => {
  const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using probe = await Probe.start({
    ...CAT,
    restart: "temporary",
    probes: {
      startup: { tcp: { port: server.addr.port } },
      liveness: { tcp: { port: server.addr.port, host: "127.0.0.1" }, ...QUICK, failureThreshold: 2 },
    },
  });
  server.close();
  assertMatch(await unhealthy(probe), /^no connection to 127.0.0.1:\d+: .*refused/);
});

Deno.test("http: a stuck answer is cut at the timeout", async () => {
  await using server = new ProbeServer();
  await using probe = await Probe.start({
    ...CAT,
    restart: "temporary",
    probes: {
      liveness: {
        http: { url: `http://127.0.0.1:${server.port}/live` },
        period: 1,
        timeout: 500,
        failureThreshold: 1,
      },
    },
  });
  server.answers.set("/live", 0);
  assertEquals(await unhealthy(probe), `no answer from http://127.0.0.1:${server.port}/live within 500 ms`);
});

// --- The end --------------------------------------------------------------------

/** A spawn that remembers what it started. */
function recorded(started: ChildProcess[]): NonNullable<SidecarOptions["spawn"]> {
  return (command, options) => {
    const child = spawn(command, options);
    started.push(child);
    return child;
  };
}

for (const end of ["stop", "kill"] as const) {
  Deno.test(`${end} while a check of each kind is in flight leaves nothing`, async () => {
    await using server = new ProbeServer();
    server.answers.set("/ready", 0);
    const clock = new VirtualClock();
    const started: ChildProcess[] = [];
    await using probe = new Probe({
      ...fixture("never_reads"),
      protocol: "lines",
      stop: AT_ONCE,
      restart: "temporary",
      spawn: recorded(started),
      probes: {
        liveness: { command: ["sh", "-c", "trap '' TERM; while :; do sleep 0.01; done"] },
        readiness: server.http("/ready"),
      },
    }, { clock });
    const starting = failureOf(probe.system.start());
    await server.until("/ready", 1);
    const [own, check] = started;
    assert(alive(own!.pid) && alive(check!.pid));
    if (end === "kill") Deno.kill(own!.pid, "SIGKILL");
    else void probe.system.stop();
    await starting;
    assert(!alive(check!.pid));
    await probe.system.stop();
    assertEquals([started.length, clock.pending], [2, 0]);
  });
}

Deno.test("stop while a ping is in flight leaves nothing", async () => {
  const clock = new VirtualClock();
  await using probe = await Probe.start({
    ...fixture("never_reads"),
    protocol: "lines",
    stop: AT_ONCE,
    probes: { liveness: { ping: "x" }, startup: { command: ["true"] } },
  }, { clock });
  await clock.settle();
  await probe.system.stop();
  assertEquals(clock.pending, 0);
});

Deno.test("from the order to stop on nothing is checked, however long it takes", async () => {
  const clock = new VirtualClock();
  const started: ChildProcess[] = [];
  await using probe = await Probe.start({
    ...fixture("never_reads"),
    protocol: "lines",
    stop: { drain: 0, stdin: 100_000, term: 0 },
    spawn: recorded(started),
    probes: { startup: { command: ["true"] }, liveness: { command: ["true"] } },
  }, { clock });
  while (started.length < 3) await clock.settle();
  await started[2]!.closed;
  await clock.settle();
  const stopped = probe.system.stop();
  await probe.event("stop_step", ({ step }) => step === "close_stdin");
  await clock.advance(99_000);
  assertEquals(started.length, 3);
  await clock.advance(1_000);
  await stopped;
});

Deno.test("many restarts by liveness leave no timer and no process", async () => {
  const started: ChildProcess[] = [];
  await using probe = await Probe.start({
    ...CAT,
    spawn: recorded(started),
    probes: { liveness: { command: ["false"], ...QUICK, failureThreshold: 1 } },
  }, { intensity: { restarts: 1_000, within: 60_000 } });
  const { exit, generation } = await probe.event("exited", () => true, 20);
  assertEquals([deathOf(exit).kind, generation], ["unhealthy", 20]);
  await probe.system.stop();
  assertEquals(started.filter(({ pid }) => alive(pid)), []);
});

// --- What can't be ------------------------------------------------------------------

Deno.test("probes that make no sense are refused when the spec is made", () => {
  const tcp = { port: 80 };
  const cases: readonly [unknown, RegExp, protocol?: "lines" | "bytes"][] = [
    [{ startup: {} }, /startup: needs "tcp", "http"/],
    [{ liveness: { tcp, command: ["x"] } }, /liveness: has "tcp" and "command"/],
    [{ liveness: { pattern: { stdout: "x" } } }, /liveness\.pattern: .* "heartbeat"/],
    [{ liveness: { ping: "x" } }, /ping needs a protocol/],
    [{ liveness: { ping: "x" } }, /ping needs a protocol/, "bytes"],
    [{ startup: { command: [] } }, /startup\.command: needs a program/],
    [{ startup: { heartbeat: { stdout: "(" } } }, /Unterminated group/],
    [{ startup: { http: { url: "nowhere" } } }, /startup\.http\.url: must be a URL/],
    [{ startup: { tcp, period: 0 } }, /period: must be 1 millisecond or more, got 0/],
    [{ startup: { tcp, timeout: NaN } }, /timeout: .*got NaN/],
    [{ startup: { tcp, initialDelay: -1 } }, /initialDelay: must be 0 milliseconds or more, got -1/],
    [{ startup: { tcp, failureThreshold: 0 } }, /failureThreshold: must be 1 or more, got 0/],
    [{ startup: { tcp, successThreshold: 2 } }, /successThreshold: must be 1 for/],
    [{ readiness: { pattern: { stdout: "x" }, successThreshold: 2 } }, /successThreshold: must be 1 for/],
  ];
  for (const [probes, message, protocol] of cases) {
    const error = assertThrows(
      () => sidecar("s", { command: "x", protocol, probes: probes as Probes }),
      Error,
    );
    assertMatch(error.message, message);
  }
});
