/**
 * Pipes standard input through a sidecar without replies: bytes go in unchanged, and its output comes out.
 *
 * A stream has no boundaries where another process could continue, so there is one process, and it is not
 * started again. The end of the input is the end of its stdin; then it has as long as it wants.
 */

import { factories } from "@outrider/outrider/actors/factories";
import type { Subscription } from "../../../actor/events/subscription.ts";
import type { ChildFactories } from "../../../manifest/resolve/child_specs.ts";
import type { SidecarEntry } from "../../../manifest/fields/types.ts";
import type { ChildProcess } from "../../../process/child_process.ts";
import { spawn } from "../../../process/spawn.ts";
import { type ExitCode, UsageError } from "../../verb.ts";
import type { OwnPart } from "../partner.ts";
import { talk, type TalkOptions } from "../talk.ts";
import { ErrorLines } from "./error_lines.ts";
import { onceSpec, whyNoStream } from "./once.ts";
import { pump } from "./pump.ts";

/** How a sidecar is piped through. */
export interface BytesOptions extends Pick<TalkOptions, "verbose"> {
  /** It is run as a job with these arguments behind its own: its exit code is that of the verb. */
  readonly run?: readonly string[];
}

/** Pipes standard input through a sidecar, to standard output. @throws {UsageError} it has a terminal */
export async function pipeBytes(
  { path, from }: { readonly path: string; readonly from: OwnPart & { readonly entry: SidecarEntry } },
  { verbose, run }: BytesOptions,
): Promise<ExitCode> {
  const why = whyNoStream(from.entry);
  if (why !== undefined) {
    throw new UsageError(`Cannot ${run === undefined ? "pipe" : "run"} '${path}': ${why}`);
  }
  let child: ChildProcess | undefined;
  let written: Subscription<Uint8Array> | undefined;
  const isJob = run !== undefined;
  const own: ChildFactories = {
    ...factories,
    sidecar: (entry) => {
      if (entry !== from.entry) return factories.sidecar(entry);
      return onceSpec(entry, {
        args: run,
        isJob,
        spawn(command, options) {
          const started = spawn(command, options);
          child ??= started; // commands of probes come later
          return started;
        },
      });
    },
  };
  // Its output before it is ready counts, too.
  const onStarted: TalkOptions["onStarted"] = (ref) => written = ref.subscribe();
  const errors = isJob ? new ErrorLines() : undefined;
  return await talk(
    { path, from },
    { verbose, factories: own, onStarted, onStderr: (line) => errors?.add(line) },
    (talking) => pump(talking, { path, child: child!, written: written!, errors }),
  );
}
