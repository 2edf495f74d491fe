/**
 * The limits of restarts: how many a supervisor may make before it gives up (a sliding window), and how long it waits
 * before each (exponential, capped, jittered, and forgiven after a healthy time).
 */

import { PRESETS } from "../../options/presets.ts";
import type { Backoff, Intensity, Quarantine } from "../../options/types.ts";

export type { Backoff, Intensity } from "../../options/types.ts";

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
  { within }: Pick<Intensity, "within">,
): readonly number[] {
  return [...history.filter((at) => now - at <= within), now];
}

/** The time that a child is held back for in its quarantine number `nth` in a row, counted from 1; `undefined`: for good. */
export function coolDownOf({ coolDown, factor, max }: Quarantine, nth: number): number | undefined {
  return coolDown && Math.min(Math.max(coolDown, max), Math.round(coolDown * factor ** (nth - 1)));
}

/** Whether the restarts that {@linkcode countRestart} counted are more than allowed. */
export function isTooMany(counted: readonly number[], { restarts }: Pick<Intensity, "restarts">): boolean {
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

/** Whether an incarnation was ready for so long, in ms, that earlier failures are forgiven. */
export function isForgiven({ resetAfter }: Backoff, uptime: number): boolean {
  return uptime >= resetAfter;
}
