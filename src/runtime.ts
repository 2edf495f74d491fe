/**
 * Runs a tree as the business of a whole process: signals, deadlines, and how it
 * all came out.
 *
 * @module
 */

import { checkTimes } from "./actor/checked_time.ts";
import { systemClock, systemSleep } from "./time/clock.ts";
import type { SystemEvent } from "./events.ts";
import { asError, causeOf } from "./actor/exit.ts";
import type { ControlledTree } from "./control/commands.ts";
import type { ProcessRegistry } from "./process/command.ts";
import type { ChildSpec } from "./supervision/child_spec.ts";
import { System } from "./supervision/tree.ts";

/** Signals that stop a tree gracefully, and at once when they come a second time. */
export const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** Milliseconds that stopping the whole tree may take before the rest is ended by force: systemd's default. */
export const STOP_DEADLINE_MS = 90_000;

/** After a second signal the process waits so many milliseconds, at most, for the killed children to be reaped. */
export const FORCED_WAIT_MS = 1_000;

/** Options of {@linkcode run}. */
export interface RunOptions {
  /** Stops the tree after so many milliseconds; `Infinity` is as good as none. */
  readonly runFor?: number;
  /** Stops the tree when it aborts, like a signal. */
  readonly signal?: AbortSignal;
  /** Milliseconds for stopping everything, `Infinity` for no limit. Default {@linkcode STOP_DEADLINE_MS}. */
  readonly stopDeadline?: number;
  /**
   * Gets the tree's events, from the first on, and is awaited before {@linkcode run} returns, {@linkcode
   * REPORT_WAIT_MS} at most. If it fails, the tree goes on, and {@linkcode run} rejects with that once the tree has
   * ended.
   */
  readonly report?: (events: AsyncIterable<SystemEvent>) => Promise<void>;
  /** Gets the tree before anything of it starts, for who looks at it and acts on it while it runs. */
  readonly control?: (tree: ControlledTree) => void;
  /** Starts the processes of the sidecars, and keeps a record of them; see {@linkcode contain}. */
  readonly registry?: ProcessRegistry | undefined;
}

/** Milliseconds that the end of a run waits for its report: a reader that stalls must not hold up the end. */
export const REPORT_WAIT_MS = 1_000;

/** How a run came out. */
export type Outcome =
  /** Stopped as asked. */
  | { readonly how: "stopped" }
  /** Every child has ended for good. */
  | { readonly how: "finished" }
  /**
   * Something could not be started: at the start, and everything that ran was stopped again, or when it was to be
   * restarted, and all else has ended for good.
   */
  | { readonly how: "start_failed"; readonly cause: Error }
  /** Too many restarts. */
  | { readonly how: "gave_up"; readonly cause: Error }
  /** Ended by force by a second signal. */
  | { readonly how: "forced" };

/**
 * Starts the tree, and returns when nothing of it runs any more.
 *
 * @throws {OptionError} a time that is not one
 */
export async function run(root: ChildSpec, options: RunOptions = {}): Promise<Outcome> {
  checkTimes({ runFor: options.runFor, stopDeadline: options.stopDeadline });
  const system = new System(root, { injected: { registry: options.registry } });
  const report = options.report?.(system.events());
  // If it fails the tree goes on; the error is reported at the end.
  report?.catch(() => {});
  const over = new AbortController();
  const forced = Promise.withResolvers<void>();
  let asked = false;
  let force = false;
  const stop = () => {
    if (asked) return;
    asked = true;
    void system.stop();
    void after(options.stopDeadline ?? STOP_DEADLINE_MS, over.signal, () => system.kill());
  };
  const reported = new AbortController();
  const onSignal = () => {
    if (over.signal.aborted) return reported.abort();
    if (!asked) return stop();
    if (force) return;
    force = true;
    void system.kill();
    void after(FORCED_WAIT_MS, over.signal, forced.resolve);
  };
  options.control?.({ system, root, stop });
  const release = listen(onSignal, options.signal, stop);
  if (options.runFor !== undefined) void after(options.runFor, over.signal, stop);
  // Deno ends when nothing is under way, and neither a signal listener nor an actor that waits counts as that.
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1);
  try {
    const outcome = await Promise.race([forced.promise, live(system, () => asked)]);
    return force || outcome === undefined ? { how: "forced" } : outcome;
  } finally {
    over.abort();
    clearInterval(keepAlive);
    try {
      await Promise.race([report, systemSleep(systemClock, REPORT_WAIT_MS, reported.signal)]);
    } finally {
      reported.abort();
      release();
    }
  }
}

async function live(system: System, wasAsked: () => boolean): Promise<Outcome> {
  if (wasAsked()) return { how: "stopped" };
  const finished = untilFinished(system);
  try {
    await system.start();
  } catch (thrown) {
    return wasAsked() ? { how: "stopped" } : { how: "start_failed", cause: asError(thrown) };
  }
  if (!system.active) void system.stop();
  const exit = await system.ended;
  if (wasAsked()) return { how: "stopped" };
  const cause = causeOf(exit);
  if (cause !== undefined) return { how: "gave_up", cause };
  const unstartable = await finished;
  return unstartable === undefined ? { how: "finished" } : { how: "start_failed", cause: unstartable };
}

/**
 * Stops the tree once nothing in it runs or will run by itself; gives why a child could not be started, if one was
 * not.
 */
async function untilFinished(system: System): Promise<Error | undefined> {
  const unstartable = new Map<string, Error>();
  for await (const event of system.events()) {
    if (event.type === "start_failed") unstartable.set(event.path, event.cause);
    if (event.type === "ready" || event.type === "forgotten") unstartable.delete(event.path);
    // A supervisor may get ready with nothing that runs.
    const over = event.type === "finished" || event.type === "ignored" || event.type === "ready";
    if (over && !system.active) void system.stop();
  }
  return unstartable.values().next().value;
}

async function after(ms: number, signal: AbortSignal, act: () => void): Promise<void> {
  await systemSleep(systemClock, ms, signal);
  if (!signal.aborted) act();
}

function listen(onSignal: () => void, signal: AbortSignal | undefined, stop: () => void): () => void {
  for (const name of STOP_SIGNALS) Deno.addSignalListener(name, onSignal);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  return () => {
    for (const name of STOP_SIGNALS) Deno.removeSignalListener(name, onSignal);
    signal?.removeEventListener("abort", stop);
  };
}
