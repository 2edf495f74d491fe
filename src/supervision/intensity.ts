/**
 * How many restarts a supervisor may make before it gives up: a sliding window.
 *
 * @module
 */

import { OptionError } from "../actor/errors.ts";
import { checkedTime } from "../actor/checked_time.ts";
import type { Intensity } from "../options/types.ts";
import { defaultsOf } from "../options/check.ts";
import { intensity } from "../options/supervision.ts";

export type { Intensity } from "../options/types.ts";

/** Five restarts within three minutes. */
export const DEFAULT_INTENSITY: Intensity = defaultsOf(intensity);

/** `intensity`, if it is one. @throws {OptionError} it is not */
export function checkedIntensity(intensity: Intensity): Intensity {
  const { restarts, within } = intensity;
  checkedTime("within", within);
  if (typeof restarts === "number" && restarts >= 0) return intensity;
  throw new OptionError(`Cannot allow ${String(restarts)} restarts: it takes a number from 0`);
}

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
