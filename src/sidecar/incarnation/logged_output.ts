/**
 * What one incarnation prints, on its way to the logs of its tree: in batches where no reader needs the lines one by one,
 * and no faster than the slowest of their sinks.
 *
 * Used by the readers of both pipes. The invariant: a reply, a stop and an end never wait for a sink.
 */

import { injectedOf } from "../../actor/behavior.ts";
import type { InjectedProcesses } from "../../process/injected.ts";
import type { LoggedStream, OutputLog } from "../../process/output_log.ts";
import type { LineBatches } from "../../process/pipes/logged_lines.ts";
import type { SidecarRun } from "./run.ts";

export class LoggedOutput {
  readonly #run: SidecarRun;
  readonly #log: OutputLog | undefined;
  readonly #needsLines: (stream: LoggedStream) => boolean;
  readonly #waiting: Set<() => void>;
  #mayWait = true;

  /**
   * `waiting` gets what has a reader that waits go on; `needsLines` says whether something waits for a line of that
   * stream.
   */
  constructor(run: SidecarRun, waiting: Set<() => void>, needsLines: (stream: LoggedStream) => boolean) {
    this.#run = run;
    this.#waiting = waiting;
    this.#log = injectedOf<InjectedProcesses>(run.context).log;
    this.#needsLines = needsLines;
  }

  batches(stream: LoggedStream): LineBatches {
    const { context } = this.#run;
    const { path, generation } = context;
    return {
      isFit: () => this.#run.child?.redact === undefined && this.#isUnobserved(stream),
      take: (text, count) =>
        this.#log?.plain({ at: context.clock.wallTime(), path, generation, stream, text, count }),
    };
  }

  /** Whether nobody needs the lines of `stream` one by one. */
  #isUnobserved(stream: LoggedStream): boolean {
    return !this.#run.context.isObserved("output") && !this.#needsLines(stream);
  }

  /** What to wait for before more is read. */
  readonly room = (): Promise<void> | undefined => {
    if (!this.#mayWait || this.#run.correlation?.isAwaited) return undefined;
    const isUnhurried = this.#isUnobserved("stdout") && this.#isUnobserved("stderr");
    const room = this.#log?.room(this.#run.context.path, isUnhurried);
    if (room === undefined) return undefined;
    return new Promise((resolve) => {
      const go = () => {
        this.#waiting.delete(go);
        resolve();
      };
      this.#waiting.add(go);
      void room.then(go);
    });
  };

  /** Waits no more: the process ends. */
  letGo(): void {
    this.#mayWait = false;
    for (const go of this.#waiting) go();
  }
}
