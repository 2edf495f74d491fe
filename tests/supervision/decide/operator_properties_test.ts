/** Random lists of children, deaths, failed starts, jobs and requests, where a failed start is retried. */
import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import type { ChildSpec } from "../../../src/supervision/child_spec.ts";
import type { Dependency, DependencyCondition } from "../../../src/supervision/dependencies.ts";
import type { Strategy } from "../../../src/supervision/restart/strategy.ts";
import { fake } from "../../support/probes.ts";
import { type Action, World } from "./world.ts";

const backoff = { initial: 200, factor: 2, max: 30_000, jitter: 0, resetAfter: 60_000 };

interface ChildPlan {
  readonly isJob: boolean;
  /** At zero it starts only by hand. */
  readonly start: number;
  readonly after: readonly {
    readonly back: number;
    readonly condition: DependencyCondition;
    readonly restart: boolean;
  }[];
}

const childPlan: fc.Arbitrary<ChildPlan> = fc.record({
  isJob: fc.boolean(),
  start: fc.nat(4),
  after: fc.array(
    fc.record({
      back: fc.integer({ min: 1, max: 4 }),
      condition: fc.constantFrom("started", "ready", "completed", "completed_successfully"),
      restart: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
}) as fc.Arbitrary<ChildPlan>;

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constantFrom(
      "start",
      "start",
      "start",
      "fail",
      "finish",
      "crash",
      "crash",
      "stop",
      "terminate",
      "restart",
    ),
    who: fc.nat(5),
  }),
  fc.constant({ do: "tick" } as const),
) as fc.Arbitrary<Action>;

/** The children of a plan; only a job's end can be waited for. */
function specsOf(plans: readonly ChildPlan[], usesAfter: boolean): ChildSpec[] {
  return plans.map(({ isJob, start, after }, at) => {
    const allowed = after.flatMap(({ back, condition, restart }): Dependency[] => {
      const on = plans[at - back];
      if (on === undefined || (!on.isJob && condition.startsWith("completed"))) return [];
      return [{ id: `c${at - back}`, condition, restart }];
    });
    const made = fake(`c${at}`, [], { backoff, restart: isJob ? "transient" : "permanent" });
    const spec = { ...made.spec, startsByHand: start === 0 };
    return usesAfter ? { ...spec, after: allowed } : spec;
  });
}

Deno.test("decide holds every law of an operator's tree when anything happens to it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Strategy>("one_for_one", "rest_for_one", "one_for_all"),
      fc.boolean(),
      fc.array(childPlan, { minLength: 1, maxLength: 6 }),
      fc.array(action, { maxLength: 60 }),
      fc.boolean(),
      (strategy, usesAfter, plans, actions, endsMidway) => {
        const specs = specsOf(plans, usesAfter);
        const world = new World(specs, strategy);
        for (const one of actions) world.act(one);
        if (!endsMidway) {
          world.toRest();
          bringBack(world, specs);
          assertEquals(stillDown(world, specs), [], "what waits has not started");
        }
        world.end();
        world.toRest();
        assertEquals([world.broken, world.hasEnded], [[], true]);
      },
    ),
    { numRuns: Number(Deno.env.get("OUTRIDER_RUNS") ?? 1_000), seed: 20300101 },
  );
});

/** Has those that were stopped by hand, and jobs that have failed for good, run again. */
function bringBack(world: World, specs: readonly ChildSpec[]): void {
  for (let round = 0; round < specs.length; round++) {
    for (const [who, id] of world.state.order.entries()) {
      const { spec, life, completion } = world.state.children.get(id)!;
      const isDone = completion?.reason === "normal" && spec.restart !== "permanent";
      if (life.state === "stopped" && !isDone) world.act({ do: "restart", who });
    }
    world.toRest();
  }
}

/** The children that neither run nor have done their job. */
function stillDown(world: World, specs: readonly ChildSpec[]): string[] {
  return specs.filter(({ id, restart }) => world.body(id) !== "running" && restart === "permanent")
    .map(({ id }) => `${id} ${world.state.children.get(id)?.life.state}`);
}
