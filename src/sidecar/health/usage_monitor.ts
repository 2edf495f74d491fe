/**
 * Reads the usage of a tree's sidecars once a second, for all of them together; a sidecar that is over its limits
 * for too long is ended.
 *
 * This is a soft limit. Between two readings a process may use whatever it gets; a limit that the system
 * itself keeps is for a `launcher` such as `prlimit`. Readings happen only while a process with limits runs.
 */

import { CPU_RESOLUTION_MS, processTrees, type ReadUsage, readUsage } from "../../process/ps.ts";
import { type LimitExcess, LimitWatch } from "./limit_watch.ts";
import { LIMITS_TICK_MS, type ResolvedLimits } from "./limits.ts";
import type { InjectedProcesses } from "../../process/injected.ts";
import { asError } from "../../actor/exit.ts";
import type { ChildProcess } from "../../process/child_process.ts";
import type { Clock } from "../../time/clock.ts";
import { type Context, injectedOf } from "../../actor/behavior.ts";

/** A watched process and its callbacks. */
export interface WatchedProcess {
  /** The process; its descendants count as well. */
  readonly pid: number;
  readonly limits: ResolvedLimits;
  /** Called once when it is over a limit. */
  readonly onOver: (excess: LimitExcess) => void;
  /** Called once when its usage cannot be read, and again only after it could. */
  readonly onReadingFailed: (cause: Error) => void;
}

/** Where a tree's readings come from. */
export interface ResourceMonitorOptions {
  readonly clock: Clock;
  /** The tree's `injected.readUsage`, if set; default: `ps`. */
  readonly read?: ReadUsage | undefined;
}

/** Reads for all sidecars of a tree, while there are any to read for. */
export class ResourceMonitor {
  static readonly #ofTrees = new WeakMap<object, ResourceMonitor>();
  readonly #clock: Clock;
  readonly #read: ReadUsage;
  readonly #resolution: number;
  readonly #watched = new Map<WatchedProcess, LimitWatch>();
  #timer: unknown;
  #reading: Promise<void> | undefined;
  #isReading = false;
  #hasReadingFailed = false;

  /** See {@linkcode ResourceMonitor.of}. */
  constructor({ clock, read }: ResourceMonitorOptions) {
    this.#clock = clock;
    this.#read = read ?? readUsage;
    this.#resolution = read === undefined ? CPU_RESOLUTION_MS : 0;
  }

  /** The one monitor of the tree that has `injected`. */
  static of(injected: InjectedProcesses, clock: Clock): ResourceMonitor {
    const known = ResourceMonitor.#ofTrees.get(injected);
    if (known !== undefined) return known;
    const monitor = new ResourceMonitor({ clock, read: injected.readUsage });
    ResourceMonitor.#ofTrees.set(injected, monitor);
    return monitor;
  }

  /** Watches a process; to be given to {@linkcode ResourceMonitor.leave} at its end. */
  join(watched: WatchedProcess): void {
    this.#watched.set(watched, new LimitWatch(watched.limits, { resolution: this.#resolution }));
    if (this.#watched.size === 1 && !this.#isReading) this.#arm();
  }

  /** Stops watching the process. Settles when no reading runs, if it was the last one. */
  async leave(watched: WatchedProcess): Promise<void> {
    this.#watched.delete(watched);
    if (this.#watched.size > 0) return;
    this.#clock.clearTimeout(this.#timer);
    await this.#reading;
  }

  #arm(): void {
    this.#timer = this.#clock.setTimeout(() => void (this.#reading = this.#tick()), LIMITS_TICK_MS);
  }

  async #tick(): Promise<void> {
    this.#isReading = true;
    try {
      const pids = [...this.#watched.keys()].map(({ pid }) => pid);
      const trees = processTrees(pids, await this.#read());
      this.#hasReadingFailed = false;
      const now = this.#clock.now();
      for (const [watched, watch] of [...this.#watched]) {
        const tree = trees.get(watched.pid) ?? [];
        const excess = tree.length === 0 ? undefined : watch.take(tree, now);
        if (excess === undefined) continue;
        this.#watched.delete(watched);
        watched.onOver(excess);
      }
    } catch (thrown) {
      // Where memory is short, starting `ps` fails as well: the next reading may do better.
      const wasBlind = this.#hasReadingFailed;
      this.#hasReadingFailed = true;
      if (!wasBlind) {
        for (const { onReadingFailed } of this.#watched.keys()) onReadingFailed(asError(thrown));
      }
    } finally {
      this.#isReading = false;
    }
    if (this.#watched.size > 0) this.#arm();
  }
}

/** Options of {@linkcode enforceLimits}. */
export interface EnforceLimitsOptions {
  readonly limits: ResolvedLimits;
  /** Of the sidecar. */
  readonly context: Pick<Context<unknown, unknown, unknown>, "clock" | "emit">;
  /** Aborted when the sidecar is ended by force: from then on no limit matters, and its process may never end. */
  readonly killed: AbortSignal;
  /** It is over a limit; told once. */
  readonly onOver: (excess: LimitExcess) => void;
}

/** Watches a process until it has ended or is ended by force; fulfilled when nothing of that is left. */
export async function enforceLimits(
  { pid, exited }: ChildProcess,
  { limits, context, killed, onOver }: EnforceLimitsOptions,
): Promise<void> {
  const monitor = ResourceMonitor.of(injectedOf<InjectedProcesses>(context), context.clock);
  const onReadingFailed = ({ message }: Error) =>
    context.emit({ type: "warning", message: `its limits are not watched: ${message}` });
  const watched = { pid, limits, onOver, onReadingFailed: onReadingFailed };
  if (killed.aborted) return;
  const forced = Promise.withResolvers<void>();
  killed.addEventListener("abort", () => forced.resolve(), { once: true });
  monitor.join(watched);
  try {
    await Promise.race([exited, forced.promise]);
  } finally {
    await monitor.leave(watched);
  }
}
