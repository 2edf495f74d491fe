/**
 * A tree as the business of its whole process: what ends the process ends the tree, within a deadline, and nothing of
 * it is left behind.
 *
 * Used by {@linkcode launch} and by the command line. The invariant: whatever ends the tree, it is closed once, in this
 * order: its actors and processes, its report, what its processes left in sessions of their own.
 */

import { whenAborted } from "../options/abort_signal.ts";
import { durationOption } from "../options/units.ts";
import type { EventLog } from "../actor/address.ts";
import { causeOf, type Exit } from "../actor/exit.ts";
import type { Containment } from "../containment/contain.ts";
import type { ReapedOrphans } from "../containment/sweep.ts";
import type { InjectedProcesses } from "../process/injected.ts";
import type { StepTimes } from "../process/stop.ts";
import { LogPipeline } from "../logs/pipeline.ts";
import type { LiveProcesses } from "../process/live_processes.ts";
import type { SystemEvent } from "../events.ts";
import type { ChildSpec } from "../supervision/child_spec.ts";
import type { ChildState } from "../supervision/child_state.ts";
import { leavesOf } from "../supervision/status.ts";
import { StopShares } from "../supervision/stop_shares.ts";
import { longestStop, stoppingOfSpec } from "../supervision/stop_time.ts";
import { emitAt, isEnding, stopFor, stopsOfTree, System } from "../supervision/tree.ts";
import { sleep, systemClock } from "../time/clock.ts";
import { afterMicrotasks } from "../time/next_turn.ts";
import type { App, AppOptions, Outcome } from "./options.ts";
import { StopOverdueError } from "./stop_overdue.ts";
import { FORCED_WAIT_MS, type Launched, processEnds } from "./process_ends.ts";
import { END_EVENTS, TreeEnd } from "./tree_end.ts";

/**
 * Milliseconds that stopping the whole tree may take before the rest is ended by force: systemd's default. A tree whose
 * stop sequences may take longer, one behind the other, has that time.
 */
export const STOP_DEADLINE_MS = 90_000;

/** Milliseconds after which a stop says for whom it waits, again and again. */
export const STILL_STOPPING_MS = 5_000;

/** Milliseconds that the end of a tree waits for a report of one's own: one that stalls must not hold up the end. */
export const REPORT_WAIT_MS = 1_000;

/** Milliseconds without a byte taken by the reader of its logs, after which the end of a tree waits no longer for it. */
export const LOG_PATIENCE_MS = 2_000;

const ALIVE: readonly ChildState[] = ["starting", "running", "stopping", "ended"];

const FINISHED = "nothing in it runs any more";

/** Further parts of a {@linkcode LaunchedTree}. */
export interface TreeParts {
  /**
   * Gets the tree's events, from the first on, and is awaited at the end, {@linkcode REPORT_WAIT_MS} at most. If it
   * fails, the tree goes on, and {@linkcode App.outcome} rejects with that.
   */
  readonly report?: ((events: AsyncIterable<SystemEvent>) => Promise<void>) | undefined;
  /** The logs, if they are written to anything. */
  readonly logs?: LogPipeline | undefined;
  /** Starts its processes, and knows which have not ended. */
  readonly processes?: LiveProcesses | undefined;
  /** The paths of children beside it, whose end is not that of the tree, whatever else runs. */
  readonly asides?: ReadonlySet<string> | undefined;
  /** The child whose end for good ends the tree. */
  readonly until?: string | undefined;
  /** Whether it starts without what can't be started at all, and tries that again. Default `true`. */
  readonly keepGoing?: boolean | undefined;
  /** Signals after which it goes on. */
  readonly ignoredSignals?: readonly Deno.Signal[] | undefined;
  /** It is closed with the tree. */
  readonly containment?: Containment | undefined;
  /** Called with the orphans found in sessions of their own when the tree has ended. */
  readonly onOrphans?: ((orphans: ReapedOrphans) => void | Promise<void>) | undefined;
}

/** An {@linkcode App}, from before its first child to after its last. */
export class LaunchedTree extends System implements App {
  readonly outcome: Promise<Outcome>;
  /** What its children print. */
  readonly logs: LogPipeline;
  readonly #launched: Launched;
  readonly #options: AppOptions & Pick<TreeParts, "until">;
  readonly #stopDeadline: number;
  readonly #parts: TreeParts;
  readonly #report: Promise<void> | undefined;
  readonly #over = new AbortController();
  readonly #reported = new AbortController();
  readonly #force = new AbortController();
  readonly #forced = Promise.withResolvers<Exit>();
  /** Deno ends when nothing is under way, and neither a signal listener nor an actor that waits counts as that. */
  readonly #keepAlive = setInterval(() => {}, 2 ** 31 - 1);
  readonly #treeEnd: TreeEnd;
  #overdue: StopOverdueError | undefined;
  #hasStarted = false;
  #stopping: Promise<void> | undefined;
  #stopBegan: number | undefined;
  #shares: StopShares | undefined;
  #asked = false;
  #expectsSignal = false;

  /** Nothing runs before {@linkcode LaunchedTree.start}. @throws {OptionError} a time that is not one */
  constructor(root: ChildSpec, options: AppOptions & TreeParts = {}) {
    const runFor = durationOption("runFor", options.runFor, Infinity);
    const way = longestStop(stoppingOfSpec(root));
    const usual = Number.isFinite(way) ? Math.max(STOP_DEADLINE_MS, way) : STOP_DEADLINE_MS;
    const stopDeadline = durationOption("stopDeadline", options.stopDeadline, usual);
    const { logs = new LogPipeline() } = options;
    const injected: InjectedProcesses = {
      registry: options.processes,
      log: logs,
      stepTime: (path, times) => isEnding(this) ? this.#stepTime(path, times) : times.ms,
    };
    super(root, { injected, log: logs as EventLog });
    this.logs = logs;
    this.#stopDeadline = stopDeadline;
    this.#options = this.#parts = options;
    // Where a start that fails ends the tree, it says so itself.
    const needsAll = root.supervises?.onStartFailure === "retry" && options.keepGoing === false;
    this.#treeEnd = new TreeEnd({ asides: options.asides, until: options.until, needsAll });
    this.#report = options.report?.(this.events());
    this.#report?.catch(() => {}); // told by the outcome
    if (options.stopWhenFinished || options.until !== undefined) void this.#watch();
    this.outcome = this.#run();
    const launched = this.#launched = {
      onSignal: options.onSignal ?? "exit",
      stop: (reason) => void this.stopFor(reason),
      interrupt: (name) => this.#interrupt(name),
      killNow: () => options.processes?.killNow(),
      settled: this.outcome.catch(() => {}),
    };
    processEnds.add(launched);
    const { signal } = options;
    const onAbort = () => launched.stop("its signal was aborted");
    const unlisten = whenAborted(signal, onAbort);
    whenAborted(this.#over.signal, unlisten);
    if (signal?.aborted) onAbort();
    if (runFor !== Infinity) {
      this.#after(runFor, () => launched.stop("its time to run is over"));
    }
  }

  override async start(): Promise<void> {
    await super.start();
    this.#hasStarted = true;
    if (this.#options.stopWhenFinished && !this.active) void this.#end(FINISHED);
  }

  /**
   * Stops everything in reverse start order, each child within its shutdown time, all of it within the deadline;
   * fulfilled when nothing of it is left.
   */
  override stop(): Promise<void> {
    return this.stopFor(undefined);
  }

  /** {@linkcode LaunchedTree.stop}, with the reason for the report. */
  stopFor(reason: string | undefined): Promise<void> {
    this.#asked = true;
    return this.#end(reason);
  }

  /** {@linkcode LaunchedTree.stopFor}, where a signal may come on top that means the same: not before another one is it forced. */
  stopBeforeSignal(reason: string): Promise<void> {
    this.#expectsSignal = true;
    return this.stopFor(reason);
  }

  /** Stops everything within the deadline, whatever it is for. */
  #end(reason: string | undefined): Promise<void> {
    return this.#stopping ??= this.#stop(reason);
  }

  async #stop(reason: string | undefined): Promise<void> {
    this.#stopBegan ??= systemClock.now();
    this.#after(this.#stopDeadline, () => this.#endOverdue());
    this.#tellWhoIsLeft();
    void stopFor(this, reason);
    await this.#launched.settled;
  }

  /** Of a stop that was asked for, or that it came to by itself. */
  #stepTime(path: string, times: StepTimes): number {
    const now = systemClock.now();
    const began = this.#stopBegan ??= now;
    this.#shares ??= new StopShares(stopsOfTree(this), this.#stopDeadline);
    return this.#shares.stepTime(path, { ...times, elapsed: now - began });
  }

  #endOverdue(): void {
    const late = leavesOf(this.status()).filter(({ state }) => ALIVE.includes(state)).map(({ path }) => path);
    const overdue = this.#overdue = new StopOverdueError(late, this.#stopDeadline);
    this.#warn(`${overdue.message}; what is left is ended by force`);
    void this.kill();
  }

  /** Once in a while, as long as the stop takes. */
  #tellWhoIsLeft(): void {
    this.#after(STILL_STOPPING_MS, () => {
      const now = Date.now();
      const children = leavesOf(this.status()).filter(({ state }) => state === "stopping")
        .map(({ path, since = now, step }) => ({
          path,
          for: now - since,
          ...step !== undefined && { step },
        }));
      if (children.length > 0) emitAt(this, "/", { type: "still_stopping", children });
      this.#tellWhoIsLeft();
    });
  }

  /** {@linkcode LaunchedTree.stop}, for `await using`. Rejects with what its report failed with. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.outcome;
  }

  #warn(message: string): void {
    emitAt(this, "/", { type: "warning", message });
  }

  #interrupt(name: Deno.Signal): void {
    if (this.#parts.ignoredSignals?.includes(name)) return;
    if (this.#over.signal.aborted) this.#reported.abort();
    const successor = name === "SIGTERM" ? this.#parts.containment?.takeSuccessor() : undefined;
    const isTaken = successor !== undefined;
    if (!this.#asked) return void this.stopFor(isTaken ? `taken over by process ${successor}` : name);
    if (this.#expectsSignal) return void (this.#expectsSignal = false);
    if (this.#force.signal.aborted) return;
    // It waits for the end, whatever has begun that.
    if (isTaken) return this.#warn(`process ${successor} waits to take over, and the stop goes on in order`);
    this.#warn(`a second signal, ${name}: all is ended by force`);
    this.#force.abort();
    if (this.#over.signal.aborted) return;
    void this.kill();
    this.#after(FORCED_WAIT_MS, () => this.#forced.resolve({ reason: "killed", abandoned: true }));
  }

  async #run(): Promise<Outcome> {
    const end = await Promise.race([this.#forced.promise, this.ended]);
    const outcome = this.#outcomeOf(end);
    this.#over.abort();
    clearInterval(this.#keepAlive);
    try {
      await this.logs.close(LOG_PATIENCE_MS, this.#reported.signal);
      await Promise.race([this.#report, sleep(systemClock, REPORT_WAIT_MS, this.#reported.signal)]);
    } finally {
      this.#reported.abort();
      await this.#close();
    }
    return outcome;
  }

  async #close(): Promise<void> {
    // Where the process goes on, or its end is handled elsewhere, a signal belongs to that handler now.
    if (this.#launched.onSignal !== "exit") processEnds.remove(this.#launched);
    try {
      const orphans = await this.#parts.containment?.close(this.#force.signal);
      if (orphans !== undefined) await this.#parts.onOrphans?.(orphans);
    } finally {
      processEnds.remove(this.#launched);
    }
  }

  #outcomeOf(end: Exit): Outcome {
    if (this.#force.signal.aborted) return { how: "forced" };
    if (this.#overdue !== undefined) return { how: "overdue", cause: this.#overdue };
    const { missing, unstartable } = this.#treeEnd;
    if (missing !== undefined) return { how: "start_failed", cause: missing };
    // What failed before it was told to stop has failed.
    const cause = causeOf(end);
    if (this.#asked && cause === undefined) return { how: "stopped" };
    if (cause !== undefined) return { how: this.#hasStarted ? "gave_up" : "start_failed", cause };
    return unstartable === undefined ? { how: "finished" } : { how: "start_failed", cause: unstartable };
  }

  /** Stops the tree once nothing in it runs or will run by itself, or the child that it runs for has ended. */
  async #watch(): Promise<void> {
    for await (const event of this.events({ types: [...END_EVENTS] })) {
      const step = this.#treeEnd.follow(event);
      if (step?.do === "end") void this.#end(step.reason);
      if (step?.do === "look" && this.#options.stopWhenFinished) void this.#stopIfOver();
    }
  }

  async #stopIfOver(): Promise<void> {
    await afterMicrotasks(); // until its supervisor has heard of it
    if (!this.active) void this.#end(FINISHED);
  }

  /** How the child that it runs for has ended by itself, as far as it has. */
  get untilExit(): Exit | undefined {
    return this.#treeEnd.untilExit;
  }

  #after(ms: number, act: () => void): void {
    const { signal } = this.#over;
    void sleep(systemClock, ms, signal).then(() => signal.aborted || act());
  }
}
