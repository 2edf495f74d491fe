/**
 * Writes to a file at once, where that only copies bytes into the system's memory: on a disk of this machine, and as long
 * as it is quick.
 *
 * Used by the sinks that are files. A write that goes through another thread costs several times as much as the copy. The
 * invariant: a disk that is slow holds up all else once, by one write, and then not for {@linkcode CAUTION_MS}.
 */

import { type Clock, systemClock } from "../time/clock.ts";

/** The most bytes of a write that is made at once. */
export const PROMPT_WRITE = 131_072;
/** A write that took so many milliseconds is slow. */
const SLOW_MS = 100;
/** Milliseconds behind a slow write in which all go through another thread. */
const CAUTION_MS = 10_000;

/** Writes to one file. */
export class PromptFile {
  readonly #file: Pick<Deno.FsFile, "writeSync">;
  readonly #clock: Clock;
  readonly #isLocal: boolean;
  #cautiousUntil = -Infinity;

  /** `file` is a regular file on the device `dev`. */
  constructor(file: Pick<Deno.FsFile, "writeSync">, dev: number, clock: Clock = systemClock) {
    this.#file = file;
    this.#clock = clock;
    this.#isLocal = isDisk(dev);
  }

  /** Whether the next write is made at once. */
  get isPrompt(): boolean {
    return this.#isLocal && this.#clock.now() >= this.#cautiousUntil;
  }

  /** Writes `bytes`, where it {@linkcode PromptFile.isPrompt}; gives how many it has taken. */
  writeSync(bytes: Uint8Array): number {
    const began = this.#clock.now();
    try {
      return this.#file.writeSync(bytes);
    } finally {
      const now = this.#clock.now();
      if (now - began > SLOW_MS) this.#cautiousUntil = now + CAUTION_MS;
    }
  }
}

/**
 * Whether the device is a disk. File systems over a network, in another process or in memory have a number without a
 * major part in Linux; elsewhere that can't be told.
 */
function isDisk(dev: number): boolean {
  return Deno.build.os === "linux" && (Math.floor(dev / 0x100) & 0xfff) !== 0;
}
