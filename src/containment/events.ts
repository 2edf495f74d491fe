/**
 * The events of containment: the guarantees that hold, and the orphans that were found.
 */

/** Events about the guarantees of a tree, and about orphans. */
export type ContainmentEvent = Readonly<
  /**
   * Emitted once at the start of a tree: how far a stop reaches, and what ends the processes if the runtime is
   * killed.
   */
  | { type: "contained"; stop: "tree" | "process"; hostDeath: "guard" | "sweep" | "eof" }
  /**
   * A process that was left behind was ended, or is there in spite of SIGKILL: by the run before, or, with `leftBy`, by
   * that incarnation, in a session of its own.
   */
  | {
    type: "swept";
    pid: number;
    ended: boolean;
    leftBy?: "child";
    /** Its program, as the process table has it. */
    program?: string;
    /** The last signal that it was sent. */
    signal?: "SIGTERM" | "SIGKILL";
  }
>;

/** The mechanism that ends the sidecars of a runtime that was killed by SIGKILL. */
export type OnHostDeath = "eof" | "guard";
