/** The smallest scenarios of the faults that the properties have found, each by its name. */

import { assertEquals } from "@std/assert";
import { run } from "./run.ts";
import type { LeafPlan, Scenario, SupervisorPlan, WorkerPlan } from "./plan.ts";

function worker(changed: Partial<WorkerPlan> = {}): WorkerPlan {
  return {
    kind: "worker",
    restart: "permanent",
    significant: false,
    backoff: 0,
    after: [],
    starts: ["ok"],
    stops: ["exit"],
    shutdown: 100,
    startWithin: undefined,
    ...changed,
  };
}

function root(children: readonly LeafPlan[], changed: Partial<SupervisorPlan> = {}): SupervisorPlan {
  return {
    kind: "supervisor",
    restart: "permanent",
    significant: false,
    backoff: 0,
    after: [],
    strategy: "one_for_one",
    restarts: 1,
    within: 1,
    onLimit: "escalate",
    autoShutdown: "never",
    children,
    ...changed,
  };
}

const crash = { at_rest: true, action: { do: "end", who: 0, how: "crash" } } as const;

const found: Readonly<Record<string, Scenario>> = {
  "one that goes into quarantine while its group restarts does not leave those behind it stopped": {
    root: root([worker({ starts: ["dies", "slow", "ok"] }), worker()], {
      strategy: "one_for_all",
      onLimit: "quarantine",
    }),
    actions: [crash],
  },
  "the same after a backoff": {
    root: root([
      worker({ starts: ["ok", "ok", "error"] }),
      worker({ backoff: 40, starts: ["ok", "error"] }),
      worker(),
    ], {
      strategy: "rest_for_one",
      onLimit: "quarantine",
    }),
    actions: [crash, { at_rest: true, action: { do: "wait", ms: 200 } }, crash],
  },
  "those behind one that goes into quarantine start in their order, whoever was added meanwhile": {
    root: root([worker({ starts: ["ok", "slow", "ok"] }), worker()], {
      strategy: "rest_for_one",
      onLimit: "quarantine",
    }),
    actions: [
      crash,
      { at_rest: true, action: { do: "start", sup: 0, plan: worker() } },
      { at_rest: false, action: { do: "end", who: 0, how: "crash" } },
    ],
  },
  "one that can't be started any more while its group restarts does not leave those behind it stopped": {
    root: root([worker(), worker({ starts: ["ok", "unstartable"] }), worker()], { strategy: "one_for_all" }),
    actions: [crash, { at_rest: true, action: { do: "wait", ms: 10 } }],
  },
  "a significant one that can't be started any more ends its supervisor": {
    root: root(
      [worker({ restart: "transient", significant: true, starts: ["ok", "unstartable"] }), worker()],
      {
        strategy: "one_for_all",
        autoShutdown: "any_significant",
      },
    ),
    actions: [crash],
  },
  "one with nothing to start that is told to stop in the same moment leaves no timer": {
    root: root([]),
    actions: [
      { at_rest: true, action: { do: "start", sup: 0, plan: worker({ starts: ["ignore"] }) } },
      { at_rest: false, action: { do: "stop" } },
    ],
  },
  "one that gets ready after its time, while it is being stopped for that, has ended before it is started again":
    {
      root: root([
        worker({ starts: ["ok", "late", "ok"], stops: ["hang", "exit"], shutdown: 1_000, startWithin: 50 }),
      ], {
        restarts: 2,
        within: 60_000,
      }),
      actions: [crash, { at_rest: true, action: { do: "wait", ms: 1_500 } }],
    },
};

for (const [name, scenario] of Object.entries(found)) {
  Deno.test(name, async () => assertEquals(await run(scenario), []));
}
