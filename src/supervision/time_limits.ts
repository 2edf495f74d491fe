/**
 * How long an incarnation may take to start and to stop, and what happens when it takes longer.
 *
 * @module
 */

import type { Clock } from "../time/clock.ts";
import { asError, type Exit } from "../actor/exit.ts";
import type { Incarnation, StartOutcome } from "../actor/incarnation.ts";
import type { ActorSystem } from "../actor/system.ts";
import { type ChildSpec, DEFAULT_SHUTDOWN_MS, type Shutdown } from "./child_spec.ts";
import { StartTimeoutError } from "./errors.ts";

/** A start that is under way. */
export interface StartLimit {
  /** Whose it is. */
  readonly path: string;
  readonly spec: Pick<ChildSpec, "startWithin" | "shutdown">;
  /** When it began, in ms of the system's clock. */
  readonly began: number;
  readonly system: ActorSystem;
}

/**
 * How a start came out. One that takes longer than its `startWithin` fails, and what it had come to is stopped.
 *
 * @throws {StartTimeoutError}
 */
export async function startedInTime(
  incarnation: Incarnation,
  { path, spec, began, system }: StartLimit,
): Promise<StartOutcome> {
  const { startWithin = "infinity", shutdown } = spec;
  const { clock } = system;
  if (startWithin === "infinity") return await incarnation.started;
  // Most starts come out at once: they share one timer, and only the others get one of their own.
  const early = await Promise.race([incarnation.started, system.turn()]);
  if (early !== undefined) return early;
  const late = Promise.withResolvers<undefined>();
  const left = Math.max(0, startWithin - (clock.now() - began));
  const timer = clock.setTimeout(() => late.resolve(undefined), left);
  try {
    const outcome = await Promise.race([incarnation.started, late.promise]);
    if (outcome !== undefined) return outcome;
  } finally {
    clock.clearTimeout(timer);
  }
  incarnation.started.catch(() => {}); // The deadline is what the start failed of.
  // A child that may stop for ever may not start for ever.
  const isUnlimited = shutdown === "infinity" || shutdown === Infinity;
  endWithin(incarnation, { shutdown: isUnlimited ? DEFAULT_SHUTDOWN_MS : shutdown, clock });
  // One that gets ready all the same is alive until it has ended.
  const ended = endOf(incarnation);
  if (await Promise.race([ended, incarnation.started.catch(() => {})]) === "ok") await ended;
  throw new StartTimeoutError(path, startWithin);
}

/** Asks `incarnation` to stop, and ends it by force when the shutdown time is over; nothing is waited for. */
export function endWithin(
  incarnation: Incarnation,
  { shutdown, clock }: { readonly shutdown: Shutdown; readonly clock: Clock },
): void {
  if (shutdown === "brutal_kill" || !tried(() => incarnation.stop())) return endByForce(incarnation);
  if (shutdown === "infinity") return;
  const timer = clock.setTimeout(() => endByForce(incarnation), shutdown);
  const off = () => clock.clearTimeout(timer);
  void endOf(incarnation).then(off);
  // A start that failed, or had nothing to start, leaves nothing to end, and `ended` may never settle.
  incarnation.started.then((outcome) => outcome === "ignore" && off(), off);
}

/** Ends `incarnation` by force; nothing is waited for. One of somebody's own making may throw, and ends when it does. */
export function endByForce(incarnation: Incarnation): void {
  tried(() => incarnation.kill());
}

/** How `incarnation` ends. Never rejects: where one of somebody's own making does, that is its crash. */
export function endOf(incarnation: Incarnation): Promise<Exit> {
  return incarnation.ended.then(undefined, (thrown) => ({ reason: "crash", cause: asError(thrown) }));
}

/** Whether `act` threw nothing. */
function tried(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
