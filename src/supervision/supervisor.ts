/**
 * A supervisor: starts its children in order, watches them, restarts what fails by its strategy, gives up when that
 * happens too often, and stops them in reverse order.
 *
 * `decide/decide.ts` decides; here events come in and steps are carried out, one decision after the other
 * (`running/decision_loop.ts`).
 */

import type { Address } from "../actor/address.ts";
import type { Exit } from "../actor/exit.ts";
import type { Degraded, Incarnation, StartOutcome } from "../actor/incarnation.ts";
import type { ActorSystem } from "../actor/system.ts";
import { Child, type ChildNotice } from "./child.ts";
import type { ChildSpec, StartContext } from "./child_spec.ts";
import { type CallerId, childPath, initialState, type SupervisorRequest } from "./decide/state.ts";
import type { SupervisorEvent } from "./decide/steps.ts";
import { isElsewhere, isEnd } from "./dependencies.ts";
import { type Links, linksOf } from "./links.ts";
import { DecisionLoop, eventOf, type OutwardStep } from "./running/decision_loop.ts";
import { isAnyActive, readinessIn, statusIn, stopsIn, type SupervisorView } from "./running/standing.ts";
import type { Stopping } from "./stop_time.ts";
import { StartCancelledError, SupervisionError } from "./supervision_errors.ts";
import type { SupervisionEvent } from "./events.ts";
import type { BareChildStatus } from "./status.ts";
import type { SupervisorRules } from "./restart/strategy.ts";

/** One incarnation of a supervisor. */
export class Supervisor implements Incarnation {
  readonly #started = Promise.withResolvers<StartOutcome>();
  readonly #ended = Promise.withResolvers<Exit>();
  readonly #whole = Promise.withResolvers<void>();
  readonly started: Promise<StartOutcome> = this.#started.promise;
  readonly ended: Promise<Exit> = this.#ended.promise;
  readonly #system: ActorSystem;
  readonly #address: Address;
  readonly #links: Links;
  /** Has its state, and is how supervisors of other groups reach it. */
  readonly #loop: DecisionLoop;
  readonly #children = new Map<string, Child>();
  /** The ids of children whose end a sibling waits for, or waited for. */
  readonly #awaited = new Set<string>();
  /** Called when a child with that spec is added. */
  readonly #onAdded = new Map<ChildSpec, (path: string) => void>();
  readonly #callers = new Map<CallerId, PromiseWithResolvers<StartOutcome | undefined>>();
  #degraded: Degraded | undefined;
  #isTurnAwaited = false;
  /** Whether a stop was requested: from then on not even a decided start is carried out. */
  #isClosing = false;
  #requests = 0;
  readonly #view: SupervisorView = {
    state: () => this.#loop.state,
    generationOf: (id) => this.#child(id).generation,
    below: (id) => {
      const below = this.supervisorAt(id);
      return below === undefined ? undefined : below.#view;
    },
  };

  /** Starts at once, with `specs` as its first children. */
  constructor({ path, system }: StartContext, specs: readonly ChildSpec[], rules: SupervisorRules) {
    this.#system = system;
    this.#address = system.address(path);
    this.#links = linksOf(system);
    this.#loop = new DecisionLoop(initialState(path, { specs, rules }), {
      clock: system.clock,
      carryOut: (step) => this.#carryOut(step),
      onDecided: () => this.#links.update(this.#loop),
    });
    for (const spec of specs) this.#add(spec);
    const children = [...this.#children.values()].map(({ spec: { id, type: kind }, generation }) => (
      { id, kind, generation }
    ));
    this.#links.join(this.#loop, specs);
    const { onStartFailure } = rules;
    this.#address.emit<SupervisionEvent>({ type: "supervising", onStartFailure, children });
    this.#take({ type: "began" });
  }

  /** The children as they stand, in start order. */
  status(): readonly BareChildStatus[] {
    return statusIn(this.#view);
  }

  /** What it has to stop, as it stands. */
  stops(): readonly Stopping[] {
    return stopsIn(this.#view);
  }

  /** Where it stood when it had started, if not all below it was ready then. */
  get degraded(): Degraded | undefined {
    return this.#degraded;
  }

  /** Whether it stops its children, or has. */
  get isEnding(): boolean {
    const { phase } = this.#loop.state;
    return phase.is === "ending" || phase.is === "over";
  }

  /** Whether anything below runs, or will by itself. */
  get active(): boolean {
    return isAnyActive(this.#view);
  }

  /** The supervisor of that id among the children, if it runs. */
  supervisorAt(id: string): Supervisor | undefined {
    return supervisorIn(this.#children.get(id)?.incarnation);
  }

  stop(): void {
    this.#isClosing = true;
    this.#take({ type: "told_to_end", exit: { reason: "shutdown" } });
  }

  kill(): void {
    this.#isClosing = true;
    this.#take({ type: "told_to_end", exit: { reason: "killed", abandoned: false } });
  }

  // --- Requests -----------------------------------------------------------------

  /**
   * Adds a child behind the others and starts it. Where the start fails, it is not kept. `onAdded` is called before it
   * starts.
   *
   * @throws {SupervisionError} `bad_combination`, `already_started`, `already_present`, `max_children`,
   * `unknown_dependency`
   * @throws {StartError} also for a dependency that does not hold now: it is not waited for
   */
  async startChild(spec: ChildSpec, onAdded?: (path: string) => void): Promise<StartOutcome> {
    if (onAdded !== undefined) this.#onAdded.set(spec, onAdded);
    try {
      this.#links.name(this.#loop, spec);
      return (await this.#request((caller) => ({ ask: "start", caller, spec })))!;
    } finally {
      this.#onAdded.delete(spec);
    }
  }

  /**
   * Stops a child, which stays known unless it is temporary or dynamic, or was never ready. Nothing happens to a
   * dynamic child that is gone. A start of it that is under way is cut short. Messages for one that stays known are
   * refused, or, with `keepsMessages`, wait.
   *
   * @throws {SupervisionError} `not_found`
   */
  async terminateChild(id: string, keepsMessages: boolean = false): Promise<void> {
    await this.#request((caller) => ({ ask: "terminate", caller, id, keepsMessages }));
  }

  /**
   * Starts a child that is known and does not run, or is in quarantine.
   *
   * @throws {SupervisionError} `not_found`, `running`, `restarting`, `dynamic`
   * @throws {StartError} it stays stopped then, or, where failed starts are retried, goes on being tried
   */
  async restartChild(id: string): Promise<StartOutcome> {
    return (await this.#request((caller) => ({ ask: "restart", caller, id })))!;
  }

  /** Forgets a child that does not run. @throws {SupervisionError} `not_found`, `running`, `restarting`, `dynamic` */
  async deleteChild(id: string): Promise<void> {
    await this.#request((caller) => ({ ask: "delete", caller, id }));
  }

  #request(make: (caller: CallerId) => SupervisorRequest): Promise<StartOutcome | undefined> {
    const caller = this.#requests++;
    const answer = Promise.withResolvers<StartOutcome | undefined>();
    this.#callers.set(caller, answer);
    this.#take({ type: "requested", request: make(caller) });
    return answer.promise;
  }

  // --- Events in, steps out ----------------------------------------------------------

  #take(event: SupervisorEvent): void {
    this.#loop.take(event);
  }

  #carryOut(step: OutwardStep): void {
    switch (step.do) {
      case "start":
        if (this.#isClosing) return this.#cancelStart(step.id);
        return this.#child(step.id).start({ isAwaited: this.#isEndAwaited(step.id) });
      case "terminate":
        return this.#child(step.id).stop();
      case "cut_short":
        return this.#child(step.id).cutShort();
      case "kill_all":
        for (const child of this.#children.values()) child.kill();
        return;
      case "close_below":
        for (const child of this.#children.values()) {
          const below = child.state === "starting" ? undefined : supervisorIn(child.incarnation);
          if (below !== undefined) below.#close();
        }
        return;
      case "wait":
        return this.#child(step.id).wait(
          step.delay,
          () => this.#take({ type: "timer_elapsed", id: step.id }),
        );
      case "cancel_wait":
        return this.#child(step.id).cancelWait();
      case "await_turn":
        return this.#awaitTurn();
      case "add":
        return this.#add(step.spec);
      case "refuse_messages":
        return this.#child(step.id).refuseMessages(step.why);
      case "end_subscriptions":
        return this.#system.endSubscriptions(childPath(this.#loop.state, step.id));
      case "remove":
        this.#child(step.id).remove(step.why);
        return void this.#children.delete(step.id);
      case "emit":
        return step.id === undefined
          ? this.#address.emit<SupervisionEvent>(step.event)
          : this.#child(step.id).emit(step.event);
      case "answer":
        this.#callers.get(step.caller)?.resolve(step.result);
        return void this.#callers.delete(step.caller);
      case "refuse":
        this.#callers.get(step.caller)?.reject(step.error);
        return void this.#callers.delete(step.caller);
      case "report_ready":
        this.#started.resolve("ok");
        return this.#whole.resolve();
      case "report_degraded":
        this.#degraded = { ...readinessIn(this.#view), whole: this.#whole.promise };
        return this.#started.resolve("ok");
      case "end":
        return this.#over(step.exit, step.failure);
    }
  }

  /** Nothing is started any more, here and below. */
  #close(): void {
    this.#isClosing = true;
    this.#take({ type: "closed" });
  }

  #cancelStart(id: string): void {
    const cause = new StartCancelledError(childPath(this.#loop.state, id));
    this.#take({ type: "start_finished", id, result: { outcome: "failed", cause, chance: 0 } });
  }

  #awaitTurn(): void {
    if (this.#isTurnAwaited) return;
    this.#isTurnAwaited = true;
    void this.#system.turn().then(() => {
      this.#isTurnAwaited = false;
      this.#take({ type: "turn_elapsed" });
    });
  }

  #over(exit: Exit, failure: Error | undefined): void {
    this.#links.leave(this.#loop);
    const why = `Cannot reach '${this.#loop.state.path}': it has ended`;
    for (const { reject } of this.#callers.values()) reject(new SupervisionError("no_supervisor", why));
    this.#callers.clear();
    this.#ended.resolve(exit);
    if (failure !== undefined) this.#started.reject(failure);
  }

  // --- Children ---------------------------------------------------------------------

  #child(id: string): Child {
    return this.#children.get(id)!;
  }

  #add(spec: ChildSpec): void {
    const onReport = (report: ChildNotice) =>
      this.#take(eventOf(spec.id, report, () => this.#system.random()));
    const path = childPath(this.#loop.state, spec.id);
    this.#children.set(spec.id, new Child(spec, path, { system: this.#system, onReport }));
    for (const { id, condition } of spec.after ?? []) {
      if (isEnd(condition) && !isElsewhere(id)) this.#awaited.add(id);
    }
    this.#onAdded.get(spec)?.(path);
  }

  #isEndAwaited(id: string): boolean {
    return this.#awaited.has(id) || this.#links.isEndAwaited(this.#child(id).path);
  }
}

/** The supervisor that an incarnation is, or lives together with. */
export function supervisorIn(incarnation: Incarnation | undefined): Supervisor | undefined {
  const found = incarnation?.supervisor ?? incarnation;
  return found instanceof Supervisor ? found : undefined;
}
