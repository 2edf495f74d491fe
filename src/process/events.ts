/**
 * The events of actors that run a process.
 */

/** An event of an actor that runs a process. */
export type ProcessEvent = Readonly<
  /** A process was spawned for this incarnation. */
  | { type: "spawned"; pid: number; program: string }
  /** The result of its readiness probe has changed since it got ready; `cause` is the last failure of an unready one. */
  | { type: "readiness"; ready: boolean; cause: Error | undefined }
  /** A step of the stop sequence begins. */
  | { type: "stop_step"; step: string }
  /** Pipes outlived their process (a grandchild holds them) and were closed after the drain deadline. */
  | { type: "pipes_held"; waited: number }
  /** Processes of its group outlived the one that was started; they were ended with SIGKILL. */
  | { type: "leftovers_killed" }
  /** A line of output: stderr, or stdout of a sidecar without protocol. */
  | { type: "output"; stream: "stdout" | "stderr"; line: string }
  /** Output that is not a message: `sample` of this one, `total` so far, and the bytes that were `discarded` for it so far. */
  | { type: "malformed"; kind: string; bytes: number; sample: string; total: number; discarded: number }
>;
