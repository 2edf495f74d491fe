/**
 * Gives way to the event loop.
 *
 * A pipe that is always full fulfils each read in a microtask, and the event loop never interrupts those:
 * one flooding process would starve every timer, signal and other pipe. So whatever reads in a loop asks here after each
 * chunk.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** After so many milliseconds of reading the event loop gets its turn. */
export const READ_SLICE_MS = 4;

/** The slice of one loop. */
export class TimeSlice {
  #start: number = performance.now();

  /** Nothing to wait for within the slice; else a promise for the next turn of the event loop, and a new slice. */
  nextSlice(): Promise<void> | undefined {
    if (performance.now() - this.#start < READ_SLICE_MS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#start = performance.now();
        resolve();
      })
    );
  }
}
