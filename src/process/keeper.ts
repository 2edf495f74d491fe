/**
 * Who starts the processes of a run and keeps a record of them, so that none is lost.
 *
 * @module
 */
import type { ChildOptions, ChildProcess } from "./child.ts";
import type { Command } from "./command.ts";

/** Whose process it is. */
export interface Kept {
  /** The place in the tree, such as `workers/w1`; of the command of a probe `workers/w1#liveness`. */
  readonly path: string;
  /** The incarnation. */
  readonly generation: number;
}

/** What a tree may be given as `provided.keeper`: it stands between its actors and `spawn`. */
export interface Keeper {
  /** Starts `command` as `spawn` does, and has it on record when this returns. */
  spawn(command: Command, options: ChildOptions, whose: Kept): ChildProcess;
}
