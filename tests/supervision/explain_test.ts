/** What explain says is what a real supervisor then does. */
import { assert, assertEquals } from "@std/assert";
import type { DeathCause } from "../../src/actor/exit.ts";
import type { SystemEvent } from "../../src/events.ts";
import type { ChildSpec } from "../../src/supervision/child_spec.ts";
import type { Explanation, Step } from "../../src/supervision/explain/explanation.ts";
import { explain } from "../../src/supervision/explain/explain.ts";
import { supervisor, type SupervisorOptions } from "../../src/supervision/supervisor_spec.ts";
import type { Strategy } from "../../src/supervision/restart/strategy.ts";
import {
  type RestartRules,
  RESTARTS,
  type RestartType,
} from "../../src/supervision/restart/restart_rules.ts";
import { type Fake, fake, type Outcome, Tree } from "../support/probes.ts";

const strategies: readonly Strategy[] = ["one_for_one", "one_for_all", "rest_for_one"];
const slow = { initial: 100, factor: 2, max: 10_000, jitter: 0.5, resetAfter: 60_000 };

/** A failure that says what it died of. */
class Failure extends Error {
  readonly death: DeathCause;

  constructor(death: DeathCause) {
    super("boom");
    this.death = death;
  }
}

interface Case {
  readonly death: DeathCause;
  readonly times: number;
  /** The supervisor `s` that b is under. */
  readonly options: SupervisorOptions;
  readonly b?: Partial<ChildSpec> | undefined;
  /** Of the siblings of b. */
  readonly c?: Partial<ChildSpec> | undefined;
  /** The root's own. */
  readonly root?: SupervisorOptions | undefined;
}

/** `x` and, under a supervisor `s`, `a`, `b` and `c`. Failed starts are those of b's restarts. */
function plant({ options, b = {}, c = {}, root }: Case, outcomes: readonly Outcome[]): {
  spec: ChildSpec;
  target: Fake;
} {
  const journal: string[] = [];
  const target = fake("b", journal, { outcomes });
  const s = supervisor("s", [
    fake("a", journal).spec,
    { ...target.spec, ...b },
    { ...fake("c", journal).spec, ...c },
  ], options);
  return { spec: supervisor("root", [fake("x", journal).spec, s], root), target };
}

const lineOf = (step: Step) => step.do === "wait" ? "wait" : `${step.do} ${step.path}`;

/** What happened, in the words of a step. */
function told(events: readonly SystemEvent[]): string[] {
  return events.flatMap(({ type, path }) =>
    type === "stopped" ? [`stop ${path}`] : type === "starting" ? [`start ${path}`] : []
  );
}

/** Has b die so often for real, and holds the last time against what was said of it. */
async function holds(one: Case): Promise<void> {
  const { death, times } = one;
  const explained = explain(plant(one, []).spec, "s/b", { death, times })!;
  const { failedStart, nth, decisions } = explained;
  const label = `${JSON.stringify(one)} ${JSON.stringify(explained)}`;
  const failures = Array<Outcome>(failedStart ? nth : 0).fill(new Failure(death));
  const { spec, target } = plant(one, ["ok", ...failures]);
  const tree = await Tree.start(spec);
  const { events } = tree.log;
  /** Lets pass the wait before the next start, and no more: that of a restart, or a cool-down. */
  const pass = async () => {
    const last = events.findLast(({ type }) => type === "restarting" || type === "quarantined");
    if (last?.type === "restarting") await tree.clock.advance(last.delay);
    else if (last?.type === "quarantined") await tree.clock.advance(last.coolDown ?? 0);
    await tree.settle();
  };
  let before = 0;
  const failed = () => events.filter(({ type, path }) => type === "start_failed" && path === "s/b").length;
  if (failedStart) target.life.crash();
  for (let death = 1; death <= nth; death++) {
    await tree.settle();
    if (!failedStart && death > 1) await pass();
    while (failedStart && failed() < death) await pass();
    before = events.findLastIndex(({ type, path }) => type === "start_failed" && path === "s/b");
    if (failedStart) continue;
    before = events.length;
    target.life.end(
      one.death.kind === "completed"
        ? { reason: "normal" }
        : { reason: "crash", cause: new Failure(one.death) },
    );
  }
  await tree.settle();
  const steps = decisions.flatMap(({ steps }) => steps.map(lineOf));
  const wait = steps.indexOf("wait");
  if (wait >= 0) assertEquals(told(events.slice(before)), steps.slice(0, wait), label);
  check(explained, events.slice(before), label);
  await pass();
  assertEquals(told(events.slice(before)), steps.filter((line) => line !== "wait"), label);
  const ended = decisions.some(({ supervisor, outcome }) =>
    supervisor === "/" && (outcome === "give_up" || outcome === "shut_down")
  );
  assertEquals(ended ? false : tree.system.active, explained.active, label);
  await tree.stop();
}

/** The decisions are those that the events tell of. */
function check({ decisions }: Explanation, events: readonly SystemEvent[], label: string): void {
  for (const { path, supervisor, outcome, nth, intensity, coolDown, ruling } of decisions) {
    const of = (at: string, type: SystemEvent["type"]) =>
      events.find((event) => event.path === at && event.type === type);
    const restarting = of(path, "restarting");
    assertEquals(restarting !== undefined, outcome === "restart", label);
    if (restarting?.type === "restarting") {
      assertEquals([restarting.restart, restarting.limit], [nth, intensity.restarts], label);
    }
    assertEquals(of(supervisor, "gave_up") !== undefined, outcome === "give_up", label);
    const quarantined = of(path, "quarantined");
    assertEquals(quarantined !== undefined, outcome === "quarantine", label);
    if (quarantined?.type === "quarantined") assertEquals(quarantined.coolDown, coolDown, label);
    const finished = of(path, "finished");
    assertEquals(finished !== undefined, ruling.verdict !== "restart", label);
    if (finished?.type === "finished") assertEquals(finished.verdict, ruling.verdict, label);
  }
}

const exits: readonly DeathCause[] = [
  { kind: "completed", code: 0 },
  { kind: "exit_code", code: 1 },
  { kind: "signal", signal: "SIGKILL" },
  { kind: "exception" },
  { kind: "unhealthy" },
  { kind: "over_limit" },
  { kind: "protocol" },
];
const failures: readonly DeathCause[] = [{ kind: "not_ready" }, { kind: "unstartable" }];
const intensity = { restarts: 3, within: 60_000 };
const limits: readonly SupervisorOptions["onLimit"][] = [
  "escalate",
  { quarantine: {} },
  { quarantine: { coolDown: 5_000 } },
];

for (const strategy of strategies) {
  Deno.test(`${strategy}: what explain says of any death is what then happens`, async () => {
    for (const restart of Object.keys(RESTARTS) as RestartType[]) {
      for (const death of exits) {
        await holds({ death, times: 2, options: { strategy, intensity }, b: { restart } });
      }
    }
  });

  Deno.test(`${strategy}: so it is at the limit and beyond, with and without backoff`, async () => {
    for (const onLimit of limits) {
      for (const backoff of [undefined, slow]) {
        for (let times = 1; times <= 10; times++) {
          const b = backoff && { backoff };
          await holds({ death: exits[1]!, times, options: { strategy, intensity, onLimit }, b });
        }
      }
    }
  });

  Deno.test(`${strategy}: so it is where a restart fails`, async () => {
    for (const onLimit of limits) {
      for (const death of failures) {
        for (let times = 1; times <= 5; times++) {
          await holds({ death, times, options: { strategy, intensity, onLimit }, b: { backoff: slow } });
          await holds({ death, times, options: { strategy, intensity, onLimit } });
        }
      }
    }
  });

  Deno.test(`${strategy}: so it is with a temporary sibling, and where the root's group is restarted`, async () => {
    for (let times = 1; times <= 12; times++) {
      const options = { strategy, intensity: { restarts: 1, within: 1_000 } };
      await holds({ death: exits[2]!, times, options, c: { restart: "temporary" }, root: { strategy } });
    }
  });

  Deno.test(`${strategy}: so it is with significant children`, async () => {
    for (const autoShutdown of ["any_significant", "all_significant"] as const) {
      for (const c of [{}, { restart: "transient", significant: true }] as const) {
        for (const restart of ["permanent", "transient", "temporary"] as const) {
          const options = { strategy, autoShutdown, restart };
          const b = { restart: "transient", significant: true } as const;
          for (const death of [exits[0]!, ...failures]) await holds({ death, times: 3, options, b, c });
        }
      }
    }
  });

  Deno.test(`${strategy}: so it is with rules by exit code and signal`, async () => {
    const rules: RestartRules = {
      prevent: [7],
      force: [0, "SIGKILL"],
      tallies: [{ of: [1], deaths: 3, within: 10_000 }],
    };
    for (const restart of ["permanent", "temporary", "on-watchdog"] as const) {
      for (const death of [...exits, { kind: "exit_code", code: 7 } as const]) {
        for (let times = 1; times <= 4; times++) {
          await holds({ death, times, options: { strategy }, b: { restart, rules, backoff: slow } });
        }
      }
    }
  });
}

Deno.test("who dies more often than it can is explained as far as it goes", () => {
  const one: Case = {
    death: { kind: "exception" },
    times: 9,
    options: { intensity },
    root: { intensity: { restarts: 0, within: 1 } },
  };
  const { nth, decisions, active } = explain(plant(one, []).spec, "s/b", one)!;
  assertEquals([nth, decisions.map(({ outcome }) => outcome), active], [4, ["give_up", "give_up"], false]);
});

Deno.test("of a path where there is no child there is nothing to explain", () => {
  const { spec } = plant({ death: { kind: "exception" }, times: 1, options: {} }, []);
  for (const path of ["/", "b", "s/d", ""]) {
    assertEquals(explain(spec, path, { death: { kind: "exception" } }), undefined, path);
  }
});

Deno.test("the ruling says which rule, and a full tally which", () => {
  const tally = { of: [78], deaths: 2, within: 60_000 };
  const b: Partial<ChildSpec> = {
    rules: { prevent: [1], force: [0], tallies: [tally] },
    restart: "on-abort",
  };
  const by = (death: DeathCause, times = 1) => {
    const { spec } = plant({ death, times, options: {}, b }, []);
    return explain(spec, "s/b", { death, times })?.decisions[0]?.ruling;
  };
  assertEquals(by({ kind: "exit_code", code: 1 }), { verdict: "keep", by: "prevent" });
  assertEquals(by({ kind: "completed", code: 0 }), { verdict: "restart", by: "force" });
  assertEquals(by({ kind: "exception" }), { verdict: "restart", by: "restart" });
  assertEquals(by({ kind: "exit_code", code: 2 }), { verdict: "keep", by: "restart" });
  assertEquals(by({ kind: "unstartable" }), { verdict: "keep", by: "unstartable" });
  const forced = { ...b, restart: "permanent" } as const;
  const one: Case = { death: { kind: "exit_code", code: 78 }, times: 2, options: {}, b: forced };
  assertEquals(explain(plant(one, []).spec, "s/b", one)?.decisions[0]?.ruling, {
    verdict: "keep",
    by: "tally",
    tally,
  });
});

Deno.test("where no restart is allowed, none can fail", () => {
  const one: Case = {
    death: { kind: "not_ready" },
    times: 1,
    options: { intensity: { restarts: 0, within: 1 } },
  };
  const explained = explain(plant(one, []).spec, "s/b", one)!;
  assert(explained.failedStart);
  assertEquals(explained.nth, 0);
});
