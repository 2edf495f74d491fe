/**
 * Plays a recorded scenario against our supervisor, on the virtual clock, and
 * observes what the recording observed.
 *
 * The recordings name the root `root` and its children below that; here the root
 * is `/`. A dynamic supervisor's children have ids of their own here (`#1`), which is
 * where OTP, whose have none, refuses any id.
 */

import type { Exit } from "../../../src/actor/exit.ts";
import type { Incarnation, StartOutcome } from "../../../src/actor/incarnation.ts";
import { NO_BACKOFF } from "../../../src/supervision/restart/restart_limits.ts";
import type { ChildSpec } from "../../../src/supervision/child_spec.ts";
import { StartError, SupervisionError } from "../../../src/supervision/supervision_errors.ts";
import type { ChildStatus } from "../../../src/supervision/status.ts";
import type { Supervisor } from "../../../src/supervision/supervisor.ts";
import { dynamicSupervisor, supervisor } from "../../../src/supervision/supervisor_spec.ts";
import { System } from "../../../src/supervision/tree.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import type {
  Action,
  Children,
  Event,
  ExitReason,
  Observation,
  Outcome,
  Queued,
  Scenario,
  Spec,
  Step,
  SupervisorSpec,
  WorkerSpec,
} from "./trace.ts";

type Request = Extract<Action, { sup: string }>;

/** A worker that does as its spec says. */
class Puppet implements Incarnation {
  readonly started: Promise<StartOutcome>;
  readonly ended: Promise<Exit>;
  readonly #spec: WorkerSpec;
  readonly #onEnd: (exit: Exit) => void;
  readonly #settle: (exit: Exit) => void;
  #over = false;

  constructor(spec: WorkerSpec, outcome: Outcome, onEnd: (exit: Exit) => void) {
    this.#spec = spec;
    this.#onEnd = onEnd;
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.ended = promise;
    this.#settle = resolve;
    this.#over = outcome !== "ok";
    this.started = outcome === "error" ? Promise.reject(new Error("scripted")) : Promise.resolve(outcome);
    this.started.catch(() => {});
  }

  get alive(): boolean {
    return !this.#over;
  }

  end(exit: Exit): void {
    if (this.#over) return;
    this.#over = true;
    this.#onEnd(exit);
    this.#settle(exit);
  }

  stop(): void {
    switch (this.#spec.on_stop ?? "exit") {
      case "exit":
        return this.end({ reason: "shutdown" });
      case "normal":
        return this.end({ reason: "normal" });
      case "crash":
        return this.end({ reason: "crash", cause: new Error("scripted") });
      case "hang":
        return;
    }
  }

  kill(): void {
    this.end({ reason: "killed", abandoned: false });
  }
}

/** One scenario, being played. */
export class Player {
  readonly #clock = new VirtualClock();
  readonly #system: System;
  readonly #puppets = new Map<string, Puppet>();
  readonly #instances = new Map<string, number>();
  readonly #calls = new Map<object, number>();
  readonly #templates = new WeakMap<Supervisor, SupervisorSpec>();
  readonly #gaveUp: string[] = [];
  #root: Supervisor | undefined;
  #events: Event[] = [];
  #queued: readonly Queued[] = [];
  #queuedResults: Promise<string>[] = [];
  #exit: Exit | undefined;

  constructor(scenario: Scenario) {
    this.#system = new System(this.#supervisor(scenario.tree), { clock: this.#clock });
    void this.#system.ended.then((exit) => this.#exit = exit);
    void this.#collect();
  }

  /** Starts the root. */
  async start(): Promise<Observation> {
    const result = this.#system.start().then(() => ({ result: "ok" }), (error) => {
      if (!(error instanceof StartError)) throw error;
      return { result: "error:start_failed", failed_child: `root/${error.path}` };
    });
    await this.#clock.runAll();
    return { ...await result, ...this.#observe() };
  }

  /** Does what `step` says. */
  async step(step: Step): Promise<Observation> {
    this.#queued = step.queued ?? [];
    this.#queuedResults = [];
    const wasAlive = this.#exit === undefined;
    const done = this.#act(step);
    if (step.op === "sleep") await this.#clock.advance(step.ms);
    else await this.#clock.runAll();
    const result = await done;
    const queued = await Promise.all(this.#queuedResults);
    return {
      result,
      ...(queued.length > 0 ? { queued_results: queued } : {}),
      ...this.#observe(),
      ...(wasAlive && this.#exit !== undefined ? { exit_reason: this.#exit.reason } : {}),
    };
  }

  // --- The tree -----------------------------------------------------------------

  #spec(spec: Spec): ChildSpec {
    return spec.type === "worker" ? this.#worker(spec) : this.#supervisor(spec);
  }

  #worker(spec: WorkerSpec): ChildSpec {
    return {
      ...spec,
      backoff: NO_BACKOFF,
      mailbox: {},
      children: [],
      start: ({ path }) => {
        const call = (this.#calls.get(spec) ?? 0) + 1;
        this.#calls.set(spec, call);
        const outcome = spec.start[Math.min(call, spec.start.length) - 1]!;
        const name = recorded(path);
        const puppet = new Puppet(spec, outcome, (exit) => this.#events.push(["stop", name, exit.reason]));
        this.#puppets.set(name, puppet);
        this.#callQueued(name, call);
        this.#events.push(["start", name, outcome]);
        return puppet;
      },
    };
  }

  #supervisor(spec: SupervisorSpec): ChildSpec {
    const { id, restart, significant, shutdown, strategy, auto_shutdown: autoShutdown } = spec;
    const intensity = { restarts: spec.intensity, within: spec.period_s * 1_000 };
    const common = { restart, significant, shutdown, intensity };
    const inner = strategy === "simple_one_for_one"
      ? dynamicSupervisor(id, common)
      : supervisor(id, spec.children!.map((child) => this.#spec(child)), {
        ...common,
        strategy,
        autoShutdown,
      });
    return {
      ...inner,
      start: (context) => {
        const name = recorded(context.path);
        const incarnation = inner.start(context) as Supervisor;
        if (name === "root") this.#root = incarnation;
        this.#templates.set(incarnation, spec);
        incarnation.started.then(() => {
          this.#events.push(["start", name, "ok"]);
          return incarnation.ended.then((exit) => this.#events.push(["stop", name, exit.reason]));
        }, () => this.#events.push(["start", name, "error"]));
        return incarnation;
      },
    };
  }

  // --- Actions --------------------------------------------------------------------

  #callQueued(name: string, call: number): void {
    for (const queued of this.#queued) {
      if (queued.during_start === name && queued.nth === call) this.#queuedResults.push(this.#act(queued));
    }
  }

  async #act(action: Action): Promise<string> {
    switch (action.op) {
      case "exit":
        return this.#exitOf(action.child, action.reason);
      case "exit_many":
        for (const { child, reason } of action.exits) this.#exitOf(child, reason);
        return "ok";
      case "sleep":
        return "ok";
      case "stop":
        if (this.#exit !== undefined) return "noproc";
        await this.#system.stop();
        return "ok";
      default:
        return await this.#request(action);
    }
  }

  #exitOf(name: string, reason: ExitReason): string {
    const puppet = this.#puppets.get(name);
    if (!puppet?.alive) return "noproc";
    puppet.end(
      reason === "kill"
        ? { reason: "killed", abandoned: false }
        : reason === "crash"
        ? { reason, cause: new Error("scripted") }
        : { reason },
    );
    return "ok";
  }

  async #request(action: Request): Promise<string> {
    const supervisor = this.#supervisorAt(action.sup);
    if (supervisor === undefined) return "noproc";
    const template = this.#templates.get(supervisor)!;
    try {
      switch (action.op) {
        case "start_child":
          return words(await supervisor.startChild(this.#added(action, template)));
        case "terminate_child":
          // OTP knows a dynamic supervisor's children by their process alone.
          if (template.template !== undefined && !action.child.startsWith("#")) {
            return "error:simple_one_for_one";
          }
          await supervisor.terminateChild(action.child);
          return "ok";
        case "restart_child":
          return words(await supervisor.restartChild(action.child));
        case "delete_child":
          await supervisor.deleteChild(action.child);
          return "ok";
      }
    } catch (error) {
      if (error instanceof StartError) return "error:start_failed";
      if (!(error instanceof SupervisionError)) throw error;
      if (error.code === "no_supervisor") return "noproc";
      return `error:${error.code === "dynamic" ? "simple_one_for_one" : error.code}`;
    }
  }

  #added(action: Action & { op: "start_child" }, { template }: SupervisorSpec): ChildSpec {
    if (template === undefined) return this.#spec(action.spec!);
    const n = (this.#instances.get(action.sup) ?? 0) + 1;
    this.#instances.set(action.sup, n);
    return this.#worker({ ...template, id: `#${n}`, start: action.start ?? template.start });
  }

  #supervisorAt(name: string): Supervisor | undefined {
    if (this.#exit !== undefined) return undefined;
    const ids = name.split("/").slice(1);
    return ids.reduce((at, id) => at?.supervisorAt(id), this.#root);
  }

  // --- Observations ---------------------------------------------------------------

  #observe(): Omit<Observation, "result"> {
    const events = this.#events;
    this.#events = [];
    const gaveUp = this.#gaveUp.splice(0);
    const alive = this.#exit === undefined;
    return {
      events,
      ...(gaveUp.length > 0 ? { max_intensity: gaveUp } : {}),
      children: alive ? childrenOf(this.#system.status()) : null,
      alive,
    };
  }

  async #collect(): Promise<void> {
    for await (const { type, path } of this.#system.events()) {
      if (type === "gave_up") this.#gaveUp.push(recorded(path));
    }
  }
}

function childrenOf(statuses: readonly ChildStatus[]): Children {
  return Object.fromEntries(
    statuses.map(({ id, state, children }) => [
      id,
      children !== undefined ? childrenOf(children) : state === "running" ? "running" : "stopped",
    ]),
  );
}

function recorded(path: string): string {
  return path === "/" ? "root" : `root/${path}`;
}

function words(started: StartOutcome): string {
  return started === "ignore" ? "ok:undefined" : "ok";
}
