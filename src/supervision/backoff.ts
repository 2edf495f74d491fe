/**
 * How long to wait before a restart: exponential, capped, jittered, and forgiven
 * after a healthy time.
 *
 * @module
 */

import type { Backoff } from "../options/types.ts";
import { defaultsOf } from "../options/check.ts";
import { backoff } from "../options/supervision.ts";

export type { Backoff } from "../options/types.ts";

/** Restart at once, always: Erlang/OTP's way. */
export const NO_BACKOFF: Backoff = { initial: 0, factor: 1, max: 0, jitter: 0, resetAfter: 0 };

/** What a sidecar gets where its manifest says nothing. */
export const DEFAULT_BACKOFF: Backoff = defaultsOf(backoff);

/** The wait before restart number `step`, counted from 0, in whole milliseconds. `random` is from 0 to 1. */
export function delayOf(backoff: Backoff, step: number, random: number): number {
  if (backoff.initial === 0) return 0;
  const max = Math.min(backoff.max, Number.MAX_SAFE_INTEGER); // a log has no Infinity
  const plain = Math.min(max, backoff.initial * backoff.factor ** step);
  return Math.round(Math.min(max, plain * (1 + backoff.jitter * (2 * random - 1))));
}

/** The step of the next restart, after an incarnation that was ready for `uptime` ms (0 if it never was). */
export function nextStep(backoff: Backoff, step: number, uptime: number): number {
  return uptime >= backoff.resetAfter ? 0 : step;
}
