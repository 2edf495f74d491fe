/**
 * A tree without incarnations: what stops and starts in it, and in which order, is written down as steps.
 *
 * @module
 */

import { type ChildSpec, pathOf } from "./child_spec.ts";
import { groupRestart } from "./strategy.ts";
import type { SupervisorRules } from "./supervisor_rules.ts";
import type { TalliedDeath } from "./verdict.ts";

/** One thing that happens, in its order. */
export type Step =
  /** A child that runs is stopped; `forgotten`: its supervisor does not know it any more after that. */
  | { readonly do: "stop"; readonly path: string; readonly forgotten: boolean }
  /** Milliseconds, between these two, are waited; what they are depends on chance. */
  | { readonly do: "wait"; readonly min: number; readonly max: number }
  /** A child is started, and is ready before the next one is. */
  | { readonly do: "start"; readonly path: string };

/** A child in a tree that is only thought of. */
export class Part {
  readonly spec: ChildSpec;
  readonly path: string;
  readonly parent: Part | undefined;
  state: "running" | "stopped" | "quarantined" = "running";
  /** Of a supervisor: its children, in start order. */
  children: readonly Part[] = [];
  /** Of a supervisor: when its restarts were, as far as they count. */
  restarts: readonly number[] = [];
  /** Which step of its backoff comes next. */
  step = 0;
  tallied: readonly TalliedDeath[] = [];

  /** Runs, with all below it. */
  constructor(spec: ChildSpec, parent?: Part) {
    this.spec = spec;
    this.parent = parent;
    this.path = parent === undefined ? "/" : pathOf(parent.path, spec.id);
    this.#begin();
  }

  /** What it goes by as a supervisor. @throws {TypeError} for one that is none */
  get rules(): SupervisorRules {
    const { supervises } = this.spec;
    if (supervises === undefined) {
      throw new TypeError(`Cannot supervise as '${this.path}': it is no supervisor`);
    }
    return supervises;
  }

  /** Whether it, or anything below it, runs or will by itself. */
  get active(): boolean {
    return this.spec.type === "supervisor" && this.state === "running"
      ? this.children.some((child) => child.active)
      : this.state !== "stopped";
  }

  /** The part at `path`, itself or below. */
  at(path: string): Part | undefined {
    if (this.path === path) return this;
    for (const child of this.children) {
      const found = child.at(path);
      if (found !== undefined) return found;
    }
  }

  /** Stops it and all below, last to first. */
  stop(forgotten = false): Step[] {
    const { state } = this;
    this.state = "stopped";
    if (state !== "running") return [];
    const steps = this.stopChildren();
    return [...steps, { do: "stop", path: this.path, forgotten }];
  }

  /** Stops all below it, last to first. */
  stopChildren(): Step[] {
    return [...this.children].reverse().flatMap((child) => child.stop());
  }

  /** Starts it and all below: anew, with nothing of what was before. */
  start(): Step[] {
    this.state = "running";
    this.#begin();
    return [{ do: "start", path: this.path }, ...this.children.flatMap((child) => child.start())];
  }

  /** Stops what the restart of its child `failed` stops. */
  stopGroup(failed: Part): Step[] {
    const { stop, forget } = groupRestart(this.rules.strategy, this.children, failed);
    const steps = stop.flatMap((member) => member.stop(forget.has(member)));
    this.children = this.children.filter((child) => !forget.has(child));
    return steps;
  }

  /** Starts what the restart of its child `failed` starts. */
  startGroup(failed: Part): Step[] {
    return groupRestart(this.rules.strategy, this.children, failed).start.flatMap((member) => member.start());
  }

  #begin(): void {
    this.children = this.spec.children.map((spec) => new Part(spec, this));
    this.restarts = [];
  }
}
