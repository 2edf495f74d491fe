/**
 * Decides from readings of what a process uses, with all that it started, whether it is over a limit for too long: what
 * `usage_monitor.ts` reads is judged here, without clock or process.
 */

import type { ProcessUsage } from "../../process/ps.ts";
import type { ResolvedLimits } from "./limits.ts";

/** Milliseconds that readings of processor time are remembered, or twice as long as the limit says. */
export const CPU_HISTORY_MS = 120_000;

/** A limit that was passed for too long. */
export interface LimitExcess {
  /** Which. */
  readonly limit: "memory" | "cpu";
  /** The allowed amount: bytes, or processors. */
  readonly allowed: number;
  /** The used amount: bytes at the last reading, or processors on average. */
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
  readonly #resolution: number;
  readonly #readings: Reading[] = [];
  #times: ReadonlyMap<number, number> = new Map();
  #cpu = 0;
  #overSince: number | undefined;

  /** `resolution`: how coarse readings of processor time are, in ms. */
  constructor(limits: ResolvedLimits, { resolution }: { readonly resolution: number }) {
    this.#limits = limits;
    this.#resolution = resolution;
  }

  /** Takes the usage of `family` at `now`, in ms on a clock; returns the limit that it is now over, if any. */
  take(tree: readonly ProcessUsage[], now: number): LimitExcess | undefined {
    return this.#memory(tree, now) ?? this.#processors(tree, now);
  }

  #memory(tree: readonly ProcessUsage[], now: number): LimitExcess | undefined {
    const allowed = this.#limits.memory;
    const used = tree.reduce((sum, { memory }) => sum + memory, 0);
    if (allowed === undefined || used <= allowed) return void (this.#overSince = undefined);
    const lasted = now - (this.#overSince ??= now);
    return lasted >= this.#limits.for ? { limit: "memory", allowed, used, lasted } : undefined;
  }

  #processors(tree: readonly ProcessUsage[], now: number): LimitExcess | undefined {
    const allowed = this.#limits.cpu;
    if (allowed === undefined) return undefined;
    const isFirst = this.#readings.length === 0;
    for (const { pid, cpu } of tree) {
      // One that came since the last reading has used all of its time since then.
      this.#cpu += Math.max(0, cpu - (this.#times.get(pid) ?? (isFirst ? cpu : 0)));
    }
    this.#times = new Map(tree.map(({ pid, cpu }) => [pid, cpu]));
    this.#readings.push({ at: now, cpu: this.#cpu, doubt: tree.length * this.#resolution });
    const horizon = now - Math.max(CPU_HISTORY_MS, 2 * this.#limits.for);
    while (this.#readings[0]!.at < horizon) this.#readings.shift();
    for (const { at, cpu, doubt } of this.#readings) {
      const lasted = now - at;
      if (lasted < this.#limits.for) break;
      const used = (this.#cpu - cpu - doubt) / lasted;
      if (used > allowed) return { limit: "cpu", allowed, used: (this.#cpu - cpu) / lasted, lasted };
    }
  }
}
