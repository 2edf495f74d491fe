/** Trees of sidecars on virtual time, as a user of the package simulates them. */

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  actor,
  IncarnationEndedError,
  type JsonValue,
  OptionError,
  sidecar,
  start,
  StartError,
  supervisor,
  type SystemEvent,
} from "@outrider/outrider";
import { buildTree, parse } from "@outrider/outrider/manifest";
import { factories } from "@outrider/outrider/actors/factories";
import {
  fakeProcess,
  NoScriptError,
  type ProcessScripts,
  simulate,
  Simulation,
} from "@outrider/outrider/testing";
import { failureOf } from "../support/probes.ts";

const MANY = { restarts: 1_000_000, within: 86_400_000 };
const echo = (message: JsonValue) => message;

const isOf =
  (path: string, type: SystemEvent["type"], generation?: number) => (event: SystemEvent): boolean =>
    event.path === path && event.type === type &&
    (generation === undefined || event.generation === generation);

Deno.test("a day of flapping: thousands of restarts, each where it has to be", async () => {
  const minutes = [1, 1.5, 2, 3, 4, 5];
  const root = supervisor(
    "root",
    minutes.map((_, at) => sidecar(`w${at}`, { command: "worker" })),
    { intensity: { restarts: 20, within: 300_000 } },
  );
  const processes = Object.fromEntries(
    minutes.map((minute, at) => [`w${at}`, { dies: { after: minute * 60_000, with: 1 } }]),
  );
  const simulation = await simulate(root, { processes });
  await simulation.advance(86_400_000);
  // Each life is long enough for its backoff to begin anew, at 200 ms.
  const expected = minutes.map((minute) => 1 + Math.floor(86_400_000 / (minute * 60_000 + 200)));
  assertEquals(minutes.map((_, at) => simulation.process(`w${at}`).starts), expected);
  const restarts = simulation.events.filter(({ type }) => type === "restarting").length;
  assertEquals(restarts, expected.reduce((sum, starts) => sum + starts - 1, 0));
  assertEquals(restarts > 3_500, true);
  await simulation.stop();
});

Deno.test("backoff grows, is capped, and is forgiven after a healthy time", async () => {
  const scripts: ProcessScripts = (life) => ({ dies: { after: life === 10 ? 60_000 : 1_000, with: 1 } });
  const root = supervisor("root", [sidecar("w", { command: "worker" })], { intensity: MANY });
  const simulation = await simulate(root, { processes: { w: scripts } });
  await simulation.until(isOf("w", "ready", 12));
  const delays = simulation.events.flatMap((event) => event.type === "restarting" ? [event.delay] : []);
  assertEquals(delays, [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 200, 400]);
  await simulation.stop();
});

Deno.test("a manifest: planted with the kinds of the real thing, played from scripts by path", async () => {
  const manifest = parse(
    JSON.stringify({
      name: "shop",
      children: [
        { id: "db", command: "db", ready: { stdout: "listening" } },
        {
          id: "workers",
          strategy: "one_for_all",
          children: [
            { id: "w1", command: "worker", protocol: "ndjson" },
            { id: "w2", command: "worker", protocol: "lines" },
          ],
        },
      ],
    }),
    { file: "shop.json" },
  );
  const simulation = await simulate(buildTree(manifest, factories), {
    processes: {
      "db": { says: [{ after: 3_000, stdout: "listening on 5432" }] },
      "workers/w1": [{ protocol: "ndjson", reply: echo, dies: { onMessage: 2, with: "SIGSEGV" } }, {
        protocol: "ndjson",
        reply: echo,
      }],
      "workers/w2": { protocol: "lines", reply: (line) => line.toUpperCase() },
    },
  });
  assertEquals(simulation.clock.now(), 3_000);
  assertEquals(await simulation.settled(simulation.ref("workers/w1").ask({ n: 1 })), { id: 1, n: 1 });
  assertEquals(await simulation.settled(simulation.ref("workers/w2").ask("hello")), "HELLO");
  const failure = await failureOf(simulation.settled(simulation.ref("workers/w1").ask({ n: 2 })));
  assertEquals(failure instanceof IncarnationEndedError, true);
  assertStringIncludes(failure.message, "SIGSEGV");
  await simulation.until(isOf("workers/w2", "ready", 2));
  assertEquals([simulation.process("db").starts, simulation.process("workers/w2").starts], [1, 2]);
  assertEquals(await simulation.settled(simulation.ref("workers/w1").ask({ n: 3 })), { id: 1, n: 3 });
  assertEquals((await simulation.stop()).reason, "shutdown");
});

Deno.test("a sidecar without a script can't be started, and no real program is", async () => {
  const root = supervisor("root", [sidecar("a", { command: "sh" }), sidecar("b", { command: "sh" })]);
  const simulation = new Simulation(root, { processes: { a: {} } });
  const error = await assertRejects(
    () => simulation.start(),
    StartError,
    "Cannot simulate 'b': 'processes' has scripts for a",
  );
  assertStringIncludes(error.message, "Cannot simulate 'b'");
  assertEquals(simulation.process("a").life.ending, 0);
  assertThrows(() => simulation.process("b"), NoScriptError);
  await simulation.stop();
});

Deno.test("a sidecar added while the tree runs is played too", async () => {
  const simulation = await simulate(supervisor("root", []), {
    processes: { late: { protocol: "lines", reply: (line) => line } },
  });
  const spec = sidecar("late", { command: "late", protocol: "lines" });
  await simulation.settled(simulation.system.startChild("/", spec));
  assertEquals(await simulation.settled(simulation.ref("late").ask("x")), "x");
  await simulation.stop();
});

Deno.test("until: counts an earlier event, and rejects when the event can no longer come", async () => {
  const root = supervisor("root", [sidecar("w", { command: "worker" })]);
  const simulation = await simulate(root, { processes: { w: { dies: { after: 1_000, with: 0 } } } });
  assertEquals((await simulation.until(isOf("w", "ready"))).generation, 1);
  await simulation.until(isOf("w", "ready", 3));
  await assertRejects(() => simulation.until(isOf("w", "ready", 99), 500), Error, "is pending after 500 ms");
  await simulation.stop();
  await assertRejects(() => simulation.until(isOf("w", "ready", 99)), Error, "everything is at rest");
});

Deno.test("a start that hangs is an error, and so is a timer that outlives the tree", async () => {
  const root = supervisor("root", [
    actor("a", () => ({ started: () => new Promise(() => {}), receive() {} }), { startWithin: "infinity" }),
  ]);
  await assertRejects(() => simulate(root), Error, "Cannot go on: everything is at rest");
  const leak = actor(
    "leak",
    () => ({ receive() {}, started: ({ clock }) => void clock.setTimeout(() => {}, 1_000) }),
  );
  const simulation = await simulate(supervisor("root", [leak]));
  await assertRejects(() => simulation.stop(), Error, "Cannot stop without a trace: 1 timers are left");
});

Deno.test("the same each time: two runs tell the same events at the same times", async () => {
  const run = async () => {
    let seed = 7;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const children = [1, 2, 3].map((n) => sidecar(`w${n}`, { command: "w" }));
    const root = supervisor("root", children, { strategy: "rest_for_one", intensity: MANY });
    const processes = Object.fromEntries(
      [1, 2, 3].map((n) => [`w${n}`, { dies: { after: 700 * n, with: n } }]),
    );
    const simulation = await simulate(root, { processes, random });
    await simulation.advance(600_000);
    await simulation.stop();
    return simulation.events.map(({ at, path, generation, type }) => `${at} ${path}#${generation} ${type}`);
  };
  const [first, second] = [await run(), await run()];
  assertEquals(first.length > 100, true);
  assertEquals(first, second);
});

Deno.test("simulate and start put a bare child, or a list, below a supervisor, as launch does", async () => {
  const processes = { w: { protocol: "lines", reply: (line: string) => line } } as const;
  const worker = sidecar("w", { command: "worker", protocol: "lines" });
  await using one = await simulate(worker, { processes });
  one.process("w").life.die(1);
  await one.until(isOf("w", "ready", 2)); // it has a supervisor, which restarts it
  assertEquals(await one.settled(one.system.ref(worker).ask("hello")), "hello");
  const double = actor("double", () => ({ receive: (n: number) => 2 * n }));
  await using several = await simulate([worker, double], { processes });
  assertEquals(several.status().map(({ path }) => path), ["w", "double"]);
  await using system = await start(double);
  assertEquals(await system.ref(double).ask(2), 4);
  await using both = await start([double, actor("other", () => ({ receive() {} }))]);
  assertEquals(both.status().map(({ path }) => path), ["double", "other"]);
  const root = supervisor("root", [double]);
  await using own = await start(root);
  assertEquals(own.status().map(({ path }) => path), ["double"]); // a supervisor stays the root
});

Deno.test("a script with a misspelt key, or a value that it can't have, is refused with the nearest word", async () => {
  const of = (script: object) => () => simulate(supervisor("root", []), { processes: { w: script } });
  const wrong: readonly (readonly [object, string, string])[] = [
    [{ dise: { after: 1 } }, "processes.w.dise", 'did you mean "dies"?'],
    [[{}, { protocl: "lines" }], "processes.w[1].protocl", 'did you mean "protocol"?'],
    [{ protocol: "line" }, "processes.w.protocol", 'did you mean "lines"?'],
    [{ dies: { with: 1 } }, "processes.w.dies", 'needs "after" or "onMessage"'],
    [{ dies: { after: 1, onMessage: 1 } }, "processes.w.dies", "only one of them can be"],
    [{ says: [{ after: 1, stdot: "x" }] }, "processes.w.says[0].stdot", 'did you mean "stdout"?'],
    [{ signals: { SIGTREM: "ignore" } }, "processes.w.signals.SIGTREM", 'did you mean "SIGTERM"?'],
    [{ signals: { SIGTERM: "ignored" } }, "processes.w.signals.SIGTERM", 'did you mean "ignore"?'],
    [{ onEof: 256 }, "processes.w.onEof", "must be 255 or less, got 256"],
    [{ reply: () => "x" }, "processes.w.reply", 'needs "protocol"'],
  ];
  for (const [script, path, says] of wrong) {
    const error = await assertRejects(of(script), OptionError, says);
    assertEquals(error.path, path);
  }
  assertThrows(() => fakeProcess({ tekes: 1 } as never), OptionError, 'did you mean "takes"?');
  const late = fakeProcess(() => ({ tekes: 1 }) as never); // what a function makes is known when it makes it
  assertThrows(
    () => late.spawn({ program: "w", args: [], env: {}, inheritEnv: [] } as never),
    OptionError,
    "takes",
  );
});
