/**
 * Random groups whose children start after those of others, under random deaths and requests: none waits for ever, and
 * none starts by itself before what it names is as it needs it.
 */
import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { isClean } from "../../../src/actor/exit.ts";
import type { SystemEvent } from "../../../src/events.ts";
import type { ChildState } from "../../../src/supervision/child_state.ts";
import type { Dependency } from "../../../src/supervision/dependencies.ts";
import { STATE_AFTER } from "../../../src/supervision/observed/history.ts";
import type { Strategy } from "../../../src/supervision/restart/strategy.ts";
import { supervisor, type SupervisorOptions } from "../../../src/supervision/supervisor_spec.ts";
import { type Fake, fake, type Outcome, Tree } from "../../support/probes.ts";

const backoff = { initial: 200, factor: 2, max: 30_000, jitter: 0, resetAfter: 60_000 };
const HOUR = 3_600_000;

const child = fc.record({
  isOrdered: fc.boolean(),
  isJob: fc.boolean(),
  fails: fc.integer({ min: 0, max: 2 }),
  needs: fc.array(
    fc.record({
      group: fc.nat(3),
      child: fc.nat(2),
      condition: fc.constantFrom<Dependency["condition"]>(
        "started",
        "ready",
        "completed",
        "completed_successfully",
      ),
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
  do: fc.constantFrom("crash", "crash", "finish", "terminate", "restart", "pass"),
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
        const named = new Map<string, readonly Dependency[]>();
        const jobs = new Set<string>();
        const byHand = new Set<string>();
        const specs = groups.map(({ strategy, children }, at) =>
          supervisor(
            `g${at}`,
            children.map(({ isOrdered, isJob, fails, needs }, index) => {
              const outcomes = Array.from({ length: fails }, (): Outcome => new Error("boom"));
              const path = `g${at}/c${index}`;
              const restart = isJob ? "transient" : "permanent";
              const one = fake(path.replace("/", "-"), journal, { backoff, outcomes, restart });
              if (isJob) jobs.add(path);
              fakes.set(path, one);
              // Of groups before its own alone: there is no circle.
              const after = needs.flatMap((need): Dependency[] => {
                const other = `g${need.group}/c${need.child}`;
                if (need.group >= at || !fakes.has(other)) return [];
                if (need.condition.startsWith("completed") && !jobs.has(other)) return [];
                return [{ id: `../${other}`, condition: need.condition, restart: need.restart }];
              });
              named.set(path, after.map(({ id, ...need }) => ({ id: id.slice("../".length), ...need })));
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
          if (what === "restart") byHand.add(path);
          if (what === "crash") life?.crash();
          if (what === "finish" && jobs.has(path)) life?.end({ reason: "normal" });
          if (what === "terminate") void tree.system.terminateChild(path).catch(() => {});
          if (what === "restart") void tree.system.restartChild(path).catch(() => {});
          if (what === "pass") await tree.clock.advance(1_000);
          await tree.settle();
        }
        await tree.clock.advance(HOUR);
        assertEquals(startedTooEarly(tree.log.events, named, byHand), []);
        // What was stopped by hand is started by hand, groups first; jobs come to their end.
        for (const path of [...specs.map(({ id }) => id), ...fakes.keys()]) {
          void tree.system.restartChild(path).catch(() => {});
          await tree.settle();
          await tree.clock.advance(HOUR);
          for (const job of jobs) fakes.get(job)?.lives.at(-1)?.end({ reason: "normal" });
          await tree.settle();
        }
        await tree.clock.advance(HOUR);
        const down = tree.system.status().flatMap(({ children = [], id, state }) =>
          state === "running"
            ? children.filter(({ path, state }) => state !== "running" && !jobs.has(path)).map(({ path }) =>
              path
            )
            : [id]
        );
        assertEquals(down, [], "what waits has not started");
        journal.length = 0;
        await tree.stop();
        for (const [path, others] of named) {
          const stopped = (path: string) => journal.indexOf(`stop ${path.replace("/", "-")}`);
          for (const { id: other } of others.filter(({ id }) => !jobs.has(id) && !jobs.has(path))) {
            assertEquals([other, stopped(path) < stopped(other)], [other, true], path);
          }
        }
      },
    ),
    { numRuns: Number(Deno.env.get("OUTRIDER_RUNS") ?? 150), seed: 20300101 },
  );
});

/** Children that were started by themselves while one that they name was not as they need it, by the events of a run. */
function startedTooEarly(
  events: readonly SystemEvent[],
  named: ReadonlyMap<string, readonly Dependency[]>,
  byHand: ReadonlySet<string>,
): readonly string[] {
  const states = new Map<string, ChildState>();
  const ends = new Map<string, boolean>();
  const isMet = ({ id, condition }: Dependency) => {
    const state = states.get(id);
    const isOver = state === "stopped" && ends.has(id);
    if (condition === "completed") return ends.has(id) && state !== "ended" && state !== "starting";
    if (condition === "completed_successfully") return isOver && ends.get(id) === true;
    return isOver || state === "running" || (condition === "started" && state === "starting");
  };
  return events.flatMap((event) => {
    const { type, path } = event;
    const isEarly = type === "starting" && !byHand.has(path) && !(named.get(path) ?? []).every(isMet);
    const state = STATE_AFTER[type];
    // The supervisor of a start that failed hears of it a moment after the event.
    if (state !== undefined && type !== "start_failed") states.set(path, state);
    if (type === "exited") ends.set(path, isClean(event.exit));
    else if (type === "starting" || type === "waiting" || type === "called_off") ends.delete(path);
    return isEarly ? [path] : [];
  });
}
