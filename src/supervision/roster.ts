/**
 * The children that a supervisor knows, in start order.
 *
 * @module
 */

import type { ActorSystem } from "../actor/system.ts";
import { Child, type Death } from "./child.ts";
import type { ChildState } from "./child_state.ts";
import { checkedId, type ChildSpec, pathOf } from "./child_spec.ts";
import { SupervisionError } from "./errors.ts";
import type { SupervisionEvent } from "./events.ts";

/** Where a roster is. */
export interface RosterOptions {
  /** The supervisor's path. */
  readonly path: string;
  readonly system: ActorSystem;
  /** Of a dynamic supervisor: how many children it may have. It forgets those that do not run. */
  readonly maxChildren: number | undefined;
  /** Told when a child has ended by itself. */
  readonly onDeath: (death: Death) => void;
}

/** See the module. */
export class Roster {
  /** In start order. A new array with each change. */
  all: readonly Child[];
  readonly dynamic: boolean;
  readonly #options: RosterOptions;
  readonly #initial: readonly ChildSpec[];

  /** With `specs` as the first children. */
  constructor(specs: readonly ChildSpec[], options: RosterOptions) {
    this.#options = options;
    this.#initial = specs;
    this.dynamic = options.maxChildren !== undefined;
    this.all = specs.map((spec) => this.#childOf(spec));
    if (options.system.events.observed) this.#announce();
  }

  /** The children in another order than that of their start: last to first. */
  get reversed(): readonly Child[] {
    return [...this.all].reverse();
  }

  /** The child of that id. */
  find(id: string): Child | undefined {
    return this.all.find((child) => child.spec.id === id);
  }

  /**
   * Adds a child behind the others.
   *
   * @throws {SupervisionError} `already_started`, `already_present`, `max_children`, `unknown_dependency`
   */
  add(spec: ChildSpec): Child {
    const known = this.find(checkedId(spec.id));
    if (known !== undefined) {
      const code = known.isThere ? "already_started" : "already_present";
      throw new SupervisionError(
        code,
        `Cannot start a second '${known.path}': delete the first, or start that again`,
      );
    }
    const { path, maxChildren = Infinity } = this.#options;
    if (this.all.length >= maxChildren) {
      throw new SupervisionError(
        "max_children",
        `Cannot start '${spec.id}': '${path}' has ${maxChildren} children`,
      );
    }
    for (const { id } of spec.after ?? []) {
      if (this.find(id) === undefined) throw SupervisionError.unknownDependency(spec.id, id, this.#ids);
    }
    const child = this.#childOf(spec);
    this.all = [...this.all, child];
    this.#options.system.address(child.path).emit<SupervisionEvent>({ type: "added", kind: spec.type });
    return child;
  }

  /** The child of that id. @throws {SupervisionError} `not_found` */
  known(id: string): Child {
    const child = this.find(id);
    if (child !== undefined) return child;
    throw new SupervisionError(
      "not_found",
      `Cannot find '${id}' in '${this.#options.path}': its children are ${this.#ids}`,
    );
  }

  /** The child of that id, which does not run. @throws {SupervisionError} `not_found`, `running`, `restarting`, `dynamic` */
  idle(id: string): Child {
    if (this.dynamic) {
      const { path } = this.#options;
      throw new SupervisionError(
        "dynamic",
        `Cannot do that to '${id}': '${path}' forgets children that do not run`,
      );
    }
    const child = this.known(id);
    if (child.isThere) {
      throw new SupervisionError(
        "running",
        `Cannot do that to '${child.path}': it is ${
          child.isStarting ? "starting" : "running"
        }; terminate it first`,
      );
    }
    if (child.state === "restarting") {
      throw new SupervisionError(
        "restarting",
        `Cannot do that to '${child.path}': it is about to be started again`,
      );
    }
    return child;
  }

  /** A child that does not run and will not by itself. A temporary one is forgotten, and so is any of a dynamic supervisor. */
  retire(child: Child, why: string): void {
    if (child.spec.restart === "temporary" || this.dynamic) this.forget(child, why);
    else child.retire(why);
  }

  /** Knows `child` no more. */
  forget(child: Child, why: string): void {
    child.forget(why);
    this.all = this.all.filter((known) => known !== child);
  }

  /** Stops all: last to first, one at a time; those of a dynamic supervisor have no order and stop together. */
  async stop(): Promise<void> {
    const children = this.reversed;
    if (this.dynamic) await Promise.all(children.map((child) => child.stop()));
    else for (const child of children) await child.stop();
    // Should the supervisor start again, it will know only those that it was given.
    for (const child of children) {
      if (!this.#initial.includes(child.spec)) child.forget("its supervisor has ended");
    }
  }

  get #ids(): string {
    return this.all.map((child) => child.spec.id).join(", ") || "none";
  }

  #announce(): void {
    const { path, system } = this.#options;
    const children = this.all.map(({ spec, generation }) => ({ id: spec.id, kind: spec.type, generation }));
    system.address(path).emit<SupervisionEvent>({ type: "supervising", children });
  }

  #childOf(spec: ChildSpec): Child {
    const { path, system, onDeath } = this.#options;
    return new Child(spec, pathOf(path, spec.id), { system, onDeath });
  }
}

/** A child as it stands, and those below it. */
export interface ChildStatus {
  /** Its id among its siblings. */
  readonly id: string;
  /** Its place in the tree. */
  readonly path: string;
  /** Whether it has children of its own. */
  readonly type: "worker" | "supervisor";
  /** Where it stands. */
  readonly state: ChildState;
  /** Which incarnation runs or ran last, counted from 1. */
  readonly generation: number;
  /** Of a supervisor that is alive. */
  readonly children?: readonly ChildStatus[];
}

/** How many children a supervisor has. */
export interface ChildCount {
  /** All that it knows, whether they run or not. */
  readonly specs: number;
  /** Those with an incarnation: starting, running or stopping. */
  readonly active: number;
  /** All supervisors that it knows, whether they run or not. */
  readonly supervisors: number;
  /** All other children that it knows, whether they run or not. */
  readonly workers: number;
}

/** Counts children as they stand. */
export function countOf(children: readonly ChildStatus[]): ChildCount {
  const supervisors = children.filter(({ type }) => type === "supervisor").length;
  return {
    specs: children.length,
    active: children.filter(({ state }) => ACTIVE.includes(state)).length,
    supervisors,
    workers: children.length - supervisors,
  };
}

const ACTIVE: readonly ChildState[] = ["starting", "running", "stopping"];
