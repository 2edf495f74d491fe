/**
 * A tree without incarnations: its supervisors decide as they do in earnest, and what they would do is written down.
 */

import type { DeathCause, Exit } from "../../actor/exit.ts";
import { pathOf } from "../child_path.ts";
import type { ChildSpec } from "../child_spec.ts";
import { isBusy, type StartResult } from "../decide/state.ts";
import type { DecidedDeath, SupervisorEvent, SupervisorStep } from "../decide/steps.ts";
import { GaveUpError, StartError } from "../supervision_errors.ts";
import type { SupervisionEvent } from "../events.ts";
import type { Decision, Step } from "./explanation.ts";
import { ImaginedSupervisor } from "./imagined_supervisor.ts";
import { Links } from "../links.ts";
import { countRestart, delayOf, isTooMany } from "../restart/restart_limits.ts";

/** Of jitter, the middle. */
const CHANCE = 0.5;

type Written = { -readonly [Key in keyof Decision]: Decision[Key] } & { steps: Step[] };

/** Something that happens so often to the child at `path`. */
interface Series {
  readonly death: DeathCause;
  readonly times: number;
}

/** A wait that is under way; its length depends on chance. */
interface Wait {
  readonly part: ImaginedSupervisor;
  readonly id: string;
  readonly delay: number;
  readonly min: number;
  readonly max: number;
}

/** Plays deaths and failed starts on a tree that does not run, and records each decision. */
export class DryRun {
  /** The result of the last death, or failed start. */
  decisions: readonly Decision[] = [];
  readonly #links = new Links();
  readonly #root: ImaginedSupervisor;
  readonly #events: { readonly part: ImaginedSupervisor; readonly event: SupervisorEvent }[] = [];
  readonly #parts = new Set<ImaginedSupervisor>();
  #waits: readonly Wait[] = [];
  #now = 0;
  #written: Written[] = [];
  /** Events before the first decision. */
  #before: Step[] = [];
  #failing: { readonly path: string; readonly death: DeathCause; left: number } | undefined;

  /** All of `root` runs. */
  constructor(root: ChildSpec) {
    this.#root = this.#imagine(root, undefined, false);
  }

  has(path: string): boolean {
    return this.#at(path) !== undefined;
  }

  get active(): boolean {
    return this.#root.active;
  }

  /** The child at `path` dies, as soon as it is ready again; how often it could. */
  die(path: string, { death, times }: Series): number {
    for (let nth = 0; nth < times; nth++) {
      const child = this.#at(path);
      if (child === undefined || child.part.child(child.id).life.state !== "running") return nth;
      this.#writeAnew();
      this.#exit(child.part, child.id, { reason: "crash", cause: failureOf(death) });
      this.#toRest();
    }
    return times;
  }

  /** A restart of the child at `path` fails, and so on; how often it could: there is one only if it had died before. */
  failStarts(path: string, { death, times }: Series): number {
    const { part, id } = this.#at(path)!;
    const { intensity } = part.state.rules;
    const restarts = countRestart([], this.#now, intensity);
    if (isTooMany(restarts, intensity)) return 0;
    this.#now += delayOf(part.child(id).spec.backoff, 0, CHANCE);
    part.state = { ...part.state, restarts };
    part.change(id, { life: { state: "restarting" }, backoffStep: 1, restarts });
    const failing = this.#failing = { path, death, left: times };
    this.#post(part, { type: "timer_elapsed", id });
    this.#toRest();
    return times - failing.left;
  }

  #at(path: string): { readonly part: ImaginedSupervisor; readonly id: string } | undefined {
    if (path === "/") return undefined;
    const ids = path.split("/");
    const last = ids.pop()!;
    let part: ImaginedSupervisor | undefined = this.#root;
    for (const id of ids) part = part?.below.get(id);
    return part?.state.children.get(last) === undefined ? undefined : { part, id: last };
  }

  #imagine(spec: ChildSpec, parent: ImaginedSupervisor["parent"], isStarting: boolean): ImaginedSupervisor {
    const post = (part: ImaginedSupervisor, event: SupervisorEvent) => this.#post(part, event);
    return new ImaginedSupervisor(spec, parent, { isStarting, links: this.#links, post });
  }

  #post(part: ImaginedSupervisor, event: SupervisorEvent): void {
    this.#events.push({ part, event });
  }

  #writeAnew(): void {
    this.#before = [];
    this.decisions = this.#written = [];
  }

  #write(step: Step): void {
    (this.#written.at(-1)?.steps ?? this.#before).push(step);
  }

  /** Lets everything happen, and waits pass where nothing else does. */
  #toRest(): void {
    for (;;) {
      const next = this.#events.shift() ?? this.#due();
      if (next !== undefined) this.#take(next.part, next.event);
      else if (!this.#pass()) return;
    }
  }

  #due(): { part: ImaginedSupervisor; event: SupervisorEvent } | undefined {
    for (const part of this.#parts) {
      if (part.queue.length > 0 && !isBusy(part.state)) return { part, event: part.queue.shift()! };
    }
  }

  #pass(): boolean {
    const [wait, ...others] = this.#waits;
    if (wait === undefined) return false;
    this.#waits = others;
    this.#now += wait.delay;
    if (wait.max > 0) this.#write({ do: "wait", min: wait.min, max: wait.max });
    this.#post(wait.part, { type: "timer_elapsed", id: wait.id });
    return true;
  }

  #take(part: ImaginedSupervisor, event: SupervisorEvent): void {
    this.#parts.add(part);
    const { phase } = part.state;
    const { decided, steps } = part.decide(event, this.#now);
    const hasShutDown = phase.is !== "ending" && part.state.phase.is === "ending";
    if (decided !== undefined) this.#begin(part, decided, hasShutDown);
    for (const step of steps) this.#carryOut(part, step);
  }

  #begin(
    { path, state }: ImaginedSupervisor,
    { spec, death, decision }: DecidedDeath,
    hasShutDown: boolean,
  ): void {
    this.#written.push({
      path: pathOf(path, spec.id),
      type: spec.type,
      death,
      restart: spec.restart,
      supervisor: path,
      ruling: decision,
      intensity: state.rules.intensity,
      outcome: hasShutDown ? "shut_down" : decision.verdict,
      steps: this.#before,
    });
    this.#before = [];
  }

  #carryOut(part: ImaginedSupervisor, step: SupervisorStep): void {
    switch (step.do) {
      case "start":
        return this.#start(part, step.id);
      case "terminate": {
        const below = part.below.get(step.id);
        if (below === undefined) return this.#stopped(part, step.id);
        return this.#post(below, { type: "told_to_end", exit: { reason: "shutdown" } });
      }
      case "queue":
        return void part.queue.push(step.event);
      case "wait":
        return this.#wait(part, step.id, step.delay);
      case "cancel_wait":
        this.#waits = this.#waits.filter((wait) => wait.part !== part || wait.id !== step.id);
        return;
      case "report_ready":
      case "report_degraded":
        return this.#reported(part, step.do === "report_degraded");
      case "end":
        return this.#ended(part, step.exit, step.failure);
      case "emit":
        return this.#told(step.event);
      default:
        return;
    }
  }

  #start(part: ImaginedSupervisor, id: string): void {
    const path = pathOf(part.path, id);
    const { spec } = part.child(id);
    if (this.#failing?.path === path && this.#failing.left > 0) {
      this.#failing.left--;
      this.#writeAnew();
      return this.#failed(part, id, failureOf(this.#failing.death));
    }
    this.#write({ do: "start", path });
    if (spec.supervises === undefined) return this.#started(part, id, { outcome: "ok" });
    const below = this.#imagine(spec, { part, id }, true);
    part.below.set(id, below);
    this.#post(below, { type: "began" });
  }

  #reported({ parent }: ImaginedSupervisor, isDegraded: boolean): void {
    if (parent === undefined) return;
    const { part, id } = parent;
    const hasStarted = part.child(id).life.state === "running";
    if (hasStarted) this.#post(part, { type: "became_ready", id });
    else this.#started(part, id, { outcome: "ok", isDegraded });
  }

  #failed(part: ImaginedSupervisor, id: string, failure: Error): void {
    const cause = new StartError(pathOf(part.path, id), failure);
    this.#started(part, id, { outcome: "failed", cause, chance: CHANCE });
  }

  #started(part: ImaginedSupervisor, id: string, result: StartResult): void {
    this.#post(part, { type: "start_finished", id, result });
  }

  #stopped(part: ImaginedSupervisor, id: string): void {
    const { life } = part.child(id);
    const forgotten = life.state === "stopping" && life.then.do === "remove";
    this.#write({ do: "stop", path: pathOf(part.path, id), forgotten });
    this.#post(part, { type: "stop_finished", id });
  }

  #exit(part: ImaginedSupervisor, id: string, exit: Exit): void {
    this.#post(part, { type: "child_exited", id, exit, uptime: 0, chance: CHANCE });
  }

  /** A supervisor has ended, or its start has failed. */
  #ended({ parent }: ImaginedSupervisor, exit: Exit, failure: Error | undefined): void {
    if (parent === undefined) return;
    const { part, id } = parent;
    part.below.get(id)?.leave();
    part.below.delete(id);
    if (part.child(id).life.state === "stopping") return this.#stopped(part, id);
    if (failure === undefined) return this.#exit(part, id, exit);
    this.#failed(part, id, failure);
  }

  #wait(part: ImaginedSupervisor, id: string, delay: number): void {
    const { spec: { backoff }, life, backoffStep } = part.child(id);
    const of = (chance: number) =>
      life.state === "quarantined" ? delay : delayOf(backoff, backoffStep - 1, chance);
    this.#waits = [...this.#waits, { part, id, delay, min: of(0), max: of(1) }];
  }

  /** The addition of an event to its decision. */
  #told(event: SupervisionEvent): void {
    const decision = this.#written.at(-1);
    if (decision === undefined) return;
    const tooMany = Math.floor(decision.intensity.restarts) + 1;
    if (event.type === "restarting") Object.assign(decision, { nth: event.restart });
    if (event.type === "gave_up") Object.assign(decision, { outcome: "give_up", nth: tooMany });
    if (event.type !== "quarantined") return;
    Object.assign(decision, { outcome: "quarantine", coolDown: event.coolDown });
    // One on trial, or whose program is missing, is held back whatever is left of its budget.
    const isSpent = event.cause instanceof GaveUpError &&
      (event.nth === 1 || decision.intensity.per === "supervisor");
    if (isSpent) Object.assign(decision, { nth: tooMany });
  }
}

function failureOf(death: DeathCause): Error {
  return Object.assign(new Error("a dry run"), { death });
}
