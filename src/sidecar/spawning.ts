/**
 * Who starts the processes of an actor.
 *
 * @module
 */

import { type Command, type Keeper, spawn } from "../process/command.ts";
import type { ChildOptions as SpawnOptions, ChildProcess } from "../process/child.ts";
import type { Context } from "../actor/behavior.ts";

/**
 * What a tree may be given as `provided.spawn`: it starts the processes of all sidecars that have no `spawn` of their
 * own. For the command of a probe, the path is such as `workers/w1#liveness`.
 */
export type ProvidedSpawn = (path: string, command: Command, options?: SpawnOptions) => ChildProcess;

/** Whose process it is. */
export interface Starter {
  /** The actor that the process belongs to. */
  readonly context: Pick<Context<unknown, unknown, unknown>, "path" | "generation" | "provided">;
  /** The actor's own way to start one. */
  readonly own: ((command: Command, options?: SpawnOptions) => ChildProcess) | undefined;
  /** Not empty for a process that is not the actor's own, such as `#liveness`. */
  readonly role?: string;
}

/** Starts a process the actor's own way, else the tree's, else on the tree's record, if it keeps one. */
export function startProcess(
  command: Command,
  options: SpawnOptions,
  { context: { path, generation, provided }, own, role = "" }: Starter,
): ChildProcess {
  if (own !== undefined) return own(command, options);
  const given = provided.spawn as ProvidedSpawn | undefined;
  if (given !== undefined) return given(path + role, command, options);
  const keeper = provided.keeper as Keeper | undefined;
  return keeper?.spawn(command, options, { path: path + role, generation }) ?? spawn(command, options);
}
