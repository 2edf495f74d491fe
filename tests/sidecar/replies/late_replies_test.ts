/** Requests that were given up and are never answered: `whenGivenUp`, on the virtual clock and with real processes. */
import { assert, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import {
  type AskOptions,
  AskTimeoutError,
  IncarnationEndedError,
  launch,
  NO_BACKOFF,
  OptionError,
  sidecar,
  type SidecarOptions,
  supervisor,
} from "@outrider/outrider";
import { pool } from "@outrider/outrider/actors/pool";
import { simulate } from "@outrider/outrider/testing";
import { SidecarHungError } from "@outrider/outrider/protocol";
import { Folder } from "../../cli/outrider.ts";
import { failureOf } from "../../support/probes.ts";
import { UNBUFFERED } from "../../../src/sidecar/health/awaited_line.ts";
import { AT_ONCE, Probe, sh } from "../health/probe.ts";

const SHOUTS = { protocol: "lines", reply: (line: string) => line.toUpperCase() } as const;
const HANGS = { ...SHOUTS, hangs: { onMessage: 1 } } as const;
const RESTART = { restart: { after: "10s" } } as const;

async function simulated(options: Partial<SidecarOptions> = {}) {
  const spec = sidecar("w", {
    ...{ command: "w", protocol: "lines", whenGivenUp: RESTART, backoff: NO_BACKOFF } as const,
    ...options,
  });
  const sim = await simulate(supervisor("r", [spec]), { processes: { w: [HANGS, SHOUTS] } });
  const ref = sim.system.ref(spec);
  const ask = (text: string, timeout = 1_000) => ref.ask(text, { timeout }).catch((error: Error) => error);
  return { sim, ask };
}

Deno.test("a sidecar restarts when a request that was given up is not answered in time", async () => {
  const { sim, ask } = await simulated();
  await using _ = sim;
  const warnings = sim.system.events({ types: ["warning"] });
  assertInstanceOf(await sim.settled(ask("poison")), AskTimeoutError);
  await sim.advance(9_999);
  assertEquals(sim.process("w").starts, 1);
  await sim.advance(1);
  for await (const event of warnings) {
    const said = event.type === "warning" ? event.message : event.type;
    assertEquals(said, "it hangs: it owes a reply, 10000 ms after its caller gave up, and is ended");
    break;
  }
  assertEquals(sim.process("w").starts, 2);
  assertEquals(await sim.settled(ask("good")), "GOOD");
});

const SILENT = sh("cat >/dev/null");

Deno.test("an ask that times out says that nothing came on stdout when the sidecar was silent since its start", async () => {
  await using app = await launch([
    sidecar("one", { ...SILENT, protocol: "lines", stop: AT_ONCE }),
    sidecar("terminal", { ...SILENT, pty: true, protocol: "lines", stop: AT_ONCE }),
    pool("many", { ...SILENT, protocol: "lines", stop: AT_ONCE }, { size: 1 }),
  ], { report: false });
  const messageOf = async (path: string) =>
    (await failureOf(app.ref(path).ask("x", { timeout: 300 }))).message.replace(/^.* 300 ms; /, "");
  const silence = "nothing came on stdout since its start";
  assertEquals(await messageOf("one"), `${silence}; ${UNBUFFERED}`);
  assertEquals(await messageOf("many"), `${silence}; ${UNBUFFERED}`);
  assertEquals(await messageOf("terminal"), silence);
});

Deno.test("an ask that times out does not mention silence when the sidecar has answered before", async () => {
  await using probe = await Probe.start({
    ...sh("IFS= read -r l; echo $l; cat >/dev/null"),
    protocol: "lines",
  });
  assertEquals(await probe.ref.ask("one", { timeout: 60_000 }), "one");
  const { message } = await failureOf(probe.ref.ask("two", { timeout: 300 }));
  assertMatch(message, /no reply within 300 ms$/);
});

Deno.test("a message that waits behind a late reply goes to the next incarnation", async () => {
  const { sim, ask } = await simulated();
  await using _ = sim;
  await sim.settled(ask("poison"));
  const waiting = ask("patient", 60_000);
  assertInstanceOf(await sim.settled(ask("impatient")), AskTimeoutError);
  assertEquals(await sim.settled(waiting, 60_000), "PATIENT");
  assertEquals(sim.process("w").starts, 2);
});

Deno.test("a request in flight behind a hung one ends as at any death", async () => {
  const { sim, ask } = await simulated();
  await using _ = sim;
  const hung = ask("poison");
  const behind = ask("behind", 60_000);
  assertInstanceOf(await sim.settled(hung), AskTimeoutError);
  const error = await sim.settled(behind, 60_000);
  assertInstanceOf(error, IncarnationEndedError);
  assertMatch(error.message, /owes a reply, 10000 ms after its caller gave up/);
});

Deno.test("a pool of copies that hang recovers when whenGivenUp restarts them", async () => {
  const options = { command: "w", protocol: "lines", backoff: NO_BACKOFF } as const;
  for (
    const spec of [
      pool("w", options, { size: 2, whenGivenUp: RESTART }),
      pool("w", { ...options, whenGivenUp: RESTART }, { size: 2 }),
    ]
  ) {
    const processes = { "w/1": [HANGS, SHOUTS], "w/2": [HANGS, SHOUTS] };
    await using sim = await simulate(supervisor("r", [spec]), { processes });
    const ask = (text: string) =>
      sim.settled(sim.system.ref<string, string>("w").ask(text, { timeout: 1_000 }).catch((error) => error));
    assertInstanceOf(await ask("poison"), AskTimeoutError);
    assertInstanceOf(await ask("poison"), AskTimeoutError);
    assertInstanceOf(await ask("too early"), AskTimeoutError);
    await sim.advance(10_000);
    assertEquals([sim.process("w/1").starts, sim.process("w/2").starts], [2, 2]);
    assertEquals([await ask("good"), await ask("fine")], ["GOOD", "FINE"]);
  }
});

/** Answers a line after the seconds that it begins with; `never` for none. */
const WAITS = {
  ...sh('while read -r s text; do case $s in never) ;; *) sleep $s; echo "$text" ;; esac; done'),
  protocol: "lines",
  backoff: NO_BACKOFF,
  stop: AT_ONCE,
} as const;

Deno.test("a request that was given up and has no answer poisons no later one", async () => {
  await using probe = await Probe.start({ ...WAITS, whenGivenUp: { restart: { after: 100 } } });
  const ask = (text: string, timeout: number) => probe.ref.ask(text, { timeout }).catch((e: Error) => e);
  assertInstanceOf(await ask("never", 50), AskTimeoutError);
  for (const text of ["a", "b", "c"]) assertEquals(await ask(`0 ${text}`, 60_000), text);
  assertEquals(probe.ref.generation, 2);
});

Deno.test("an impatient caller costs nobody a reply when the late one comes in time", async () => {
  await using probe = await Probe.start({ ...WAITS, whenGivenUp: { restart: { after: "1m" } } });
  const ask = (text: string, timeout: number) => probe.ref.ask(text, { timeout }).catch((e: Error) => e);
  assertInstanceOf(await ask("0.2 slow", 20), AskTimeoutError);
  assertEquals(await ask("0 next", 60_000), "next");
  assertEquals([probe.ref.generation, probe.all("dead_letter").map(({ message }) => message)], [1, ["slow"]]);
});

Deno.test("an impatient caller costs nobody a reply when an older request is still worked on", async () => {
  await using probe = await Probe.start({ ...WAITS, whenGivenUp: { restart: { after: 20 } } });
  const ask = (text: string, timeout: number) => probe.ref.ask(text, { timeout }).catch((e: Error) => e);
  const long = ask("0.5 long", 60_000);
  assertInstanceOf(await ask("0 short", 50), AskTimeoutError);
  assertEquals(await long, "long");
  assertEquals(await ask("0 next", 60_000), "next");
  assertEquals(probe.ref.generation, 1);
});

for (const protocol of ["ndjson", "jsonrpc"] as const) {
  Deno.test(`${protocol}: a request that was given up restarts one that hangs`, async () => {
    const { jsonrpc } = await import("@outrider/outrider");
    await using probe = await Probe.start({
      ...sh('read -r first; echo "$first" >&2; exec sleep 60'),
      protocol: protocol === "ndjson" ? protocol : jsonrpc(),
      backoff: NO_BACKOFF,
      stop: AT_ONCE,
      whenGivenUp: { restart: { after: 50 } },
    });
    const error = await probe.ref.ask({ method: "x" }, { timeout: 20 }).catch((error: Error) => error);
    assertInstanceOf(error, AskTimeoutError);
    const { exit } = await probe.event("exited");
    assert(exit.reason === "crash" && exit.cause instanceof SidecarHungError);
  });
}

Deno.test("jsonrpc: an ask behind a hung one fails with it, or is answered with replay", async () => {
  const { jsonrpc } = await import("@outrider/outrider");
  await using folder = new Folder();
  const script = `
    [ -e been ] || { touch been; exec sleep 60; }
    while read -r line; do id=\${line#*'"id":'}; echo "{\\"id\\":\${id%%[!0-9]*},\\"result\\":\\"good\\"}"; done`;
  await using probe = await Probe.start({
    ...{ ...sh(script), cwd: folder.path, protocol: jsonrpc(), backoff: NO_BACKOFF, stop: AT_ONCE },
    whenGivenUp: { restart: { after: 50 } },
  });
  const ask = (options: AskOptions) => probe.ref.ask({ method: "x" }, options).catch((error: Error) => error);
  const [hung, behind, replayed] = await Promise.all([
    ask({ timeout: 20 }),
    ask({ timeout: 60_000 }),
    ask({ timeout: 60_000, onDeath: "replay" }),
  ]);
  assertInstanceOf(hung, AskTimeoutError);
  assert(behind instanceof IncarnationEndedError && behind.cause instanceof SidecarHungError);
  assertEquals(replayed, "good");
});

Deno.test("whenGivenUp is refused when it is no known word or has no time", () => {
  for (const whenGivenUp of ["restart", { restart: {} }, { restart: { after: -1 } }]) {
    const options = { command: "cat", protocol: "lines", whenGivenUp } as unknown as SidecarOptions;
    assertThrows(() => sidecar("a", options), OptionError, "whenGivenUp");
  }
});
