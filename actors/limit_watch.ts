/**
 * Whether a process has been over its limits for too long, decided from one reading after another. Pure.
 *
 * Hold in mind: a reading of memory is a moment's, so it counts as over only if each reading was, for as long as the
 * limit says. A reading of processor time is a sum, so what counts is the mean over any stretch that is at least as long
 * as the limit says, and that ends now. What readings leave open, for they are coarse, counts in favour of the process.
 *
 * @module
 */

import type { ProcessUsage } from "@outrider/outrider";
import type { ResolvedLimits } from "./limits.ts";

/** Milliseconds that readings of processor time are remembered, or twice as long as the limit says. */
export const REMEMBERED_MS = 120_000;

/** A limit that was passed for too long. */
export interface Excess {
  /** Which. */
  readonly limit: "memory" | "cpu";
  /** What is allowed: bytes, or processors. */
  readonly allowed: number;
  /** What it used: bytes at the last reading, or processors on average. */
  readonly used: number;
  /** For how long, in ms. */
  readonly lasted: number;
}

interface Reading {
  readonly at: number;
  /** Processor time since the first reading, in ms. */
  readonly cpu: number;
  /** By how much less than that it may have been, from here on. */
  readonly doubt: number;
}

/** The readings of one process, with all that it started. */
export class LimitWatch {
  readonly #limits: ResolvedLimits;
  readonly #grain: number;
  readonly #readings: Reading[] = [];
  #times: ReadonlyMap<number, number> = new Map();
  #cpu = 0;
  #overSince: number | undefined;

  /** `grain`: how coarse readings of processor time are, in ms. */
  constructor(limits: ResolvedLimits, { grain }: { readonly grain: number }) {
    this.#limits = limits;
    this.#grain = grain;
  }

  /** What `family` used at `now`, in ms on a clock; the limit that it is over by this, if it is. */
  take(family: readonly ProcessUsage[], now: number): Excess | undefined {
    return this.#memory(family, now) ?? this.#processors(family, now);
  }

  #memory(family: readonly ProcessUsage[], now: number): Excess | undefined {
    const allowed = this.#limits.memory;
    const used = family.reduce((sum, { memory }) => sum + memory, 0);
    if (allowed === undefined || used <= allowed) return void (this.#overSince = undefined);
    const lasted = now - (this.#overSince ??= now);
    return lasted >= this.#limits.for ? { limit: "memory", allowed, used, lasted } : undefined;
  }

  #processors(family: readonly ProcessUsage[], now: number): Excess | undefined {
    const allowed = this.#limits.cpu;
    if (allowed === undefined) return undefined;
    const isFirst = this.#readings.length === 0;
    for (const { pid, cpu } of family) {
      // One that came since the last reading has used all of its time since then.
      this.#cpu += Math.max(0, cpu - (this.#times.get(pid) ?? (isFirst ? cpu : 0)));
    }
    this.#times = new Map(family.map(({ pid, cpu }) => [pid, cpu]));
    this.#readings.push({ at: now, cpu: this.#cpu, doubt: family.length * this.#grain });
    const horizon = now - Math.max(REMEMBERED_MS, 2 * this.#limits.for);
    while (this.#readings[0]!.at < horizon) this.#readings.shift();
    for (const { at, cpu, doubt } of this.#readings) {
      const lasted = now - at;
      if (lasted < this.#limits.for) break;
      const used = (this.#cpu - cpu - doubt) / lasted;
      if (used > allowed) return { limit: "cpu", allowed, used: (this.#cpu - cpu) / lasted, lasted };
    }
  }
}
