/**
 * What a supervisor goes by, as data.
 *
 * @module
 */

import { checkedTime } from "../actor/checked_time.ts";
import type { Intensity } from "./intensity.ts";
import type { AutoShutdown, Strategy } from "./strategy.ts";

/**
 * What happens when one restart more would be too many. `escalate`: the
 * supervisor gives up, which is Erlang/OTP's way. `quarantine`: the child that
 * failed is held back while its siblings live on, for `coolDown` milliseconds or, without it, until it is started by hand.
 */
export type OnLimit = "escalate" | { readonly quarantine: { readonly coolDown?: number | undefined } };

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
