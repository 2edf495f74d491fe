/**
 * What a supervisor goes by, as data.
 *
 * @module
 */

import { checkedTime } from "../actor/checked_time.ts";
import type { Intensity } from "./intensity.ts";
import type { AutoShutdown, Strategy } from "./strategy.ts";
import type { OnLimit } from "../options/types.ts";

export type { OnLimit } from "../options/types.ts";

/** What a supervisor goes by. */
export interface SupervisorRules {
  /** Whom a failure concerns. */
  readonly strategy: Strategy;
  /** How many restarts are allowed. */
  readonly intensity: Intensity;
  /** What happens when there would be more. */
  readonly onLimit: OnLimit;
  /** Whether it ends when significant children have ended by themselves. */
  readonly autoShutdown: AutoShutdown;
  /** Of a dynamic supervisor: how many children it may have. `undefined` for one with children of its own. */
  readonly maxChildren: number | undefined;
}

/** `onLimit`, where a cool-down of `Infinity` is none. @throws {OptionError} a cool-down that is not a time */
export function checkedLimit(onLimit: OnLimit): OnLimit {
  if (typeof onLimit === "string" || onLimit.quarantine.coolDown === undefined) return onLimit;
  const coolDown = checkedTime("coolDown", onLimit.quarantine.coolDown);
  return { quarantine: { coolDown: coolDown === Infinity ? undefined : coolDown } };
}
