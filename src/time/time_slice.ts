/**
 * Gives way to the event loop.
 *
 * A pipe that is always full fulfils each read in a microtask, and the event loop never interrupts those:
 * one flooding process would starve every timer, signal and other pipe. So each loop that reads asks here after each
 * chunk.
 *
 * @module
 */

import { inNextTurn } from "./next_turn.ts";

/** Milliseconds of reading after which the event loop gets its turn. */
export const READ_SLICE_MS = 4;

/** The slice of one loop. */
export class TimeSlice {
  #start: number = performance.now();

  /** `undefined` within the slice; else a promise for the next turn of the event loop, where a new slice begins. */
  nextSlice(): Promise<void> | undefined {
    if (performance.now() - this.#start < READ_SLICE_MS) return undefined;
    return new Promise((resolve) =>
      inNextTurn(() => {
        this.#start = performance.now();
        resolve();
      })
    );
  }
}
