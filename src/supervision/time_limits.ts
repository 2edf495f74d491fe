/**
 * The times that an incarnation has to start and to stop, and what happens once they are over.
 *
 * Used by `child.ts`. A custom incarnation or clock may throw, or never settle: none of that holds up its supervisor.
 */

import { asError, type Exit } from "../actor/exit.ts";
import type { Incarnation, StartOutcome } from "../actor/incarnation.ts";
import type { ActorSystem } from "../actor/system.ts";
import type { Clock } from "../time/clock.ts";
import { afterMicrotasks } from "../time/next_turn.ts";
import { type ChildSpec, DEFAULT_SHUTDOWN_MS, type Shutdown } from "./child_spec.ts";
import { StartTimeoutError } from "./supervision_errors.ts";

/** A start, and how long it may take. */
export interface StartLimit {
  readonly path: string;
  readonly spec: Pick<ChildSpec, "startWithin" | "shutdown">;
  /** When it began, in ms of the system's clock. */
  readonly began: number;
  readonly system: ActorSystem;
}

/**
 * How a start came out. One that takes longer than its `startWithin` fails, and what it had come to is stopped.
 *
 * @throws {StartTimeoutError} or an error of its own
 */
export async function startedInTime(
  incarnation: Incarnation,
  { path, spec, began, system }: StartLimit,
): Promise<StartOutcome> {
  const { startWithin = "infinity", shutdown } = spec;
  const { clock } = system;
  if (startWithin === "infinity") return await incarnation.started;
  // Most starts come out at once and need no timer; those of this turn share one, and only the others get one of their own.
  const atOnce = await Promise.race([incarnation.started, afterMicrotasks()]);
  if (atOnce !== undefined) return atOnce;
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
  let waited: Error | string | undefined;
  tried(() => waited = incarnation.describeStart?.(startWithin));
  // A child that may stop for ever may not start for ever.
  const isUnlimited = shutdown === "infinity" || shutdown === Infinity;
  endWithin(incarnation, { shutdown: isUnlimited ? DEFAULT_SHUTDOWN_MS : shutdown, clock });
  // One that gets ready all the same is alive until it has ended.
  const ended = endOf(incarnation);
  if (await Promise.race([ended, incarnation.started.catch(() => {})]) === "ok") await ended;
  throw waited instanceof Error ? waited : new StartTimeoutError(path, startWithin, waited);
}

/** Asks `incarnation` to stop, and ends it by force when the shutdown time is over; nothing is waited for. */
export function endWithin(
  incarnation: Incarnation,
  { shutdown, clock }: { readonly shutdown: Shutdown; readonly clock: Clock },
): void {
  if (shutdown === "brutal_kill" || !tried(() => incarnation.stop())) return endByForce(incarnation);
  if (shutdown === "infinity") return;
  const began = clock.now();
  const force = () => endByForce(incarnation);
  let isOver = false;
  let timer: unknown;
  const off = () => {
    isOver = true;
    clock.clearTimeout(timer);
  };
  void endOf(incarnation).then(off);
  // A start that failed, or had nothing to start, leaves nothing to end, and `ended` may never settle.
  incarnation.started.then((outcome) => outcome === "ignore" && off(), off);
  // Most end at once. Where a custom clock throws, no time can be waited for.
  void afterMicrotasks().then(() => {
    if (!isOver) timer = clock.setTimeout(force, Math.max(0, shutdown - (clock.now() - began)));
  }).catch(force);
}

/** Ends `incarnation` by force; nothing is waited for. A custom one may throw, and ends when it does. */
export function endByForce(incarnation: Incarnation): void {
  tried(() => incarnation.kill());
}

/** The exit of `incarnation`. Never rejects: if a custom one does, that is its crash. */
export function endOf(incarnation: Incarnation): Promise<Exit> {
  return incarnation.ended.then(undefined, (thrown) => ({ reason: "crash", cause: asError(thrown) }));
}

function tried(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
