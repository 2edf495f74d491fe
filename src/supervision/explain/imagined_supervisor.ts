/**
 * A supervisor without incarnations, for dry runs: it decides as one that runs does.
 */

import { pathOf } from "../child_path.ts";
import type { ChildSpec } from "../child_spec.ts";
import { decide } from "../decide/decide.ts";
import { type ChildRecord, initialState, isActiveChild, type SupervisorState } from "../decide/state.ts";
import { isEnd } from "../dependencies.ts";
import type { Linked, Links } from "../links.ts";
import { commit, type DueEvent, type SupervisorDecision, type SupervisorEvent } from "../decide/steps.ts";

/** A supervisor, and those below it; its steps are carried out by a dry run. */
export class ImaginedSupervisor {
  readonly path: string;
  /** The supervisor above, and its id there. */
  readonly parent: { readonly part: ImaginedSupervisor; readonly id: string } | undefined;
  readonly below = new Map<string, ImaginedSupervisor>();
  /** Events to decide about when the agenda is empty. */
  readonly queue: DueEvent[] = [];
  state: SupervisorState;
  readonly #links: Links;
  readonly #link: Linked;

  /** With all its children running, or, `isStarting`, none. What others bring about is given to `post`. */
  constructor(
    spec: ChildSpec,
    parent: ImaginedSupervisor["parent"],
    { isStarting, links, post }: {
      readonly isStarting: boolean;
      readonly links: Links;
      readonly post: (part: ImaginedSupervisor, event: SupervisorEvent) => void;
    },
  ) {
    this.#links = links;
    const getState = () => this.state;
    this.#link = {
      get state() {
        return getState();
      },
      take: (event) => post(this, event),
    };
    this.parent = parent;
    this.path = parent === undefined ? "/" : pathOf(parent.part.path, spec.id);
    // All jobs are thought to be done, and where a supervisor starts all or none, all that a child starts after to be so.
    const isRetrying = spec.supervises!.onStartFailure === "retry";
    const specs = spec.children.map((child) => (
      { ...child, after: isRetrying ? child.after?.filter(({ condition }) => !isEnd(condition)) : undefined }
    ));
    this.state = initialState(this.path, { specs, rules: spec.supervises! });
    links.join(this.#link, specs);
    if (isStarting) return;
    this.state = { ...this.state, phase: { is: "running" } };
    for (const child of specs) {
      this.change(child.id, { life: { state: "running" }, first: "ready" });
      if (child.supervises !== undefined) {
        this.below.set(
          child.id,
          new ImaginedSupervisor(child, { part: this, id: child.id }, { isStarting, links, post }),
        );
      }
    }
    links.update(this.#link);
  }

  /** It has ended. */
  leave(): void {
    this.#links.leave(this.#link);
  }

  child(id: string): ChildRecord {
    return this.state.children.get(id)!;
  }

  change(id: string, changes: Partial<ChildRecord>): void {
    commit({ state: this.state, changed: new Map([[id, { ...this.child(id), ...changes }]]) });
  }

  decide(event: SupervisorEvent, now: number): SupervisorDecision {
    const decision = decide(this.state, event, now);
    this.state = commit(decision);
    this.#links.update(this.#link);
    return decision;
  }

  /** Whether anything below it runs or will by itself. */
  get active(): boolean {
    return this.state.order.some((id) => {
      const child = this.child(id);
      const below = child.life.state === "running" ? this.below.get(id) : undefined;
      return below?.active ?? isActiveChild(child);
    });
  }
}
