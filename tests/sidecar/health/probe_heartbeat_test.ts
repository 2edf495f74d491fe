/** Lines that a sidecar prints to say that it is well. */
import { assert, assertEquals } from "@std/assert";
import { SidecarUnhealthyError } from "@outrider/outrider/protocol";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { AT_ONCE, Probe, sh, take } from "./probe.ts";

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
  Deno.test(`heartbeat: on stdout of ${protocol} it is not a message, and replies find their requests`, async () => {
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
    if (text.endsWith("rest")) probe.ref.tell(new TextEncoder().encode("\nBEAT\nend"));
    if (text.endsWith("end")) probe.ref.tell(new TextEncoder().encode("!"));
    if (text.endsWith("!")) break;
  }
  assertEquals(text, "BEAT\nrest\nBEAT\nend!");
});

Deno.test("heartbeat: a last line without an end is a message", async () => {
  await using probe = new Probe({
    ...sh("printf 'BEAT\\nread'; echo up >&2; read -r line; printf 'y\\nlast'"),
    protocol: "lines",
    restart: "temporary",
    ready: { stderr: "up" },
    probes: { liveness: { heartbeat: { stdout: "^BEAT$" } } },
  });
  const output = probe.ref.subscribe();
  await probe.system.start();
  probe.ref.tell("go");
  assertEquals(await take(output, 2), ["ready", "last"]);
});

Deno.test("heartbeat: lines before the end of startup do not count", async () => {
  const clock = new VirtualClock();
  await using probe = await Probe.start({
    ...sh("echo beat >&2; echo up >&2; exec sleep 60"),
    stop: AT_ONCE,
    probes: { startup: { pattern: { stderr: "up" } }, readiness: { heartbeat: { stderr: "beat" } } },
  }, { clock });
  await clock.advance(30_000);
  assertEquals(probe.all("readiness").map(({ ready }) => ready), [false]);
});

Deno.test("heartbeat: without a protocol it is a line of the log", async () => {
  await using probe = await Probe.start({
    ...sh("echo BEAT; exec sleep 60"),
    stop: AT_ONCE,
    probes: { readiness: { heartbeat: { stdout: "^BEAT$" } } },
  });
  assertEquals(probe.all("output").map(({ line }) => line), ["BEAT"]);
});
