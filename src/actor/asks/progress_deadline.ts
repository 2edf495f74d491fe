/**
 * The deadline of an ask that progress moves: the option `resetTimeoutOnProgress`, and its maximum.
 *
 * Used by `Ask`. It belongs to the entry that stays when the ask is replayed, so a death does not start the maximum again.
 */

import type { DeadlineEntry, Deadlines, Lane } from "../../time/deadlines.ts";

/** The deadline of the ask that has it now. */
interface MovedEntry extends DeadlineEntry {
  readonly ask: { readonly isOpen: boolean };
}

/** Moves a deadline; itself it is the entry of the maximum. */
export class ProgressDeadline implements DeadlineEntry {
  readonly #entry: MovedEntry;
  readonly #deadlines: Deadlines;
  readonly #timeout: number;
  // For the deadlines.
  lane: Lane | undefined = undefined;
  addedIn = 0;
  before: DeadlineEntry | undefined = undefined;
  after: DeadlineEntry | undefined = undefined;

  /** `timeout` and `max` are milliseconds, without progress and in all. */
  constructor(
    entry: MovedEntry,
    { deadlines, timeout, max }: {
      readonly deadlines: Deadlines;
      readonly timeout: number;
      readonly max: number;
    },
  ) {
    this.#entry = entry;
    this.#deadlines = deadlines;
    this.#timeout = timeout;
    deadlines.add(this, max);
  }

  /** Starts the timeout again, unless something is under way: then it waits for the next call. */
  restart(isUnderWay: boolean): void {
    if (!this.#entry.ask.isOpen) return;
    this.#deadlines.remove(this.#entry);
    if (!isUnderWay) this.#deadlines.add(this.#entry, this.#timeout);
  }

  /** For {@linkcode Deadlines}. */
  expire(max: number): void {
    this.#entry.expire(max);
  }

  end(): void {
    this.lane?.remove(this);
  }
}
