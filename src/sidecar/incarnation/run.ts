/**
 * One run of a sidecar's process: what its writer, its reader and its readiness share.
 *
 * Made by `sidecar_process.ts`, which sets each part as the start gets to it.
 */

import type { Context } from "../../actor/behavior.ts";
import type { ChildProcess } from "../../process/child_process.ts";
import type { Redactor } from "../../process/secrets/mask.ts";
import type { ResolvedSidecarOptions } from "../options.ts";
import type { ProtocolTap, ReplyCorrelation } from "../protocol.ts";

export interface SidecarRun {
  readonly context: Context<unknown, unknown, unknown>;
  readonly settings: ResolvedSidecarOptions;
  /** Aborts when the process has ended. */
  readonly exited: AbortSignal;
  /** Redacts the process's secrets in a text. */
  readonly redact: Redactor;
  /** Marks the sidecar as failed and ends this incarnation. */
  readonly fail: (cause: Error) => void;
  /** Correlates replies; none without a protocol. */
  correlation?: ReplyCorrelation | undefined;
  /** The observer of frames, if any. */
  tap?: ProtocolTap | undefined;
  child?: ChildProcess;
}
