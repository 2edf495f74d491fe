/**
 * The events of actors that run a process.
 */

/** An event of an actor that runs a process. */
export type ProcessEvent =
  /** A process was spawned for this incarnation. */
  | { readonly type: "spawned"; readonly pid: number; readonly program: string }
  /** The result of its readiness probe has changed since it got ready; `cause` is the last failure of an unready one. */
  | { readonly type: "readiness"; readonly ready: boolean; readonly cause: Error | undefined }
  /** A step of the stop sequence begins. */
  | { readonly type: "stop_step"; readonly step: string }
  /** Pipes outlived their process (a grandchild holds them) and were closed after the drain deadline. */
  | { readonly type: "pipes_held"; readonly waited: number }
  /** Processes of its group outlived the one that was started; they were ended with SIGKILL. */
  | { readonly type: "leftovers_killed" }
  /** A line of output: stderr, or stdout of a sidecar without protocol. */
  | { readonly type: "output"; readonly stream: "stdout" | "stderr"; readonly line: string }
  /** Output that is not a message: `sample` of this one, `total` so far, and the bytes that were `discarded` for it so far. */
  | {
    readonly type: "malformed";
    readonly kind: string;
    readonly bytes: number;
    readonly sample: string;
    readonly total: number;
    readonly discarded: number;
  };
