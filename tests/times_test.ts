/** Times that users hand in: any number of milliseconds from 0, and `Infinity`; nothing else. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { filter } from "../actors/filter/filter.ts";
import { pool, replaceAll } from "../actors/pool/pool.ts";
import {
  actor,
  AskTimeoutError,
  dynamicSupervisor,
  launch,
  NO_BACKOFF,
  OptionError,
  sidecar,
  start,
  StartError,
  supervisor,
  type SupervisorOptions,
  type System,
  type SystemEvent,
} from "@outrider/outrider";
import { ticker } from "../actors/ticker.ts";
import { buildTree, parse } from "@outrider/outrider/manifest";
import { control } from "@outrider/outrider/control";
import { DEFAULT_SHUTDOWN_MS } from "../src/supervision/child_spec.ts";
import { sleep } from "@outrider/outrider/actor";
import { factories } from "../actors/factories.ts";
import { simulate, Simulation, VirtualClock } from "../src/testing/mod.ts";

const DAY = 86_400_000;
const LONG = 30 * DAY;
const cat = { command: "cat", protocol: "lines" } as const;
const echo = () => ({ receive: (message: unknown) => message });

// --- Long times, and Infinity -------------------------------------------------------

for (const runFor of [Infinity, 2 ** 31, LONG]) {
  Deno.test(`launch goes on until it is stopped when runFor is ${runFor}`, async () => {
    const control = new AbortController();
    const app = await launch(sidecar("c", cat), { runFor, signal: control.signal });
    await ask(app).finally(() => control.abort());
    assertEquals(await app.outcome, { how: "stopped" });
  });
}

/** An answer takes more turns of the event loop than a timer that fires at once. */
async function ask(system: System): Promise<void> {
  for (const word of ["one", "two", "three"]) assertEquals(await system.ref("c").ask(word), word);
}

Deno.test("launch ends nothing by force when stopDeadline is Infinity", async () => {
  const control = new AbortController();
  const saves = sidecar("c", {
    command: "sh",
    args: ["-c", "read -r line; echo $line; cat >/dev/null; sleep 0.3; echo saved >&2"],
    protocol: "lines",
    stop: { drain: 0, stdin: 60_000, term: 60_000 },
  });
  const app = await launch(saves, { stopDeadline: Infinity, signal: control.signal });
  const events = Array.fromAsync(app.events({ types: ["output", "stop_step"] }));
  assertEquals(await app.ref(saves).ask("up"), "up");
  control.abort();
  await app.outcome;
  const told = (await events).flatMap((event) =>
    event.type === "stop_step" ? [event.step] : event.type === "output" ? [event.line] : []
  );
  assertEquals(told, ["drain", "close_stdin", "saved"]);
});

for (const within of [Infinity, LONG]) {
  Deno.test(`a sidecar gets ready in its own time when ready.within is ${within}`, async () => {
    const slow = sidecar("c", { ...cat, ready: { stderr: "up", within } });
    const tree = new Simulation(supervisor("root", [slow]), {
      processes: { c: { protocol: "lines", says: [{ after: 25 * DAY, stderr: "up" }] } },
    });
    await tree.clock.until(tree.system.start(), LONG);
    assertEquals([tree.clock.now(), tree.status()[0]?.state], [25 * DAY, "running"]);
    await tree.stop();
  });
}

Deno.test("a child in quarantine is started again after 30 days when coolDown is 30 days", async () => {
  const tree = await failing({ quarantine: { coolDown: LONG } });
  await tree.until(isQuarantined);
  const { starts } = tree.process("c");
  await tree.advance(LONG - 1_000);
  assertEquals(tree.process("c").starts, starts);
  await tree.advance(1_000);
  assert(tree.process("c").starts > starts, "it was not started again");
  await tree.stop();
});

Deno.test("a child in quarantine stays there, and the event says no time, when coolDown is Infinity", async () => {
  const tree = await failing({ quarantine: { coolDown: Infinity } });
  const event = await tree.until(isQuarantined);
  assertEquals(event.type === "quarantined" && event.coolDown, undefined);
  const { starts } = tree.process("c");
  await tree.advance(2 * LONG);
  assertEquals([tree.process("c").starts, tree.status()[0]?.state], [starts, "quarantined"]);
  await tree.stop();
});

const isQuarantined = ({ type }: SystemEvent) => type === "quarantined";

/** A tree of one sidecar that ends at once, each time. */
function failing(onLimit: SupervisorOptions["onLimit"]): Promise<Simulation> {
  const c = sidecar("c", { ...cat, backoff: NO_BACKOFF });
  return simulate(supervisor("root", [c], { intensity: { restarts: 2, within: Infinity }, onLimit }), {
    processes: { c: { protocol: "lines", dies: { after: 10, with: 1 } } },
  });
}

Deno.test("a stop waits for messages in flight and for the exit when its times are Infinity", async () => {
  for (const long of ["drain", "stdin", "term"] as const) {
    const stop = { drain: 0, stdin: 0, term: 0, [long]: Infinity };
    const tree = await simulate(supervisor("root", [sidecar("c", { ...cat, stop })]), {
      processes: {
        c: {
          protocol: "lines",
          takes: 25 * DAY,
          reply: (line) => line,
          onEof: long === "stdin" ? 0 : "ignore",
          signals: { SIGTERM: { after: 25 * DAY, with: 0 } },
        },
      },
    });
    const asked = tree.ref("c").ask("last", { timeout: Infinity }).catch((error: Error) => error.name);
    await tree.advance(1);
    await tree.clock.until(tree.system.stop(), 60 * DAY);
    assert(tree.clock.now() >= 25 * DAY, `${long}: it was over after ${tree.clock.now()} ms`);
    assertEquals(await asked, "last", long);
    await tree.stop();
  }
});

Deno.test("an actor is given 30 days to stop when its shutdown says so", async () => {
  const slow = actor("a", () => ({ receive() {}, stopped: (_, { clock }) => sleep(clock, 25 * DAY) }), {
    shutdown: LONG,
  });
  const tree = await simulate(supervisor("root", [slow]));
  await tree.clock.until(tree.system.stop(), LONG);
  assertEquals(tree.clock.now(), 25 * DAY);
  await tree.stop();
});

for (const shutdown of ["infinity", Infinity] as const) {
  Deno.test(`a start that takes too long is ended by force when its shutdown is ${shutdown}`, async () => {
    const hangs = () => ({ receive() {}, started: () => new Promise<void>(() => {}) });
    const tree = new Simulation(supervisor("root", [actor("a", hangs, { startWithin: 10, shutdown })]));
    await assertRejects(() => tree.start(), StartError, "it was not ready within 10 ms");
    assert(tree.clock.now() <= DEFAULT_SHUTDOWN_MS + 1_000);
    await tree.stop();
  });
}

Deno.test("a pool keeps an idle copy for 30 days when shrinkAfter is 30 days", async () => {
  const workers = pool("w", cat, { min: 1, max: 2, grow: { queued: 1 }, shrinkAfter: LONG });
  const script = { protocol: "lines", takes: 1_000, reply: (line: string) => line } as const;
  const tree = await simulate(supervisor("root", [workers]), { processes: { "w/1": script, "w/2": script } });
  await tree.settled(Promise.all(["a", "b", "c", "d"].map((line) => tree.ref("w").ask(line))));
  await tree.advance(LONG - 60_000);
  assertEquals(tree.system.whichChildren("w").length, 2);
  await tree.advance(120_000);
  assertEquals(tree.system.whichChildren("w").length, 1);
  await tree.stop();
});

Deno.test("a ticker ticks every 30 days, and never when every is Infinity", async () => {
  for (const [every, ticks] of [[LONG, 2], [Infinity, 0]] as const) {
    let seen = 0;
    const to = actor("to", () => ({ receive: () => void seen++ }));
    const tree = await simulate(supervisor("root", [to, ticker("t", { to: "to", every })]));
    await tree.advance(2.5 * LONG);
    assertEquals(seen, ticks);
    await tree.stop();
  }
});

Deno.test("a probe waits 30 days when its initialDelay is 30 days", async () => {
  let checks = 0;
  const probed = sidecar("c", { ...cat, probes: { liveness: { ping: "?", initialDelay: LONG } } });
  const tree = await simulate(supervisor("root", [probed]), {
    processes: { c: { protocol: "lines", reply: (line) => (checks++, line) } },
  });
  await tree.advance(LONG - 1_000);
  assertEquals(checks, 0);
  await tree.advance(60_000);
  assert(checks > 0);
  await tree.stop();
});

Deno.test("an ask waits 30 days when its timeout is 30 days", async () => {
  const tree = await simulate(
    supervisor("root", [actor("a", () => ({ receive: () => new Promise(() => {}) }))]),
  );
  const asked = tree.ref("a").ask("?", { timeout: LONG });
  await assertRejects(() => tree.clock.until(asked, 2 * LONG), AskTimeoutError);
  assert(tree.clock.now() >= LONG && tree.clock.now() <= LONG * 33 / 32);
  await tree.stop();
});

Deno.test("a manifest takes a duration of any length", async () => {
  const manifest = parse(
    JSON.stringify({
      name: "long",
      onStartFailure: "rollback",
      intensity: { restarts: 2, within: "1000h" },
      onLimit: { quarantine: { coolDown: "720h" } },
      children: [{
        id: "c",
        command: "cat",
        backoff: { initial: 0 },
        stop: { term: 2 ** 31 },
        ready: { stderr: "up", within: "720h" },
        probes: { liveness: { command: ["true"], period: "1000h" } },
      }],
    }),
    { file: "long.json" },
  );
  const tree = new Simulation(buildTree(manifest, factories), {
    processes: { c: { says: [{ after: 25 * DAY, stderr: "up" }] } },
  });
  await tree.clock.until(tree.system.start(), LONG);
  assertEquals(tree.clock.now(), 25 * DAY);
  await tree.stop();
});

// --- What is refused ----------------------------------------------------------------

/** What takes a time, by name: whatever it makes of one, or throws. */
const TAKERS: Readonly<Record<string, (ms: number) => unknown>> = {
  "runFor": (runFor) => launch(supervisor("root", []), { runFor }),
  "stopDeadline": (stopDeadline) => launch(supervisor("root", []), { stopDeadline }),
  "startWithin": (startWithin) => actor("a", echo, { startWithin }),
  "shutdown": (shutdown) => actor("a", echo, { shutdown }),
  "backoff.initial": (initial) => actor("a", echo, { backoff: { ...NO_BACKOFF, initial } }),
  "backoff.max": (max) => actor("a", echo, { backoff: { ...NO_BACKOFF, max } }),
  "backoff.resetAfter": (resetAfter) => actor("a", echo, { backoff: { ...NO_BACKOFF, resetAfter } }),
  "rules.tallies": (within) => actor("a", echo, { rules: { tallies: [{ of: [1], deaths: 2, within }] } }),
  "intensity.within": (within) => supervisor("s", [], { intensity: { restarts: 1, within } }),
  "coolDown": (coolDown) => dynamicSupervisor("s", { onLimit: { quarantine: { coolDown } } }),
  "ready.within": (within) => sidecar("c", { ...cat, ready: { stderr: "up", within } }),
  "stop.drain": (drain) => sidecar("c", { ...cat, stop: { drain, stdin: 0, term: 0 } }),
  "stop.goodbye": (goodbye) => sidecar("c", { ...cat, stop: { drain: 0, goodbye, stdin: 0, term: 0 } }),
  "stop.stdin": (stdin) => sidecar("c", { ...cat, stop: { drain: 0, stdin, term: 0 } }),
  "stop.term": (term) => sidecar("c", { ...cat, stop: { drain: 0, stdin: 0, term } }),
  "limits.for": (lasting) => sidecar("c", { ...cat, limits: { memory: 1, for: lasting } }),
  "probe.initialDelay": (initialDelay) =>
    sidecar("c", { ...cat, probes: { liveness: { ping: "?", initialDelay } } }),
  "probe.period": (period) => sidecar("c", { ...cat, probes: { liveness: { ping: "?", period } } }),
  "probe.timeout": (timeout) => sidecar("c", { ...cat, probes: { liveness: { ping: "?", timeout } } }),
  "shrinkAfter": (shrinkAfter) => pool("w", cat, { min: 1, max: 2, shrinkAfter }),
  "grow.waited": (waited) => pool("w", cat, { min: 1, max: 2, grow: { waited } }),
  "pool.coolDown": (coolDown) => pool("w", cat, { size: 1, onLimit: { quarantine: { coolDown } } }),
  "every": (every) => ticker("t", { to: "a", every }),
  "jitter": (jitter) => ticker("t", { to: "a", every: 1_000, jitter }),
  "ticker.timeout": (timeout) => ticker("t", { to: "a", every: 1_000, timeout }),
  "filter.drain": (drain) => filter("f", { command: "cat", stop: { drain, term: 0 } }),
  "filter.term": (term) => filter("f", { command: "cat", stop: { drain: 0, term } }),
  "control.timeout": (timeout) => control("/nowhere/app.sock", { method: "status" }, { timeout }),
};

for (const [name, take] of Object.entries(TAKERS)) {
  Deno.test(`${name} refuses values that are not a time`, async () => {
    for (const ms of [-1, NaN, -Infinity, "100", null, {}, 5n] as unknown as number[]) {
      await assertRejects(async () => await take(ms), OptionError, undefined, `it took ${String(ms)}`);
    }
  });
}

Deno.test("an ask and a replacement refuse values that are not a time, and send nothing", async () => {
  let handled = 0;
  const a = actor("a", () => ({ receive: () => void handled++ }));
  await using system = await start(supervisor("root", [a, pool("w", () => actor("1", echo), { size: 1 })]));
  for (const ms of [-1, NaN, -Infinity, "100", null, {}, 5n] as unknown as number[]) {
    await assertRejects(() => system.ref("a").ask("?", { timeout: ms }), OptionError);
    await assertRejects(() => replaceAll(system.ref("w"), { drain: ms }), OptionError);
  }
  assertEquals(handled, 0);
});

Deno.test("an ask gives up at once when its timeout is 0, unless it is answered at once", async () => {
  const never = actor("never", () => ({ receive: () => new Promise<void>(() => {}) }), { shutdown: 0 });
  await using system = await start(supervisor("root", [never, actor("echo", echo)]));
  await assertRejects(() => system.ref("never").ask("?", { timeout: 0 }), AskTimeoutError);
  assertEquals(await system.ref("echo").ask("!", { timeout: 0 }), "!");
});

Deno.test("virtual time refuses to pass for ever, or backwards", async () => {
  const clock = new VirtualClock();
  for (const ms of [Infinity, -1, NaN, "5" as never]) {
    await assertRejects(() => clock.advance(ms), OptionError);
  }
  for (const ms of [-1, NaN, "5" as never]) await assertRejects(() => clock.runAll(ms), OptionError);
  assertEquals(clock.now(), 0);
});
