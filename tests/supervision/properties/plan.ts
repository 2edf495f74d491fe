/**
 * Random trees and what is done to them, as plain data: it shrinks, prints, and can be pasted into a test.
 *
 * @module
 */

import fc from "npm:fast-check@^4";
import type { DependencyCondition } from "@outrider/outrider/actor";
import type { RestartRules, RestartType, Strategy } from "@outrider/outrider";

/**
 * How a start of a worker comes out; `dies` is ready and then crashes at once. What begins with `slow` takes 30 ms, what
 * begins with `late` 250.
 */
export type StartWord =
  | "ok"
  | "slow"
  | "late"
  | "hang"
  | "ignore"
  | "slow_ignore"
  | "error"
  | "slow_error"
  | "late_error"
  | "unstartable"
  | "slow_unstartable"
  | "dies"
  | "slow_dies";
/** What a worker does when it is asked to stop. */
export type StopWord = "exit" | "slow" | "hang" | "crash" | "normal";
/** How a child is made to end by itself. */
export type EndWord = "normal" | "shutdown" | "crash" | "killed" | "code_3" | "code_4" | "SIGSEGV";
/** What an actor does with a message. */
export type MessageWord = "reply" | "slow" | "never" | "crash" | "finish";

/** What every child of a plan has. */
export interface CommonPlan {
  readonly restart: RestartType;
  /** Where its supervisor allows it. */
  readonly significant: boolean;
  /** Milliseconds before its first restart; 0 for none. */
  readonly backoff: number;
  /** Exceptions from `restart`. */
  readonly rules?: RestartRules | undefined;
  /** Dependencies on the siblings so many places before it. */
  readonly after: readonly { readonly back: number; readonly condition: DependencyCondition }[];
}

/** A child that does what its lists say: start by start, stop by stop, the last word for all that follow. */
export interface WorkerPlan extends CommonPlan {
  readonly kind: "worker";
  readonly starts: readonly StartWord[];
  readonly stops: readonly StopWord[];
  readonly shutdown: number | "brutal_kill";
  readonly startWithin: number | undefined;
}

/** A real actor, for messages. */
export interface ActorPlan extends CommonPlan {
  readonly kind: "actor";
  readonly capacity: number;
  readonly overflow: "wait" | "drop-oldest" | "drop-newest" | "fail";
}

/** A sidecar with a fake process. */
export interface SidecarPlan extends CommonPlan {
  readonly kind: "sidecar";
  readonly diesOn: number;
  readonly with: number | "SIGSEGV";
  readonly takes: number;
  readonly stubborn: boolean;
}

/** A child without children. */
export type LeafPlan = WorkerPlan | ActorPlan | SidecarPlan;

/** A supervisor. */
export interface SupervisorPlan extends CommonPlan {
  readonly kind: "supervisor";
  readonly strategy: Strategy | "dynamic";
  readonly restarts: number;
  readonly within: number;
  /** `quarantine` without, or with so many milliseconds of cool-down. */
  readonly onLimit: "escalate" | "quarantine" | number;
  readonly autoShutdown: "never" | "any_significant" | "all_significant";
  readonly startWithin?: number | undefined;
  readonly children: readonly Plan[];
}

/** A child. */
export type Plan = LeafPlan | SupervisorPlan;

/** Something that is done to the tree; `who` and `sup` count, round and round, those that are there. */
export type Action =
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "end"; readonly who: number; readonly how: EndWord }
  | { readonly do: "send"; readonly who: number; readonly what: MessageWord; readonly ask: boolean }
  | { readonly do: "start"; readonly sup: number; readonly plan: LeafPlan }
  | { readonly do: "terminate" | "restart" | "delete"; readonly who: number }
  | { readonly do: "stop" | "kill" };

/** One run. */
export interface Scenario {
  readonly root: SupervisorPlan;
  /** `at_rest`: what came before is let come to rest first. */
  readonly actions: readonly { readonly at_rest: boolean; readonly action: Action }[];
}

const restart = fc.constantFrom<RestartType>(
  "permanent",
  "permanent",
  "permanent",
  "transient",
  "temporary",
  "on-success",
  "on-abnormal",
  "on-abort",
  "on-watchdog",
);
const statuses = fc.uniqueArray(fc.constantFrom<number | Deno.Signal>(0, 1, 3, 4, "SIGSEGV"), {
  minLength: 1,
  maxLength: 2,
});
const rules = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.record({
      prevent: statuses,
      force: statuses,
      tallies: fc.array(
        fc.record({
          of: statuses,
          deaths: fc.integer({ min: 1, max: 3 }),
          within: fc.constantFrom(1, 100, 60_000),
        }),
        { maxLength: 2 },
      ),
    }, { requiredKeys: [] }),
  },
);
const common = {
  restart,
  rules,
  significant: fc.boolean(),
  backoff: fc.constantFrom(0, 0, 0, 40, 300),
  after: fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(
        fc.record({
          back: fc.integer({ min: 1, max: 2 }),
          condition: fc.constantFrom<DependencyCondition>(
            "started",
            "ready",
            "ready",
            "completed",
            "completed_successfully",
          ),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    },
  ),
};
/** A first word that mostly is the usual one, as most trees that do not even start are alike. */
const words = <Word>(usual: Word, others: readonly Word[]) => {
  const other = fc.constantFrom(...others);
  const word = (weight: number) =>
    fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: other });
  return fc.tuple(word(20), fc.array(word(3), { maxLength: 4 })).map((
    [first, more],
  ) => [first, ...more, usual]);
};

const worker: fc.Arbitrary<WorkerPlan> = fc.record({
  kind: fc.constant("worker" as const),
  ...common,
  starts: words<StartWord>("ok", [
    "slow",
    "slow",
    "late",
    "hang",
    "hang",
    "ignore",
    "slow_ignore",
    "error",
    "slow_error",
    "late_error",
    "unstartable",
    "slow_unstartable",
    "dies",
    "slow_dies",
  ]),
  stops: words<StopWord>("exit", ["slow", "hang", "crash", "normal"]),
  shutdown: fc.constantFrom(100, 1_000, "brutal_kill" as const),
  startWithin: fc.constantFrom(undefined, 50, 500),
});
const actor: fc.Arbitrary<ActorPlan> = fc.record({
  kind: fc.constant("actor" as const),
  ...common,
  capacity: fc.integer({ min: 1, max: 3 }),
  overflow: fc.constantFrom("wait" as const, "drop-oldest" as const, "drop-newest" as const, "fail" as const),
});
const sidecar: fc.Arbitrary<SidecarPlan> = fc.record({
  kind: fc.constant("sidecar" as const),
  ...common,
  diesOn: fc.integer({ min: 1, max: 4 }),
  with: fc.constantFrom(0, 1, "SIGSEGV" as const),
  takes: fc.constantFrom(0, 30),
  stubborn: fc.boolean(),
});
const leaf: fc.Arbitrary<LeafPlan> = fc.oneof(
  { weight: 5, arbitrary: worker },
  { weight: 3, arbitrary: actor },
  { weight: 1, arbitrary: sidecar },
);

function supervisor(depth: number): fc.Arbitrary<SupervisorPlan> {
  const child: fc.Arbitrary<Plan> = depth === 0
    ? leaf
    : fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 1, arbitrary: supervisor(depth - 1) });
  return fc.record({
    kind: fc.constant("supervisor" as const),
    ...common,
    strategy: fc.constantFrom(
      "one_for_one" as const,
      "one_for_all" as const,
      "rest_for_one" as const,
      "dynamic" as const,
    ),
    restarts: fc.integer({ min: 0, max: 6 }),
    within: fc.constantFrom(1, 100, 1_000, 60_000),
    onLimit: fc.constantFrom("escalate" as const, "quarantine" as const, 500),
    autoShutdown: fc.constantFrom("never" as const, "any_significant" as const, "all_significant" as const),
    startWithin: fc.constantFrom(undefined, undefined, undefined, 200),
    children: fc.array(child, { maxLength: 4, size: "max" }),
  });
}

const number = fc.nat({ max: 20 });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 10, 60, 200, 1_500) }),
  },
  {
    weight: 24,
    arbitrary: fc.record({
      do: fc.constant("end" as const),
      who: number,
      how: fc.constantFrom<EndWord>(
        "crash",
        "crash",
        "normal",
        "shutdown",
        "killed",
        "code_3",
        "code_3",
        "code_4",
        "SIGSEGV",
      ),
    }),
  },
  {
    weight: 18,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      who: number,
      what: fc.constantFrom<MessageWord>("reply", "slow", "never", "crash", "finish"),
      ask: fc.boolean(),
    }),
  },
  { weight: 9, arbitrary: fc.record({ do: fc.constant("start" as const), sup: number, plan: leaf }) },
  {
    weight: 14,
    arbitrary: fc.record({
      do: fc.constantFrom("terminate" as const, "restart" as const, "delete" as const),
      who: number,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("stop" as const, "stop" as const, "kill" as const) }),
  },
);

/** Any scenario. */
export const scenario: fc.Arbitrary<Scenario> = fc.record({
  root: supervisor(2),
  actions: fc.array(fc.record({ at_rest: fc.boolean(), action }), { maxLength: 25, size: "max" }),
});
