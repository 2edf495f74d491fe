/** A tree as the business of a whole process: how it ends, and how it came out. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { SystemEvent } from "../../src/events.ts";
import { LaunchedTree, type TreeParts } from "../../src/launch/app.ts";
import type { AppOptions, Outcome } from "../../src/launch/options.ts";
import { actor, type ChildSpec } from "../../src/supervision/child_spec.ts";
import { supervisor } from "../../src/supervision/supervisor_spec.ts";
import { fake, Gate } from "../support/probes.ts";

const boom = { reason: "crash", cause: new Error("boom") } as const;

/** Runs a tree to its end, as a program that does nothing besides. */
function run(
  root: ChildSpec,
  options: AppOptions & TreeParts = {},
): { app: LaunchedTree; outcome: Promise<Outcome> } {
  const app = new LaunchedTree(root, { onSignal: "stop", stopWhenFinished: true, ...options });
  const outcome = app.start().catch(() => {}).then(() => app.outcome); // what a start failed of is told by it
  return { app, outcome };
}

/** Runs a tree and tells when an event of a kind came; all of them are kept. */
function running(
  children: readonly ChildSpec[],
  { restarts = 5, ...options }: AppOptions & { restarts?: number } = {},
) {
  const events: SystemEvent[] = [];
  const seen = new Map<string, PromiseWithResolvers<void>>();
  const moment = (name: string) => {
    if (!seen.has(name)) seen.set(name, Promise.withResolvers());
    return seen.get(name)!;
  };
  const report = async (source: AsyncIterable<SystemEvent>) => {
    for await (const event of source) {
      events.push(event);
      moment(`${event.path} ${event.type}`).resolve();
    }
  };
  const root = supervisor("root", children, { intensity: { restarts, within: 60_000 } });
  return { ...run(root, { ...options, report }), events, until: (name: string) => moment(name).promise };
}

Deno.test("an abort stops the tree, and the report gets every event before the run returns", async () => {
  const journal: string[] = [];
  const control = new AbortController();
  const { outcome, events, until } = running([fake("a", journal).spec, fake("b", journal).spec], {
    signal: control.signal,
  });
  await until("/ ready");
  control.abort();
  assertEquals(await outcome, { how: "stopped" });
  assertEquals(journal, ["start a", "start b", "stop b", "stop a"]);
  assertEquals([events[0]?.type, events.at(-1)?.type, events.at(-1)?.path], ["starting", "stopped", "/"]);
});

Deno.test("a signal that has aborted already starts nothing", async () => {
  const journal: string[] = [];
  const { outcome } = running([fake("a", journal).spec], { signal: AbortSignal.abort() });
  assertEquals(await outcome, { how: "stopped" });
  assertEquals(journal, []);
});

Deno.test("after its time the tree is stopped, even if it is still starting", async () => {
  for (const outcomes of [["ok"], ["never"]] as const) {
    const journal: string[] = [];
    const { outcome } = running([fake("a", journal, { outcomes }).spec], { runFor: 5 });
    assertEquals(await outcome, { how: "stopped" });
    assertEquals(journal, ["start a", "stop a"]);
  }
});

Deno.test("a tree in which everything has ended for good is finished", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { restart: "temporary" });
  const b = fake("b", journal, { restart: "transient" });
  const { outcome, until } = running([a.spec, supervisor("team", [b.spec])]);
  await until("/ ready");
  a.life.crash();
  await until("a finished");
  b.life.end({ reason: "normal" });
  assertEquals(await outcome, { how: "finished" });
});

Deno.test("a tree has failed, not finished, when its last child cannot be restarted", async () => {
  const gone = Object.assign(new Error("no such program"), { death: { kind: "unstartable" } });
  let starts = 0;
  const a = actor<void>("a", () => ({
    started: () => ++starts === 1 ? Promise.resolve() : Promise.reject(gone),
    receive: () => Promise.reject(new Error("boom")),
  }));
  const b = fake("b", [], { restart: "temporary", outcomes: ["ignore"] });
  const { app, outcome, until } = running([a, b.spec]);
  await until("/ ready");
  void app.ref("a").tell(undefined);
  assertEquals(await outcome, { how: "start_failed", cause: gone });
});

Deno.test("a tree in which there was nothing to start is finished", async () => {
  const { outcome } = running([fake("a", [], { outcomes: ["ignore"] }).spec]);
  assertEquals(await outcome, { how: "finished" });
});

Deno.test("a child that on its restart has nothing to do finishes the tree", async () => {
  const a = fake("a", [], { outcomes: ["ok", "ignore"] });
  const { outcome, until } = running([a.spec]);
  await until("/ ready");
  a.life.crash();
  assertEquals(await outcome, { how: "finished" });
});

Deno.test("a tree is not finished while there is something to start, be it its first start or a restart", async () => {
  const control = new AbortController();
  const idle = fake("idle", [], { outcomes: ["ignore", "ignore"] });
  const x = fake("x", []);
  const team = supervisor("team", [idle.spec, x.spec], { intensity: { restarts: 0, within: 1 } });
  const { outcome, events, until } = running([team], { signal: control.signal });
  await until("/ ready");
  x.life.crash();
  await until("team restarting");
  const readies = () => events.filter(({ path, type }) => path === "team" && type === "ready").length;
  while (readies() < 2) await new Promise((resolve) => setTimeout(resolve));
  control.abort();
  assertEquals(await outcome, { how: "stopped" });
});

Deno.test("a supervisor that on its restart has nothing to start finishes the tree", async () => {
  const x = fake("x", [], { outcomes: ["ok", "ignore"] });
  const { outcome, until } = running([
    supervisor("team", [x.spec], { intensity: { restarts: 0, within: 1 } }),
  ]);
  await until("/ ready");
  x.life.crash();
  assertEquals(await outcome, { how: "finished" });
});

Deno.test("a start that fails, and a tree that gives up, tell their cause", async () => {
  const failed = await running([fake("a", [], { outcomes: [new Error("no luck")] }).spec]).outcome;
  assert(failed.how === "start_failed");
  assertEquals(failed.cause.message, "Cannot start 'a': no luck");
  const a = fake("a", []);
  const { outcome, until } = running([a.spec], { restarts: 0 });
  await until("/ ready");
  a.life.end(boom);
  const gaveUp = await outcome;
  assert(gaveUp.how === "gave_up");
  assertEquals((gaveUp.cause.cause as Error).message, "boom");
});

Deno.test("a tree that does not stop in time is ended by force", async () => {
  const journal: string[] = [];
  const control = new AbortController();
  const stubborn = fake("a", journal, { hangs: true, shutdown: "infinity" });
  const { outcome, until } = running([stubborn.spec], { signal: control.signal, stopDeadline: 5 });
  await until("/ ready");
  control.abort();
  const ended = await outcome;
  assert(ended.how === "overdue");
  assertEquals(ended.cause.message, "Cannot wait any longer for a: the stop had 5 ms");
  assertEquals(journal, ["start a", "stop a", "kill a"]);
});

Deno.test(
  "a first signal stops gracefully, a second one by force",
  { ignore: Deno.build.os === "windows" },
  async () => {
    // A signal is for a whole process, and other tests run in this one.
    const path = (relative: string) => new URL(relative, import.meta.url).pathname;
    const map = `--import-map=${path("../support/npm/import_map.json")}`;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", map, "--allow-run", path("../fixtures/signals_itself.ts")],
    }).output();
    const text = new TextDecoder();
    assertEquals(text.decode(stderr), "");
    assertEquals(JSON.parse(text.decode(stdout)), {
      outcome: { how: "forced" },
      journal: ["start a", "start b", "stop b", "stop a", "kill a"],
    });
  },
);

Deno.test("a report that fails does not touch the tree, and fails the run once that has ended", async () => {
  const journal: string[] = [];
  const stopped = new Gate();
  const control = new AbortController();
  const { outcome } = run(supervisor("root", [fake("a", journal).spec]), {
    signal: control.signal,
    report: async (events) => {
      for await (const event of events) {
        if (event.path !== "/" || event.type !== "ready") continue;
        stopped.open();
        throw new Error("no paper");
      }
    },
  });
  await stopped.passed;
  // Deno looks for rejections that nobody handles between two turns of the event loop.
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(journal, ["start a"]);
  control.abort();
  await assertRejects(() => outcome, Error, "no paper");
  assertEquals(journal, ["start a", "stop a"]);
});

Deno.test("a report that stalls holds up the end for a second at most", async () => {
  const never = new Gate();
  const { outcome } = run(supervisor("root", [fake("a", [], { outcomes: ["ignore"] }).spec]), {
    report: () => never.passed,
  });
  assertEquals(await outcome, { how: "finished" });
});

Deno.test("the root may be a single actor", async () => {
  const control = new AbortController();
  const { outcome } = run(
    actor("one", () => ({ receive: () => {}, started: () => control.abort() })),
    {
      signal: control.signal,
    },
  );
  assertEquals(await outcome, { how: "stopped" });
});
