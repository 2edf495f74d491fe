/**
 * Requests, carried out on a tree.
 */

import { StartError, SupervisionError } from "../supervision/supervision_errors.ts";
import { splitPath } from "../supervision/child_path.ts";
import { type ChildSpec, specsBelow } from "../supervision/child_spec.ts";
import type { ChildStatus } from "../supervision/status.ts";
import { emitAt, phaseOf, type System } from "../supervision/tree.ts";
import type { ChildReport, ControlRefusal, ControlRequest, TreeReport } from "./protocol.ts";
import { OutriderError } from "../outrider_error.ts";

/** A tree that can be acted on over a socket. */
export interface ControlledTree {
  /** The tree; requests can come before it has started. */
  readonly system: System;
  /** The spec it was built from. */
  readonly root: ChildSpec;
  /** Stops it, as a signal would. */
  readonly stop: () => void;
}

/** A request that is not carried out. */
export class Refusal extends OutriderError {
  readonly code: ControlRefusal;

  constructor(code: ControlRefusal, message: string) {
    super(message);
    this.code = code;
  }
}

/** Carries out control requests on one tree. */
export class CommandHandler {
  readonly #tree: ControlledTree;
  readonly #startedAt = Date.now();
  /** The children that a restart is under way for. */
  readonly #restarting = new Set<string>();

  constructor(tree: ControlledTree) {
    this.#tree = tree;
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

  /**
   * Carries out a request that takes time. A restart and a terminate resolve to the child as it stands then, or to
   * `null` if it is known no more.
   *
   * @throws {Refusal}
   */
  async perform(request: Exclude<ControlRequest, { method: "status" }>): Promise<ChildReport | null> {
    if (request.method === "stop") {
      this.#tree.stop();
      await this.#tree.system.ended;
      return null;
    }
    const { method, child } = request;
    const { system } = this.#tree;
    if (find(system.status(), child) !== undefined) {
      emitAt(system, child, { type: "requested", request: method });
    }
    try {
      if (method === "restart") await this.#restart(child);
      else await this.#terminate(child);
    } catch (thrown) {
      if (thrown instanceof StartError) {
        const isOver = [undefined, "stopped"].includes(find(system.status(), child)?.state);
        throw new Refusal("start_failed", isOver ? thrown.message : `${thrown.message}; it is tried again`);
      }
      if (thrown instanceof SupervisionError) throw new Refusal(thrown.code, thrown.message);
      throw thrown;
    }
    return this.status().children.find(({ path }) => path === child) ?? null;
  }

  /** Of a dynamic supervisor, a child that is not there is no error for a program; an operator has misspelt it. */
  async #terminate(path: string): Promise<void> {
    const { system } = this.#tree;
    const isThere = find(system.status(), path) !== undefined;
    await system.terminateChild(path);
    if (!isThere) throw new Refusal("not_found", `Cannot find '${path}': its supervisor has no such child`);
  }

  async #restart(path: string): Promise<void> {
    const { system, root } = this.#tree;
    if (this.#restarting.has(path)) {
      throw new Refusal("busy", `Cannot restart '${path}': a restart of it is under way`);
    }
    this.#restarting.add(path);
    try {
      const state = find(system.status(), path)?.state;
      const specs = new Map([["/", root], ...specsBelow(root)]);
      const spec = specs.get(path);
      const isKept = specs.get(splitPath(path).parent)?.supervises?.onStartFailure === "retry";
      if (state === undefined && spec?.restart === "temporary") {
        throw new Refusal(
          "temporary",
          `Cannot restart '${path}': it is temporary and has ended, so its supervisor has forgotten it`,
        );
      }
      // For an unknown child the supervisor has the best error.
      if (state !== undefined && state !== "stopped" && state !== "quarantined") {
        if (spec === undefined || !isKept) refuseIfForgotten(path, spec);
        await system.terminateChild(path);
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

function find(children: readonly ChildStatus[], path: string): ChildStatus | undefined {
  for (const child of children) {
    if (child.path === path) return child;
    const below = path.startsWith(`${child.path}/`) ? find(child.children ?? [], path) : undefined;
    if (below !== undefined) return below;
  }
}
