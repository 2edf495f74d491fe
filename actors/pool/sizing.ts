/**
 * Decides when a pool grows and shrinks: by its waiting messages, and by idle copies.
 */

import type { Clock } from "@outrider/outrider/actor";
import type { GrowEntry } from "@outrider/outrider/options";

/** The facts and rules that decide a pool's size. */
export interface SizingRules {
  readonly min: number;
  readonly max: number;
  readonly grow: GrowEntry;
  readonly shrinkAfter: number;
}

/** How a pool stands. */
export interface PoolLoad {
  /** Its copies. */
  readonly copies: number;
  /** Messages that no copy has. */
  readonly waiting: number;
  /** Milliseconds for which some have been waiting without a break. */
  readonly waitingFor: number;
  /** Milliseconds for which there has been a copy without work. */
  readonly spareFor: number;
}

/** Decides the next change, and when to look again if nothing happens until then. Pure. */
export function decideSize(
  load: PoolLoad,
  rules: SizingRules,
): { readonly change: -1 | 0 | 1; readonly lookAfter: number } {
  const { copies, waiting, waitingFor, spareFor } = load;
  const { min, max, grow, shrinkAfter } = rules;
  let lookAfter = Infinity;
  if (copies < max && waiting > 0) {
    if (waiting >= (grow.queued ?? copies) || waitingFor >= grow.waited) return { change: 1, lookAfter };
    lookAfter = grow.waited - waitingFor;
  }
  if (copies > min && spareFor >= 0) {
    if (spareFor >= shrinkAfter) return { change: -1, lookAfter };
    lookAfter = Math.min(lookAfter, shrinkAfter - spareFor);
  }
  return { change: 0, lookAfter };
}

/** The parts of the pool that resizing needs. */
export interface PoolSizerOptions {
  readonly clock: Clock;
  readonly rules: SizingRules;
  /** How many copies, how many messages wait, and whether a copy has nothing to do. */
  readonly measure: () => { readonly copies: number; readonly waiting: number; readonly spare: boolean };
  /** Adds a copy, or takes one away; `false`: it could not. */
  readonly change: (by: -1 | 1) => Promise<boolean>;
  /** Milliseconds to wait after a change that could not be made. */
  readonly pause: number;
}

/** Keeps the size of a pool right, one copy at a time. */
export class PoolSizer {
  readonly #options: PoolSizerOptions;
  #waitingSince: number | undefined;
  #spareSince: number | undefined;
  #timer: unknown;
  /** When the timer rings. */
  #due = Infinity;
  #notBefore = -Infinity;
  #isChanging = false;
  #isOver = false;

  constructor(options: PoolSizerOptions) {
    this.#options = options;
  }

  /** To be called whenever something has changed. */
  look(): void {
    const { clock, rules, measure } = this.#options;
    if (rules.min === rules.max || this.#isOver) return;
    const now = clock.now();
    const { copies, waiting, spare } = measure();
    this.#waitingSince = waiting > 0 ? this.#waitingSince ?? now : undefined;
    this.#spareSince = spare ? this.#spareSince ?? now : undefined;
    if (this.#isChanging || now < this.#notBefore) return;
    const { change, lookAfter } = decideSize({
      copies,
      waiting,
      waitingFor: now - (this.#waitingSince ?? now),
      spareFor: this.#spareSince === undefined ? -1 : now - this.#spareSince,
    }, rules);
    if (change !== 0) void this.#change(change);
    else this.#lookAt(now + lookAfter);
  }

  /** Ends resizing: no change begins, and no timer is left. */
  end(): void {
    this.#isOver = true;
    this.#options.clock.clearTimeout(this.#timer);
  }

  async #change(by: -1 | 1): Promise<void> {
    const { clock, change, pause } = this.#options;
    this.#isChanging = true;
    const done = await change(by);
    this.#isChanging = false;
    if (this.#isOver) return;
    const now = clock.now();
    // The effect of a change shows before the next one begins.
    this.#waitingSince = this.#spareSince = undefined;
    if (!done) {
      this.#notBefore = now + pause;
      this.#lookAt(this.#notBefore);
    }
    this.look();
  }

  /** A timer that rings too early looks again, so that it need not be set anew with each message. */
  #lookAt(at: number): void {
    if (at >= this.#due || at === Infinity) return;
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#due = at;
    this.#timer = clock.setTimeout(() => {
      this.#due = Infinity;
      this.look();
    }, Math.max(0, at - clock.now()));
  }
}
