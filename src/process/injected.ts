/**
 * What a tree can be given in the place of the machine's own processes, for all of its sidecars.
 *
 * @module
 */
import type { ChildProcess, SpawnOptions } from "./child.ts";
import type { Command, ProcessRegistry } from "./command.ts";
import type { ReadUsage } from "./ps.ts";

/**
 * Starts the processes of all sidecars of a tree that have no `spawn` of their own. For the command of a probe, the path is
 * such as `workers/w1#liveness`.
 */
export type InjectedSpawn = (path: string, command: Command, options?: SpawnOptions) => ChildProcess;

/** Each in the place of one of the machine's. */
export interface InjectedProcesses {
  /** In the place of `spawn`: fake processes. */
  readonly spawn?: InjectedSpawn;
  /** In the place of `ps`: what processes use. */
  readonly readUsage?: ReadUsage;
  /** Stands between the actors and `spawn`, and has each process on record. */
  readonly registry?: ProcessRegistry;
}
