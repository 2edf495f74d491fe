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
    this.changed.set(id, { ...this.child(id), ...changes });
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
