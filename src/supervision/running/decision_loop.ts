/**
 * The decisions of one supervisor, one after the other: an event comes in, `decide` says what becomes of it, and the steps
 * are carried out. Used by `supervisor.ts`.
 *
 * Invariant: while steps are carried out, further events wait for the next decision: a child may call its supervisor
 * from within its own start.
 */

import { asError } from "../../actor/exit.ts";
import type { Clock } from "../../time/clock.ts";
import { Ring } from "../../time/ring.ts";
// @ts-types="../decide/decide.d.ts"
import { decide } from "../decide/decide.ts";
import type { ChildNotice } from "../child.ts";
import { isBusy, type SupervisorState } from "../decide/state.ts";
import { commit, type DueEvent, type SupervisorEvent, type SupervisorStep } from "../decide/steps.ts";

/** A step that concerns more than the order of decisions. */
export type OutwardStep = Exclude<SupervisorStep, { readonly do: "queue" | "queue_first" }>;

/** What a {@linkcode DecisionLoop} works with. */
export interface LoopContext {
  readonly clock: Clock;
  /** Carries out one step. */
  readonly carryOut: (step: OutwardStep) => void;
  /** Called when the steps of a decision have been carried out. */
  readonly onDecided: () => void;
}

/** Decides about each event in its turn. */
export class DecisionLoop {
  #state: SupervisorState;
  readonly #context: LoopContext;
  /** Events since the decision whose steps are being carried out. */
  readonly #events = new Ring<SupervisorEvent>();
  /** Events to decide about when the agenda is empty, in the order of their arrival. */
  readonly #queue = new Ring<DueEvent>();
  #isDeciding = false;
  #hasFailed = false;

  /** Nothing is decided before the first event. */
  constructor(initial: SupervisorState, context: LoopContext) {
    this.#state = initial;
    this.#context = context;
  }

  /** The state after the last decision. */
  get state(): SupervisorState {
    return this.#state;
  }

  /** Decides about `event`, and about all that comes of it, unless that is under way. */
  take(event: SupervisorEvent): void {
    this.#events.push(event);
    if (this.#isDeciding) return;
    this.#isDeciding = true;
    const { clock, onDecided } = this.#context;
    const now = clock.now();
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      try {
        const decision = decide(this.#state, next, now);
        this.#state = commit(decision);
        for (const step of decision.steps) this.#carryOut(step);
        onDecided();
      } catch (thrown) {
        // Every failure of a child is an event: this is a fault of a spec's own code, or of ours. The supervisor is told
        // once: where its end has a fault, too, it would be told for ever.
        if (this.#hasFailed) continue;
        this.#hasFailed = true;
        this.#events.push({ type: "told_to_end", exit: { reason: "crash", cause: asError(thrown) } });
      }
    }
    this.#isDeciding = false;
  }

  #next(): SupervisorEvent | undefined {
    if (this.#events.size > 0) return this.#events.shift();
    return this.#queue.size > 0 && !isBusy(this.#state) ? this.#queue.shift() : undefined;
  }

  #carryOut(step: SupervisorStep): void {
    if (step.do === "queue") this.#queue.push(step.event);
    else if (step.do === "queue_first") this.#queue.unshift(step.event);
    else this.#context.carryOut(step);
  }
}

/** The event that a report of the child of that id is; `random` says how long its next restart waits. */
export function eventOf(id: string, report: ChildNotice, random: () => number): SupervisorEvent {
  if (report.of === "stop") return { type: "stop_finished", id };
  if (report.of === "whole") return { type: "became_ready", id };
  if (report.of === "life") {
    const { exit, uptime } = report;
    return { type: "child_exited", id, exit, uptime, chance: random() };
  }
  const result = report.outcome === "failed" ? { ...report, chance: random() } : report;
  return { type: "start_finished", id, result };
}
