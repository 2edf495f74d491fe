/** Each kind of probe at work on a sidecar, and what is left of it when it ends. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { deathOf, spawn } from "@outrider/outrider";
import type { ChildProcess } from "@outrider/outrider";
import { sidecar, SidecarUnhealthyError } from "@outrider/outrider/actors/sidecar";
import type { Probes, SidecarOptions } from "@outrider/outrider/actors/sidecar";
import { alive } from "../process/fixture.ts";
import { failureOf } from "../support/probes.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { AT_ONCE, fixture, Probe, sh, take } from "./probe.ts";
import { ProbeServer } from "./probe_server.ts";

const QUICK = { period: 1, timeout: 5_000 } as const;
const CAT = { command: "cat", protocol: "lines", stop: AT_ONCE } as const;

/** Prints on stderr what it is told, line by line. */
const SAYS = {
  ...sh('while read -r line; do echo "$line" >&2; done'),
  protocol: "lines",
  stop: AT_ONCE,
} as const;

/** The cause of the first incarnation's end. */
async function unhealthy(probe: Probe): Promise<string> {
  const { exit, generation } = await probe.event("exited");
  assert(exit.reason === "crash" && exit.cause instanceof SidecarUnhealthyError && generation === 1);
  return exit.cause.cause.why;
}

// --- Heartbeat ------------------------------------------------------------------

Deno.test("heartbeat: a line within each period keeps it alive, failureThreshold periods without end it", async () => {
  const clock = new VirtualClock();
  await using probe = await Probe.start({
    ...SAYS,
    probes: { liveness: { heartbeat: { stderr: "^beat" } } },
  }, { clock });
  for (let n = 1; n <= 10; n++) {
    await clock.advance(25_000); // misses two periods, never three
    probe.ref.tell(`beat ${n}`);
    await probe.output(`beat ${n}`);
    await clock.settle();
  }
  probe.ref.tell("no heart");
  await probe.output("no heart");
  await clock.advance(29_999);
  assertEquals(probe.all("exited"), []);
  await clock.advance(1);
  assertEquals(await unhealthy(probe), "no line on stderr matched within 10000 ms");
});

Deno.test("heartbeat: beats are counted from the end of startup, and belong to their incarnation", async () => {
  const clock = new VirtualClock();
  await using probe = await Probe.start({
    ...SAYS,
    probes: {
      startup: { pattern: { stderr: "up" } },
      liveness: { heartbeat: { stderr: "^beat" }, failureThreshold: 1 },
    },
    ...sh('echo up >&2; while read -r line; do echo "$line" >&2; done'),
  }, { clock });
  await clock.advance(9_000);
  probe.ref.tell("beat");
  await probe.output("beat");
  await clock.settle();
  await clock.advance(9_999);
  assertEquals(probe.all("exited"), []);
  await clock.advance(1);
  await unhealthy(probe);
  await probe.event("ready", ({ generation }) => generation === 2);
  await clock.advance(9_999);
  assertEquals(probe.all("exited").length, 1);
});

for (const protocol of ["lines", "ndjson"] as const) {
  Deno.test(`heartbeat: on stdout of ${protocol} it is no message, and replies find their askers`, async () => {
    await using probe = await Probe.start({
      ...sh('echo BEAT; while read -r line; do echo BEAT; echo "$line"; echo BEAT; done'),
      protocol,
      strict: true,
      stop: AT_ONCE,
      probes: { liveness: { heartbeat: { stdout: "^BEAT$" }, period: 60_000 } },
    });
    const news = probe.ref.subscribe();
    const asks = Array.from({ length: 50 }, (_, n) => protocol === "lines" ? `ask ${n}` : { id: "mine", n });
    const replies = await Promise.all(asks.map((ask) => probe.ref.ask(ask)));
    assertEquals(replies, asks);
    probe.ref.tell(protocol === "lines" ? "news" : { news: 1 });
    assertEquals(await take(news, 1), [protocol === "lines" ? "news" : { news: 1 }]);
    assertEquals([probe.all("malformed"), probe.all("dead_letter")], [[], []]);
  });
}

Deno.test("heartbeat: on stdout of bytes it is looked at and left where it is", async () => {
  await using probe = new Probe({
    ...sh("printf 'BEAT\\nrest'; exec cat"),
    protocol: "bytes",
    stop: AT_ONCE,
    probes: { readiness: { heartbeat: { stdout: "^BEAT$" } } },
  });
  const output = probe.ref.subscribe();
  await probe.system.start();
  let text = "";
  for await (const bytes of output) {
    text += new TextDecoder().decode(bytes as Uint8Array);
    if (text.length >= 9) break;
  }
  assertEquals(text, "BEAT\nrest");
});

Deno.test("heartbeat: without a protocol it is a line of the log", async () => {
  await using probe = await Probe.start({
    ...sh("echo BEAT; exec sleep 60"),
    stop: AT_ONCE,
    probes: { readiness: { heartbeat: { stdout: "^BEAT$" } } },
  });
  assertEquals(probe.all("output").map(({ line }) => line), ["BEAT"]);
});

// --- Ping -----------------------------------------------------------------------

for (const [protocol, ping] of [["lines", "ping"], ["ndjson", { id: "p", ping: 1 }]] as const) {
  Deno.test(`ping: over ${protocol}, between the asks of users, it disturbs none of them`, async () => {
    await using probe = await Probe.start({
      ...CAT,
      protocol,
      probes: { liveness: { ping, ...QUICK }, readiness: { ping, ...QUICK } },
    });
    for (let round = 0; round < 50; round++) {
      const asks = Array.from(
        { length: 20 },
        (_, n) => protocol === "lines" ? `${round} ${n}` : { id: n, round },
      );
      assertEquals(await Promise.all(asks.map((ask) => probe.ref.ask(ask))), asks);
      await new Promise((resolve) => setTimeout(resolve, 1)); // lets a ping or two come in between
    }
    assertEquals([probe.all("exited"), probe.all("readiness"), probe.all("dead_letter")], [[], [], []]);
  });
}

Deno.test("ping: a sidecar that answers users and no pings is unhealthy, and users lose nothing by it", async () => {
  // A late answer to the first ping comes with the first ask: it is not taken for the answer to that.
  const script = `
    while read -r line; do
      case $line in
        *ping*) late=$line ;;
        *) if [ -n "$late" ]; then echo "$late"; late=; fi; echo "$line" ;;
      esac
    done`;
  const clock = new VirtualClock();
  await using probe = await Probe.start({
    ...sh(script),
    protocol: "ndjson",
    stop: AT_ONCE,
    probes: { liveness: { ping: { ping: 1 } } },
  }, { clock });
  await clock.advance(1_000); // the first ping is given up
  assertEquals(await probe.ref.ask({ n: 1 }), { id: 2, n: 1 }); // 1 was the ping
  await clock.advance(19_999);
  assertEquals(probe.all("exited"), []);
  await clock.advance(1);
  assertEquals(await unhealthy(probe), "no reply to the ping within 1000 ms");
  assertEquals(probe.all("dead_letter"), []);
});

Deno.test("ping: it makes a start wait, and a process that closed its stdin fails it", async () => {
  await using ready = await Probe.start({
    ...sh("sleep 0.02; exec cat"),
    protocol: "ndjson",
    stop: AT_ONCE,
    probes: { startup: { ping: { hello: 1 } } },
  });
  assertEquals(ready.all("dead_letter"), []);
  await using deaf = new Probe({
    ...sh("exec 0<&-; echo up >&2; exec sleep 60"),
    protocol: "lines",
    stop: AT_ONCE,
    ready: { stderr: "up" },
    probes: { startup: { ping: "x", period: 1, timeout: 100, failureThreshold: 2 } },
  });
  assertMatch(
    (await failureOf(deaf.system.start())).message,
    /its startup probe did not succeed within 2 × 1 ms/,
  );
});

// --- Command, TCP, HTTP -----------------------------------------------------------

Deno.test("command: it looks at what the sidecar does, and finds it ill", async () => {
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
    [{ startup: {} }, /startup probe: it has no handler, and needs one of tcp/],
    [{ liveness: { tcp, command: ["x"] } }, /liveness probe: it has tcp and command/],
    [{ liveness: { pattern: { stdout: "x" } } }, /use heartbeat/],
    [{ liveness: { ping: "x" } }, /ping needs a protocol/],
    [{ liveness: { ping: "x" } }, /ping needs a protocol/, "bytes"],
    [{ startup: { command: [] } }, /command has no program/],
    [{ startup: { heartbeat: { stdout: "(" } } }, /Unterminated group/],
    [{ startup: { http: { url: "nowhere" } } }, /Invalid URL/],
    [{ startup: { tcp, period: 0 } }, /period is 0/],
    [{ startup: { tcp, timeout: NaN } }, /timeout is NaN/],
    [{ startup: { tcp, initialDelay: -1 } }, /initialDelay is -1/],
    [{ startup: { tcp, failureThreshold: 0 } }, /failureThreshold is 0/],
    [{ startup: { tcp, successThreshold: 2 } }, /successThreshold can only be 1/],
    [{ readiness: { pattern: { stdout: "x" }, successThreshold: 2 } }, /successThreshold can only be 1/],
  ];
  for (const [probes, message, protocol] of cases) {
    const error = assertThrows(
      () => sidecar("s", { command: "x", protocol, probes: probes as Probes }),
      Error,
    );
    assertMatch(error.message, message);
  }
});
