/** Random groups whose children start after those of others, under random deaths and requests: none waits for ever. */
import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import type { Dependency } from "../../../src/supervision/dependencies.ts";
import type { Strategy } from "../../../src/supervision/restart/strategy.ts";
import { supervisor, type SupervisorOptions } from "../../../src/supervision/supervisor_spec.ts";
import { type Fake, fake, type Outcome, Tree } from "../../support/probes.ts";

const backoff = { initial: 200, factor: 2, max: 30_000, jitter: 0, resetAfter: 60_000 };
const HOUR = 3_600_000;

const child = fc.record({
  isOrdered: fc.boolean(),
  fails: fc.integer({ min: 0, max: 2 }),
  needs: fc.array(
    fc.record({
      group: fc.nat(3),
      child: fc.nat(2),
      condition: fc.constantFrom<Dependency["condition"]>("started", "ready"),
      restart: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
});

const group = fc.record({
  strategy: fc.constantFrom<Strategy>("one_for_one", "rest_for_one", "one_for_all"),
  children: fc.array(child, { minLength: 1, maxLength: 3 }),
});

const action = fc.record({
  do: fc.constantFrom("crash", "crash", "terminate", "restart", "pass"),
  group: fc.nat(3),
  child: fc.option(fc.nat(2), { nil: undefined }),
});

Deno.test("children that start after those of other groups all run in the end, and stop before them, whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Strategy>("one_for_one", "rest_for_one", "one_for_all"),
      fc.array(group, { minLength: 2, maxLength: 4 }),
      fc.boolean(),
      fc.array(action, { maxLength: 15 }),
      async (strategy, groups, isLastFirst, actions) => {
        const rules = (strategy: Strategy): SupervisorOptions => ({
          strategy,
          onStartFailure: "retry",
          intensity: { restarts: 2, within: 180_000, per: "child" },
          onLimit: { quarantine: { coolDown: 30_000 } },
        });
        const journal: string[] = [];
        const fakes = new Map<string, Fake>();
        const named = new Map<string, readonly string[]>();
        const specs = groups.map(({ strategy, children }, at) =>
          supervisor(
            `g${at}`,
            children.map(({ isOrdered, fails, needs }, index) => {
              const outcomes = Array.from({ length: fails }, (): Outcome => new Error("boom"));
              const path = `g${at}/c${index}`;
              const one = fake(path.replace("/", "-"), journal, { backoff, outcomes });
              fakes.set(path, one);
              // Of groups before its own alone: there is no circle.
              const after = needs.flatMap((need): Dependency[] => {
                const other = `g${need.group}/c${need.child}`;
                if (need.group >= at || !fakes.has(other)) return [];
                return [{ id: `../${other}`, condition: need.condition, restart: need.restart }];
              });
              named.set(path, after.map(({ id }) => id.slice("../".length)));
              return { ...one.spec, id: `c${index}`, ...(isOrdered && after.length === 0 ? {} : { after }) };
            }),
            rules(strategy),
          )
        );
        const tree = new Tree(supervisor("root", isLastFirst ? specs.toReversed() : specs, rules(strategy)));
        void tree.system.start().catch(() => {});
        await tree.settle();
        for (const { do: what, group, child } of actions) {
          const path = `g${group % groups.length}${child === undefined ? "" : `/c${child}`}`;
          const life = fakes.get(path)?.lives.at(-1);
          if (what === "crash") life?.crash();
          if (what === "terminate") void tree.system.terminateChild(path).catch(() => {});
          if (what === "restart") void tree.system.restartChild(path).catch(() => {});
          if (what === "pass") await tree.clock.advance(1_000);
          await tree.settle();
        }
        await tree.clock.advance(HOUR);
        // What was stopped by hand is started by hand, groups first.
        for (const path of [...specs.map(({ id }) => id), ...fakes.keys()]) {
          void tree.system.restartChild(path).catch(() => {});
          await tree.settle();
        }
        await tree.clock.advance(HOUR);
        const down = tree.system.status().flatMap(({ children = [], id, state }) =>
          state === "running"
            ? children.filter(({ state }) => state !== "running").map(({ path }) => path)
            : [id]
        );
        assertEquals(down, [], "what waits has not started");
        journal.length = 0;
        await tree.stop();
        for (const [path, others] of named) {
          const stopped = (path: string) => journal.indexOf(`stop ${path.replace("/", "-")}`);
          for (const other of others) {
            assertEquals([other, stopped(path) < stopped(other)], [other, true], path);
          }
        }
      },
    ),
    { numRuns: Number(Deno.env.get("OUTRIDER_RUNS") ?? 150), seed: 20300101 },
  );
});
