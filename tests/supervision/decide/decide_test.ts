/** Decisions as values: events in, steps out, without a clock, a promise or a process. */
import { assertEquals } from "@std/assert";
import type { DependencyCondition } from "../../../src/supervision/dependencies.ts";
import { decide } from "../../../src/supervision/decide/decide.ts";
import { initialState, isBusy, type SupervisorState } from "../../../src/supervision/decide/state.ts";
import { commit, type SupervisorEvent, type SupervisorStep } from "../../../src/supervision/decide/steps.ts";
import { whyEnded } from "../../../src/supervision/decide/restarts.ts";
import { NO_BACKOFF } from "../../../src/supervision/restart/restart_limits.ts";
import { supervisor, type SupervisorOptions } from "../../../src/supervision/supervisor_spec.ts";
import { fake, type FakeOptions } from "../../support/probes.ts";

const slow = { initial: 100, factor: 2, max: 10_000, jitter: 0, resetAfter: 60_000 };
const crash = { reason: "crash", cause: new Error("boom") } as const;

/** A supervisor of `a`, `b` and `c`, of which all have started. */
function running(options: SupervisorOptions = {}, of: Record<string, FakeOptions> = {}): Play {
  const specs = ["a", "b", "c"].map((id) => fake(id, [], { backoff: NO_BACKOFF, ...of[id] }).spec);
  const { supervises } = supervisor("root", specs, options);
  const play = new Play(initialState("/", { specs, rules: supervises! }));
  play.take({ type: "began" });
  for (const id of ["a", "b", "c"]) play.take({ type: "start_finished", id, result: { outcome: "ok" } });
  return play;
}

/** Decides one event after the other; what is queued comes when nothing is under way. */
class Play {
  state: SupervisorState;

  constructor(state: SupervisorState) {
    this.state = state;
  }

  /** The steps as words. */
  take(event: SupervisorEvent, now = 0): string[] {
    const words: string[] = [];
    const todo: SupervisorEvent[] = [event];
    const queue: SupervisorEvent[] = [];
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      const decision = decide(this.state, next, now);
      this.state = commit(decision);
      for (const step of decision.steps) {
        if (step.do === "queue") queue.push(step.event);
        else words.push(wordOf(step));
      }
      if (!isBusy(this.state)) todo.push(...queue.splice(0));
    }
    return words;
  }

  exit(id: string): string[] {
    return this.take({ type: "child_exited", id, exit: crash, uptime: 1, chance: 0.5 });
  }
}

function wordOf(step: SupervisorStep): string {
  if (step.do === "emit") return `${step.id ?? "/"} ${step.event.type}`;
  if (step.do === "wait") return `wait ${step.id} ${step.delay}`;
  return "id" in step ? `${step.do} ${step.id}` : step.do;
}

Deno.test("decide restarts the child that crashed when the strategy is one_for_one", () => {
  const play = running();
  assertEquals(play.exit("b"), ["b restarting", "start b", "await_turn"]);
  assertEquals(play.take({ type: "start_finished", id: "b", result: { outcome: "ok" } }), []);
});

Deno.test("decide stops the others last to first, then starts all, when the strategy is one_for_all", () => {
  const play = running({ strategy: "one_for_all" });
  assertEquals(play.exit("b"), ["b restarting", "terminate c"]);
  assertEquals(play.take({ type: "stop_finished", id: "c" }), ["terminate a"]);
  assertEquals(play.take({ type: "stop_finished", id: "a" }), ["start a"]);
  assertEquals(play.take({ type: "start_finished", id: "a", result: { outcome: "ok" } }), ["start b"]);
});

Deno.test("decide waits behind the stops of the group when there is a backoff", () => {
  const play = running({ strategy: "rest_for_one" }, { b: { backoff: slow } });
  assertEquals(play.exit("b"), ["b restarting", "terminate c"]);
  assertEquals(play.take({ type: "stop_finished", id: "c" }), ["wait b 100"]);
  assertEquals(play.take({ type: "timer_elapsed", id: "b" }), ["start b"]);
});

Deno.test("decide gives up and stops all when there would be too many restarts", () => {
  const play = running({ intensity: { restarts: 0, within: 1_000 } });
  assertEquals(play.exit("b"), [
    "cancel_wait b",
    "b called_off",
    "/ gave_up",
    "close_below",
    "terminate c",
  ]);
  assertEquals(play.take({ type: "stop_finished", id: "c" }), ["terminate a"]);
  assertEquals(play.take({ type: "stop_finished", id: "a" }), ["end"]);
});

Deno.test("decide takes a death in its turn when something else is under way", () => {
  const play = running({ strategy: "rest_for_one" });
  play.exit("b");
  const { state, steps } = decide(play.state, {
    type: "child_exited",
    id: "a",
    exit: crash,
    uptime: 1,
    chance: 0.5,
  }, 0);
  assertEquals(steps.map((step) => step.do), ["queue"]);
  assertEquals(isBusy(state), true);
});

Deno.test("decide gives the same for the same, and leaves the state as it was", () => {
  const { state } = running({ strategy: "one_for_all" });
  const exit: SupervisorEvent = { type: "child_exited", id: "b", exit: crash, uptime: 1, chance: 0.5 };
  const lives = (of: SupervisorState) => of.order.map((id) => of.children.get(id)?.life.state);
  const [first, second] = [decide(state, exit, 5), decide(state, exit, 5)];
  assertEquals([first.steps, first.state, first.changed], [second.steps, second.state, second.changed]);
  assertEquals(lives(state), ["running", "running", "running"]);
  assertEquals(lives(commit(first)), ["running", "ended", "running"]);
});

for (const strategy of ["one_for_one", "rest_for_one", "one_for_all"] as const) {
  Deno.test(`decide starts a child that waits for a job's end once when the job fails and the strategy is ${strategy}`, () => {
    const job = fake("job", [], { backoff: slow, restart: "transient" }).spec;
    const after = (condition: DependencyCondition) => [{ id: "job", condition }];
    const specs = [
      job,
      { ...fake("b", []).spec, after: after("completed") },
      { ...fake("c", []).spec, after: after("completed_successfully") },
    ];
    const { supervises } = supervisor("root", specs, { strategy, onStartFailure: "retry" });
    const play = new Play(initialState("/", { specs, rules: supervises! }));
    const began = play.take({ type: "began" });
    assertEquals(began.filter((word) => word.startsWith("start")), ["start job"]);
    play.take({ type: "start_finished", id: "job", result: { outcome: "ok" } });
    const steps = play.exit("job");
    const moves = steps.filter((word) => /^(job restarting|start|terminate|cut_short)/.test(word));
    assertEquals(moves, ["job restarting", "start b"]);
  });
}

Deno.test("a child that has ended says how to those who send to it", () => {
  assertEquals(whyEnded({ reason: "normal" }), "it has ended (normal) and will not be started again");
  assertEquals(whyEnded(crash), {
    why: "it has ended (crash: boom) and will not be started again",
    cause: crash.cause,
  });
});
