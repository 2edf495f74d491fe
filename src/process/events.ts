/**
 * The events of actors that run a process.
 */

import type { LineLevel } from "./pipes/logged_lines.ts";

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
  /**
   * A line of output: stderr, or stdout of a sidecar without protocol. Of lines that replace one another by `\r`, one a
   * second, and the last. `level`: what its priority said (`<3>`), which is not part of `line`. `continues`: it is a piece
   * of a long line, and the next event of this stream has more of it.
   */
  | { type: "output"; stream: "stdout" | "stderr"; line: string; level?: LineLevel; continues?: true }
  /** Output that is not a message: `sample` of this one, `total` so far, and the bytes that were `discarded` for it so far. */
  | { type: "malformed"; kind: string; bytes: number; sample: string; total: number; discarded: number }
>;
