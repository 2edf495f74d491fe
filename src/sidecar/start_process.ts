/**
 * Starts the processes of an actor.
 *
 * @module
 */

import { type Command, type ProcessRegistry, spawn } from "../process/command.ts";
import type { ChildProcess, SpawnOptions } from "../process/child.ts";
import type { Context } from "../actor/behavior.ts";

/**
 * What a tree may be given as `injected.spawn`: it starts the processes of all sidecars that have no `spawn` of their
 * own. For the command of a probe, the path is such as `workers/w1#liveness`.
 */
export type InjectedSpawn = (path: string, command: Command, options?: SpawnOptions) => ChildProcess;

/** The owner of a process. */
export interface SpawnRequest {
  /** The actor that the process belongs to. */
  readonly context: Pick<Context<unknown, unknown, unknown>, "path" | "generation" | "injected">;
  /** The actor's own way to start one. */
  readonly own: ((command: Command, options?: SpawnOptions) => ChildProcess) | undefined;
  /** Not empty for a process that is not the actor's own, such as `#liveness`. */
  readonly role?: string;
}

/** Starts a process the actor's own way, else the tree's, else on the tree's record, if it keeps one. */
export function startProcess(
  command: Command,
  options: SpawnOptions,
  { context: { path, generation, injected }, own, role = "" }: SpawnRequest,
): ChildProcess {
  if (own !== undefined) return own(command, options);
  const given = injected.spawn as InjectedSpawn | undefined;
  if (given !== undefined) return given(path + role, command, options);
  const registry = injected.registry as ProcessRegistry | undefined;
  return registry?.spawn(command, options, { path: path + role, generation }) ?? spawn(command, options);
}
