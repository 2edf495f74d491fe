/**
 * A sidecar that runs once, with a stream on standard input and output: for `run`, and for `pipe` where it has no replies.
 */

import { optionsOf } from "@outrider/outrider/actors/factories";
import type { SidecarEntry } from "../../../manifest/fields/types.ts";
import type { ChildProcess, SpawnOptions } from "../../../process/child_process.ts";
import type { Command } from "../../../process/command.ts";
import { sidecar } from "../../../sidecar/sidecar.ts";

/** How it differs from its entry. */
export interface OnceOptions {
  /** Its name beside the entry's own child. Default: that of the entry. */
  readonly id?: string;
  /** Arguments behind its own. */
  readonly args?: readonly string[] | undefined;
  /** Whether it need not be ready: a job has come when its process has, whatever its port says. */
  readonly isJob: boolean;
  /** Starts its process. */
  readonly spawn: (command: Command, options?: SpawnOptions) => ChildProcess;
}

/** Why `run` and `pipe` can't have a sidecar as a stream, as the end of a sentence; `undefined`: they can. */
export function whyNoStream({ pty }: Pick<SidecarEntry, "pty">): string | undefined {
  return pty === true
    ? "its `pty` takes a protocol of lines, and this is a stream of bytes; start it with 'outrider up'"
    : undefined;
}

/** The child of a tree that runs it: it ends when its process does, and is not started again. */
export function onceSpec(
  { start: _, ...entry }: SidecarEntry,
  { id = entry.id, args = [], isJob, spawn }: OnceOptions,
): ReturnType<typeof sidecar> {
  return sidecar(id, {
    ...optionsOf(entry),
    args: [...entry.args, ...args],
    protocol: "bytes",
    restart: "temporary",
    rules: undefined,
    significant: false,
    ...isJob && { ready: "started", probes: undefined },
    spawn,
  });
}
