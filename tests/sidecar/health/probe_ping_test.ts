/** Pings between the asks of users. */
import { assert, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import {
  AskTimeoutError,
  jsonrpc,
  OptionError,
  type Schema,
  sidecar,
  type SidecarOptions,
} from "@outrider/outrider";
import { SidecarUnhealthyError } from "@outrider/outrider/protocol";
import { failureOf } from "../../support/probes.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { AT_ONCE, Probe, sh, take } from "./probe.ts";

const QUICK = { period: 1, timeout: 5_000 } as const;
const CAT = { command: "cat", protocol: "lines", stop: AT_ONCE } as const;

/** The cause of the first incarnation's end. */
async function unhealthy(probe: Probe): Promise<string> {
  const { exit, generation } = await probe.event("exited");
  assert(exit.reason === "crash" && exit.cause instanceof SidecarUnhealthyError && generation === 1);
  return exit.cause.cause.why;
}

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
    startWithin: 2_000,
    probes: { startup: { ping: "x", period: 1, timeout: 100 } },
  });
  assertMatch(
    (await failureOf(deaf.system.start())).message,
    /its startup probe did not succeed within 2000 ms/,
  );
});

Deno.test("ping: one that cannot be sent takes no other request's reply", async () => {
  await using probe = await Probe.start({
    ...sh("exec 0<&-; n=0; while :; do n=$((n + 1)); echo $n; echo $n >&2; sleep 0.002; done"),
    protocol: "lines",
    stop: AT_ONCE,
    ready: { stderr: "5" },
    probes: { startup: { command: ["true"] }, readiness: { ping: "x", period: 1, failureThreshold: 10 } },
  });
  // The first ping meets a pipe that is not yet known to be broken, and a line may pass for its reply.
  await probe.event("readiness", ({ ready }) => !ready);
  const output = probe.ref.subscribe();
  const lines = (await take(output, 30)).map(Number);
  assertEquals(lines, lines.map((_, at) => lines[0]! + at));
});

for (const protocol of ["lines", "ndjson"] as const) {
  Deno.test(`ping: over ${protocol}, its reply is held to no schema, and neither is that of ready`, async () => {
    const never = schemaOf((value) => protocol === "lines" ? value === "ask" : "ask" in (value as object));
    const ask = protocol === "lines" ? "ask" : { ask: 1 };
    const ping = protocol === "lines" ? "ping" : { ping: 1 };
    await using probe = await Probe.start({
      ...CAT,
      protocol,
      schemas: { message: never, reply: never },
      ready: { reply: ping },
      probes: { liveness: { ping, ...QUICK }, readiness: { ping, ...QUICK } },
    });
    for (let n = 0; n < 20; n++) {
      await probe.ref.ask(ask);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assertEquals([probe.all("exited"), probe.all("readiness")], [[], []]);
  });
}

function schemaOf(fits: (value: unknown) => boolean): Schema<unknown> {
  return {
    "~standard": {
      validate: (value) => fits(value) ? { value } : { issues: [{ message: "it does not fit" }] },
    },
  };
}

/** A worker that echoes, but for a message on which it works for an hour. */
const SLOW = {
  ...sh('while read -r line; do case $line in *long*) exec sleep 3600 ;; *) echo "$line" ;; esac; done'),
  stop: AT_ONCE,
};
/** The same, which answers by JSON-RPC. */
const SLOW_RPC = {
  ...sh(`while read -r line; do
    case $line in *long*) exec sleep 3600 ;; esac
    id=\${line##*\\"id\\":}; echo "{\\"id\\":\${id%%[!0-9]*},\\"result\\":1}"
  done`),
  stop: AT_ONCE,
};

for (
  const [name, worker, message] of [
    ["lines", { ...SLOW, protocol: "lines" }, (text: string) => text],
    ["ndjson", { ...SLOW, protocol: "ndjson" }, (text: string) => ({ text })],
    [
      "ndjson with maxInFlight",
      { ...SLOW, protocol: "ndjson", maxInFlight: 3 },
      (text: string) => ({ text }),
    ],
    ["JSON-RPC", { ...SLOW_RPC, protocol: jsonrpc() }, (method: string) => ({ method })],
  ] as const
) {
  Deno.test(`ping: over ${name}, a worker that is busy is healthy for busyFor, and then it hangs`, async () => {
    const clock = new VirtualClock();
    const liveness = { ping: message("short"), period: 10_000, busyFor: "1m" };
    const options: SidecarOptions = { ...worker as SidecarOptions, probes: { liveness } };
    await using probe = await Probe.start(options, { clock });
    await probe.ref.ask(message("short"));
    const asked = probe.ref.ask(message("long"), { timeout: 1_000 }).catch((error: unknown) => error);
    await clock.advance(60_000);
    assertInstanceOf(await asked, AskTimeoutError); // its caller gave up, and the worker is at it all the same
    assertEquals(probe.all("exited"), []);
    // No further than to its end: the time to end it is the clock's, too.
    for (let s = 0; s < 40 && probe.steps().length === 0; s++) await clock.advance(1_000);
    assertMatch(await unhealthy(probe), /^no reply to the ping within 1000 ms|pings are unanswered$/);
  });
}

Deno.test("ping: busyFor is refused where there is no ping for liveness", () => {
  const tcp = { tcp: { port: 1 }, busyFor: "1m" } as const;
  assertThrows(() => sidecar("a", { ...SLOW, probes: { liveness: tcp } }), OptionError, "busyFor");
  const readiness = { ping: "x", busyFor: "1m" };
  assertThrows(
    () => sidecar("a", { ...SLOW, protocol: "lines", probes: { readiness } }),
    OptionError,
    "busyFor",
  );
});
