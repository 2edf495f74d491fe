/**
 * Children without processes under `decide`, and a model of what a supervisor that retries failed starts owes them: each
 * step is held against it when it is carried out.
 */

import { type Exit, isClean } from "../../../src/actor/exit.ts";
import { decide } from "../../../src/supervision/decide/decide.ts";
import { initialState, isBusy, type SupervisorState } from "../../../src/supervision/decide/state.ts";
import {
  commit,
  type DueEvent,
  type SupervisorEvent,
  type SupervisorStep,
} from "../../../src/supervision/decide/steps.ts";
import type { ChildSpec } from "../../../src/supervision/child_spec.ts";
import { StartError } from "../../../src/supervision/supervision_errors.ts";
import { supervisor } from "../../../src/supervision/supervisor_spec.ts";
import type { Strategy } from "../../../src/supervision/restart/strategy.ts";

/** What is done to a child, or to all. */
export type Action =
  | {
    readonly do: "start" | "fail" | "finish" | "crash" | "stop" | "terminate" | "restart";
    readonly who: number;
  }
  | { readonly do: "tick" };

type Body = "none" | "starting" | "running" | "stopping";

/** A supervisor, its children as they are, and what was broken. */
export class World {
  readonly broken: string[] = [];
  state: SupervisorState;
  hasEnded = false;
  readonly #specs: ReadonlyMap<string, ChildSpec>;
  readonly #bodies = new Map<string, Body>();
  readonly #told = new Set<string>();
  readonly #completions = new Map<string, Exit>();
  /** Children that may be told to stop, as something that concerns them has happened since they began. */
  readonly #concerned = new Set<string>();
  /** Callers whose request is not answered, each with the child. */
  readonly #byHand = new Map<number, { readonly ask: "terminate" | "restart"; readonly id: string }>();
  /** Children that were started by hand last: whoever asked for that wants them to run. */
  readonly #wanted = new Set<string>();
  /** Children that have been started, ever. */
  readonly #begun = new Set<string>();
  readonly #timers = new Map<string, number>();
  readonly #queue: DueEvent[] = [];
  #now = 0;
  #isEnding = false;
  #callers = 0;

  constructor(specs: readonly ChildSpec[], strategy: Strategy) {
    const { children, supervises } = supervisor("root", specs, {
      strategy,
      onStartFailure: "retry",
      intensity: { restarts: 2, within: 180_000, per: "child" },
      onLimit: { quarantine: { coolDown: 30_000, factor: 2, max: 600_000 } },
    });
    this.#specs = new Map(children.map((spec) => [spec.id, spec]));
    this.state = initialState("/", { specs: children, rules: supervises! });
    this.#take({ type: "began" });
  }

  body(id: string): Body {
    return this.#bodies.get(id) ?? "none";
  }

  act(action: Action): void {
    if (action.do === "tick") return this.#tick();
    const ids = this.state.order;
    const id = ids[action.who % ids.length];
    if (id === undefined) return;
    const body = this.body(id);
    switch (action.do) {
      case "start":
      case "fail":
        return body === "starting" ? this.#startOver(id, action.do === "start") : undefined;
      case "finish":
      case "crash":
        return body === "running" ? this.#exit(id, action.do === "finish") : undefined;
      case "stop":
        return body === "stopping" ? this.#stopOver(id) : undefined;
      case "terminate":
      case "restart":
        this.#byHand.set(this.#callers, { ask: action.do, id });
        this.#take({ type: "requested", request: { ask: action.do, caller: this.#callers++, id } });
    }
  }

  end(): void {
    this.#isEnding = true;
    this.#take({ type: "told_to_end", exit: { reason: "shutdown" } });
  }

  /** Lets all starts, stops, jobs and waits come out well, until nothing more happens. */
  toRest(): void {
    for (let round = 0; round < 200; round++) {
      let isIdle = true;
      for (const id of [...this.#bodies.keys()]) {
        const body = this.body(id);
        if (body === "starting") this.#startOver(id, true);
        else if (body === "stopping") this.#stopOver(id);
        else if (body === "running" && this.#specs.get(id)?.restart !== "permanent") this.#exit(id, true);
        else continue;
        isIdle = false;
      }
      if (isIdle && this.#timers.size === 0) return;
      if (isIdle) this.#tick();
    }
    this.broken.push("it does not come to rest");
  }

  /** Whether each sibling that a child needs is as it needs it. */
  isMet(id: string): boolean {
    const after = this.#specs.get(id)?.after ?? [];
    return after.every(({ id: on, condition }) => {
      const body = this.body(on);
      const completion = body === "none" ? this.#completions.get(on) : undefined;
      if (condition === "completed_successfully") return completion !== undefined && isClean(completion);
      if (condition === "completed") return completion !== undefined;
      return completion !== undefined || body === "running" ||
        (condition === "started" && body === "starting");
    });
  }

  #tick(): void {
    const next = [...this.#timers].sort(([, a], [, b]) => a - b)[0];
    if (next === undefined) return;
    const [id, at] = next;
    this.#timers.delete(id);
    this.#now = Math.max(this.#now, at);
    this.#take({ type: "timer_elapsed", id });
  }

  #startOver(id: string, isGood: boolean): void {
    const isCut = this.#told.has(id);
    this.#bodies.set(id, isGood && !isCut ? "running" : "none");
    const failed = { outcome: "failed", cause: new StartError(id, "no luck"), chance: 0.5 } as const;
    this.#take({ type: "start_finished", id, result: isGood && !isCut ? { outcome: "ok" } : failed });
  }

  #stopOver(id: string): void {
    this.#bodies.set(id, "none");
    this.#take({ type: "stop_finished", id });
  }

  #exit(id: string, isGood: boolean): void {
    const exit: Exit = isGood ? { reason: "normal" } : { reason: "crash", cause: new Error("boom") };
    this.#bodies.set(id, "none");
    this.#completions.set(id, exit);
    const { order, rules } = this.state;
    this.#concern(
      rules.strategy === "one_for_all" ? order : [
        id,
        ...(rules.strategy === "rest_for_one" ? order.slice(order.indexOf(id) + 1) : []),
      ],
    );
    this.#take({ type: "child_exited", id, exit, uptime: 0, chance: 0.5 });
  }

  /** Something has happened to these, and so to those that are to be restarted with them. */
  #concern(ids: readonly string[]): void {
    for (const id of ids) this.#concerned.add(id);
    for (const [id, { after = [] }] of this.#specs) {
      if (after.some(({ id: on, restart }) => restart && this.#concerned.has(on))) this.#concerned.add(id);
    }
  }

  /** The children that a caller waits for. */
  #asked(what: "terminate" | "restart"): string[] {
    return [...this.#byHand.values()].filter(({ ask }) => ask === what).map(({ id }) => id);
  }

  #hold(law: boolean, fault: string): void {
    if (!law) this.broken.push(fault);
  }

  #take(event: SupervisorEvent): void {
    const todo: SupervisorEvent[] = [event];
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      const decision = decide(this.state, next, this.#now);
      this.state = commit(decision);
      for (const step of decision.steps) this.#carryOut(step);
      if (!isBusy(this.state)) todo.push(...this.#queue.splice(0));
    }
  }

  #carryOut(step: SupervisorStep): void {
    switch (step.do) {
      case "start":
        this.#hold(this.body(step.id) === "none", `${step.id} started twice`);
        this.#hold(!this.#isEnding, `${step.id} started at the end`);
        this.#hold(
          this.isMet(step.id) || this.#asked("restart").includes(step.id),
          `${step.id} started too early`,
        );
        this.#hold(
          !this.#specs.get(step.id)?.startsByHand || this.#begun.has(step.id) ||
            this.#asked("restart").includes(step.id),
          `${step.id} started, which starts by hand`,
        );
        this.#begun.add(step.id);
        if (this.#asked("restart").includes(step.id)) this.#wanted.add(step.id);
        else this.#wanted.delete(step.id);
        this.#told.delete(step.id);
        this.#concerned.delete(step.id);
        this.#completions.delete(step.id);
        return void this.#bodies.set(step.id, "starting");
      case "terminate":
      case "cut_short":
        this.#stopping(step.id);
        if (step.do === "terminate") this.#bodies.set(step.id, "stopping");
        return void this.#told.add(step.id);
      case "wait":
        return void this.#timers.set(step.id, this.#now + step.delay);
      case "cancel_wait":
        return void this.#timers.delete(step.id);
      case "queue":
        return void this.#queue.push(step.event);
      case "queue_first":
        return void this.#queue.unshift(step.event);
      case "answer":
      case "refuse":
        return void this.#byHand.delete(step.caller);
      case "emit":
        return this.#hold(step.event.type !== "gave_up", "it gave up");
      case "end":
        this.#hold(this.#isEnding, "it ended by itself");
        this.hasEnded = true;
    }
  }

  #stopping(id: string): void {
    this.#concern(this.#asked("terminate"));
    // What starts as the end begins is cut short at once.
    const isCut = this.body(id) === "starting";
    this.#hold(this.#isEnding || this.#concerned.has(id), `${id} was stopped, which nothing concerned`);
    const alive = this.state.order.filter((other) => other !== id && this.body(other) !== "none");
    const needIt = alive.filter((other) => this.#specs.get(other)?.after?.some((one) => one.id === id));
    const told = needIt.filter((other) =>
      this.#isEnding || (this.#concerned.has(other) && !this.#wanted.has(other))
    );
    if (!isCut && this.state.usesAfter) this.#hold(told.length === 0, `${id} was stopped before ${told}`);
    const { order } = this.state;
    const later = alive.filter((other) => order.indexOf(other) > order.indexOf(id));
    if (!isCut && this.#isEnding && !this.state.usesAfter) {
      this.#hold(later.length === 0, `${id} was stopped before ${later}`);
    }
  }
}
