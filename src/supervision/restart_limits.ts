/**
 * The limits of restarts: how many a supervisor may make before it gives up (a sliding window), and how long it waits
 * before each (exponential, capped, jittered, and forgiven after a healthy time).
 */

import { PRESETS } from "../options/presets.ts";
import type { Backoff, Intensity } from "../options/types.ts";

export type { Backoff, Intensity } from "../options/types.ts";

/**
 * The restarts that count once one more is made at `now`. More of them than
 * `restarts` allows means: give up instead.
 *
 * A restart exactly `within` old still counts, as in Erlang/OTP, which rounds to
 * whole seconds where this does not.
 */
export function countRestart(
  history: readonly number[],
  now: number,
  { within }: Intensity,
): readonly number[] {
  return [...history.filter((at) => now - at <= within), now];
}

/** Whether the restarts that {@linkcode countRestart} counted are more than allowed. */
export function isTooMany(counted: readonly number[], { restarts }: Intensity): boolean {
  return counted.length > restarts;
}

/** Restart at once, always: Erlang/OTP's way. */
export const NO_BACKOFF: Backoff = PRESETS.otp.actor.backoff as unknown as Backoff;

/** The wait before restart number `step`, counted from 0, in whole milliseconds. `random` is from 0 to 1. */
export function delayOf(backoff: Backoff, step: number, random: number): number {
  if (backoff.initial === 0) return 0;
  const max = Math.min(backoff.max, Number.MAX_SAFE_INTEGER); // a log has no Infinity
  const plain = Math.min(max, backoff.initial * backoff.factor ** step);
  return Math.round(Math.min(max, plain * (1 + backoff.jitter * (2 * random - 1))));
}

/** The step of the next restart, after an incarnation that was ready for `uptime` ms (0 if it never was). */
export function nextBackoffStep(backoff: Backoff, step: number, uptime: number): number {
  return uptime >= backoff.resetAfter ? 0 : step;
}
