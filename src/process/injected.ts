/**
 * Types the replacements of the machine's own processes that a tree can be given for all of its sidecars.
 */
import type { ChildProcess, SpawnOptions } from "./child_process.ts";
import type { Command, ProcessRegistry } from "./command.ts";
import type { OutputLog } from "./output_log.ts";
import type { StepTimes } from "./stop.ts";
import type { ReadUsage } from "./ps.ts";

/**
 * Starts the processes of all sidecars of a tree that have no `spawn` of their own. For the command of a probe, the path is
 * such as `workers/w1#liveness`.
 */
export type InjectedSpawn = (path: string, command: Command, options?: SpawnOptions) => ChildProcess;

/** The replacements; those that are absent are the machine's own. */
export interface InjectedProcesses {
  /** Replaces `spawn`: fake processes. */
  readonly spawn?: InjectedSpawn;
  /** Replaces `ps`: what processes use. */
  readonly readUsage?: ReadUsage;
  /** How long a step of a stop sequence may take, in ms: less than by itself where the whole tree has too little time. */
  readonly stepTime?: (path: string, step: StepTimes) => number;
  /** Stands between the actors and `spawn`, and records each process. */
  readonly registry?: ProcessRegistry | undefined;
  /** Takes what the processes print. */
  readonly log?: OutputLog | undefined;
}
