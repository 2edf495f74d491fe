/**
 * What is done to a tree by hand, one child at a time.
 */

import { StartError, SupervisionError } from "../supervision/supervision_errors.ts";
import { splitPath } from "../supervision/child_path.ts";
import { type ChildSpec, specsBelow } from "../supervision/child_spec.ts";
import type { ChildState } from "../supervision/child_state.ts";
import { childAt, type ChildStatus } from "../supervision/status.ts";
import { emitAt, phaseOf, stopByHand, type System } from "../supervision/tree.ts";
import type { ChildReport, ControlAction, ControlRefusal, TreeReport } from "./protocol.ts";
import { OutriderError } from "../outrider_error.ts";

/** What commands are carried out on. */
export interface CommandTarget {
  /** The tree; requests can come before it has started. */
  readonly system: System;
  /** The spec it was built from. */
  readonly root: ChildSpec;
  /** Stops it, as a signal would. */
  readonly stop: () => void;
  /** The way it is asked, if not over a control socket. */
  readonly via?: "mcp" | undefined;
}

/** A request that is not carried out. */
export class Refusal extends OutriderError {
  readonly code: ControlRefusal | (string & Record<never, never>);
  /** More about it, for programs. */
  readonly data: unknown;

  constructor(code: Refusal["code"], message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** What `thrown` is as a refusal, where a supervisor or a start has said no; else it is thrown on. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  if (thrown instanceof StartError) return new Refusal("start_failed", thrown.message);
  if (thrown instanceof SupervisionError) return new Refusal(thrown.code, thrown.message);
  throw thrown;
}

/** The states from which a child is started as it is. */
const IDLE: readonly (ChildState | undefined)[] = [undefined, "stopped", "quarantined"];

/** Carries out control requests on one tree. */
export class CommandHandler {
  readonly #tree: CommandTarget;
  readonly #startedAt = Date.now();
  /** The children that a restart is under way for. */
  readonly #restarting = new Set<string>();

  /** Acts on `tree`. */
  constructor(tree: CommandTarget) {
    this.#tree = tree;
  }

  /** The spec of the tree. */
  get root(): ChildSpec {
    return this.#tree.root;
  }

  /** The tree as it stands; never waits. */
  status(): TreeReport {
    const { system, root } = this.#tree;
    return {
      name: root.id,
      now: Date.now(),
      startedAt: this.#startedAt,
      active: system.active,
      phase: phaseOf(system),
      children: reportsOf(system.status()),
    };
  }

  /** The child at `path` as it stands; `null` if it is not known. */
  child(path: string): ChildReport | null {
    return this.status().children.find((child) => child.path === path) ?? null;
  }

  /** Stops the whole tree, and waits for its end. */
  async stop(): Promise<null> {
    this.#tree.stop();
    await this.#tree.system.ended;
    return null;
  }

  /**
   * Starts, stops or restarts a child, and resolves to the child as it stands then, or to `null` if it is known no more.
   * One that runs is not started.
   *
   * @throws {Refusal}
   */
  async act(action: ControlAction, path: string): Promise<ChildReport | null> {
    const { system } = this.#tree;
    if (childAt(system.status(), path) !== undefined) {
      const request = action === "stop" ? "terminate" : action;
      const { via } = this.#tree;
      emitAt(system, path, { type: "requested", request, ...via !== undefined && { via } });
    }
    try {
      if (action === "stop") await this.#terminate(path);
      else await this.#restart(path, action);
    } catch (thrown) {
      if (thrown instanceof StartError) {
        const isOver = [undefined, "stopped"].includes(childAt(system.status(), path)?.state);
        throw new Refusal("start_failed", isOver ? thrown.message : `${thrown.message}; it is tried again`);
      }
      throw refusalOf(thrown);
    }
    return this.child(path);
  }

  /** Of a dynamic supervisor, a child that is not there is no error for a program; an operator has misspelt it. */
  async #terminate(path: string): Promise<void> {
    const { system } = this.#tree;
    const isThere = childAt(system.status(), path) !== undefined;
    await stopByHand(system, path);
    if (!isThere) throw new Refusal("not_found", `Cannot find '${path}': its supervisor has no such child`);
  }

  async #restart(path: string, action: "start" | "restart"): Promise<void> {
    const { system, root } = this.#tree;
    if (this.#restarting.has(path)) {
      throw new Refusal("busy", `Cannot ${action} '${path}': a restart of it is under way`);
    }
    this.#restarting.add(path);
    try {
      const state = childAt(system.status(), path)?.state;
      const specs = new Map([["/", root], ...specsBelow(root)]);
      const spec = specs.get(path);
      const isKept = specs.get(splitPath(path).parent)?.supervises?.onStartFailure === "retry";
      if (state === undefined && spec?.restart === "temporary") {
        throw new Refusal(
          "temporary",
          `Cannot ${action} '${path}': it is temporary and has ended, so its supervisor has forgotten it`,
        );
      }
      // For an unknown child the supervisor has the best error.
      if (!IDLE.includes(state)) {
        if (spec === undefined || !isKept) refuseIfForgotten(path, spec);
        await stopByHand(system, path);
      }
      await system.restartChild(path);
    } finally {
      this.#restarting.delete(path);
    }
  }
}

/** All children, each followed by those below it. */
function reportsOf(children: readonly ChildStatus[]): ChildReport[] {
  return children.flatMap(({ id: _, children = [], ...child }) => [child, ...reportsOf(children)]);
}

/** Refuses a restart of a child that its supervisor removes when it stops. */
function refuseIfForgotten(path: string, spec: ChildSpec | undefined): void {
  if (spec === undefined) {
    throw new Refusal(
      "dynamic",
      `Cannot restart '${path}': it was added while the tree ran; terminate it, and add it again`,
    );
  }
  if (spec.restart === "temporary") {
    throw new Refusal(
      "temporary",
      `Cannot restart '${path}': it is temporary, so its supervisor forgets it when it stops`,
    );
  }
}
