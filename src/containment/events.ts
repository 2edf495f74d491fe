/**
 * The events of containment: what keeps processes from being left behind, and which were.
 *
 * @module
 */

/** What containment tells of the tree and of processes that were left behind. */
export type ContainmentEvent =
  /** Of the whole tree, at its start: how far a stop reaches, and what ends the processes if the runtime is killed. */
  | {
    readonly type: "contained";
    readonly stop: "tree" | "process";
    readonly hostDeath: "guard" | "sweep" | "eof";
  }
  /**
   * A process that was left behind was ended, or is there in spite of SIGKILL: by the run before, or, with `leftBy`, by
   * that incarnation, in a session of its own.
   */
  | { readonly type: "swept"; readonly pid: number; readonly ended: boolean; readonly leftBy?: "child" };
