/**
 * One decision while it is made: the state as it becomes, and the steps so far.
 */

import type { SupervisionEvent } from "../events.ts";
import { childPath, type ChildRecord, type Move, type SupervisorState } from "./state.ts";
import type { DecidedDeath, SupervisorStep } from "./steps.ts";

/** Lives for one call of `decide`; the states that it replaces stay as they are. */
export class Draft {
  readonly state: SupervisorState;
  readonly changed = new Map<string, ChildRecord | undefined>();
  readonly steps: SupervisorStep[] = [];
  decided: DecidedDeath | undefined;
  /** Milliseconds of the system's clock. */
  readonly now: number;

  constructor(state: SupervisorState, now: number) {
    this.state = { ...state };
    this.now = now;
  }

  find(id: string): ChildRecord | undefined {
    return this.changed.has(id) ? this.changed.get(id) : this.state.children.get(id);
  }

  /** The child of that id. @throws {TypeError} there is none: a fault of ours */
  child(id: string): ChildRecord {
    const child = this.find(id);
    if (child === undefined) throw new TypeError(`Cannot decide about '${id}': it is not a child`);
    return child;
  }

  set(changes: Partial<SupervisorState>): void {
    Object.assign(this.state, changes);
  }

  change(id: string, changes: Partial<ChildRecord>): void {
    const before = this.child(id);
    const after = { ...before, ...changes };
    this.#noteWaiting(before, after);
    this.changed.set(id, after);
  }

  /** Knows a child no more. */
  remove(id: string): void {
    this.#noteWaiting(this.child(id), undefined);
    this.set({ order: this.state.order.filter((other) => other !== id) });
    this.changed.set(id, undefined);
  }

  /** It is started as soon as what it waits for allows. */
  waitToStart(id: string): void {
    this.change(id, { life: { state: "waiting", told: "nothing" }, completion: undefined });
  }

  /** It has been stopped, or is not to be any more. */
  endStop(id: string): void {
    if (!this.state.stops.has(id)) return;
    const stops = new Map(this.state.stops);
    stops.delete(id);
    this.set({ stops });
  }

  #noteWaiting(before: ChildRecord, after: ChildRecord | undefined): void {
    const { waiting } = this.state;
    const isWaiting = after?.life.state === "waiting";
    if (isWaiting === (before.life.state === "waiting")) return;
    const { id } = before.spec;
    this.set({ waiting: isWaiting ? [...waiting, id] : waiting.filter((other) => other !== id) });
  }

  step(step: SupervisorStep): void {
    this.steps.push(step);
  }

  emit(id: string, event: SupervisionEvent): void {
    this.step({ do: "emit", id, event });
  }

  path(id: string): string {
    return childPath(this.state, id);
  }

  // --- The agenda -----------------------------------------------------------------

  get move(): Move | undefined {
    return this.state.agenda[this.state.done];
  }

  plan(agenda: readonly Move[]): void {
    this.set({ agenda, done: 0 });
  }

  /** The move under way is done, if it is that one; whether it was. */
  finish(what: Move["do"], id: string): boolean {
    const { move } = this;
    if (move?.do !== what || move.id !== id) return false;
    this.set({ done: this.state.done + 1 });
    return true;
  }
}
