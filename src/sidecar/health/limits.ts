/**
 * Limits on the memory and processor time of a sidecar.
 *
 * @module
 */
import { OptionError } from "../../actor/actor_errors.ts";

/** Milliseconds from one reading to the next. */
export const LIMITS_TICK_MS = 1_000;

/** Milliseconds for which it may be over a limit, unless set otherwise. */
export const DEFAULT_LIMITS_FOR_MS = 5_000;

/** The longest time for which it may be over a limit: readings that far back are kept. */
export const MAX_LIMITS_FOR_MS = 600_000;

/** The limits of a sidecar together with all that it started; one of `memory` and `cpu`, or both. */
export interface Limits {
  /** Bytes of RAM (resident sets; shared memory counts for each process). */
  readonly memory?: number | undefined;
  /** Processors, on average: 1.5 is one and a half. */
  readonly cpu?: number | undefined;
  /**
   * Milliseconds that it may be over without a break, from {@linkcode LIMITS_TICK_MS} to {@linkcode MAX_LIMITS_FOR_MS}.
   * Default 5,000.
   */
  readonly for?: number | undefined;
}

/** {@linkcode Limits} with every default in its place. */
export interface ResolvedLimits extends Limits {
  readonly for: number;
}

/** Fills in the defaults. @throws {OptionError} limits that make no sense */
export function resolveLimits({ memory, cpu, for: lasting = DEFAULT_LIMITS_FOR_MS }: Limits): ResolvedLimits {
  if (memory === undefined && cpu === undefined) {
    throw new OptionError("Cannot hold a sidecar to no limit: give memory, cpu, or both");
  }
  for (const [name, value] of Object.entries({ memory, cpu })) {
    if (value !== undefined && !(value > 0)) {
      throw new OptionError(`Cannot limit ${name} to ${value}: it takes more than 0`);
    }
  }
  if (!(lasting >= LIMITS_TICK_MS && lasting <= MAX_LIMITS_FOR_MS)) {
    const takes = `it takes ${LIMITS_TICK_MS} to ${MAX_LIMITS_FOR_MS}`;
    throw new OptionError(`Cannot let it be over its limits for ${lasting} ms: ${takes}`);
  }
  return { memory, cpu, for: lasting };
}
