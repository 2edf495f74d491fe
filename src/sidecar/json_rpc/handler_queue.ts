/**
 * Runs the work that a sidecar's requests cause: to start a handler, and to make JSON of its answer.
 *
 * A chunk may bring hundreds of requests, from a process that never reads an answer. So two things hold the next piece
 * of work back: a time slice that is used up, until the event loop had its turn; and answers that the process leaves
 * unread, until it reads. Past {@linkcode MAX_UNREAD_ANSWERS} the process is ended, and no more is done for it.
 */

import { eventLoop } from "../../time/next_turn.ts";
import { MAX_UNREAD_ANSWERS } from "../protocol.ts";

/** Milliseconds of work after which the event loop gets its turn. */
const HANDLER_SLICE_MS = 4;

/** Unread bytes from which no further work is done until the process reads. */
const UNREAD_HIGH_WATER = MAX_UNREAD_ANSWERS / 2;

/** The work of one incarnation; the caller bounds how many pieces wait. */
export class HandlerQueue {
  readonly #waiting: (() => void)[] = [];
  /** Milliseconds of work since the event loop was last known to have its turn. */
  #spent = 0;
  #isYielding = false;
  #isClosed = false;
  #unread = 0;
  #worked: PromiseWithResolvers<void> | undefined;

  /** Whether nothing more is to be done: the process has ended, or is ended for not reading. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Does `work`, which must not throw, now or in its turn; never once it is closed. */
  run(work: () => void): void {
    if (this.#isClosed) return;
    if (this.#waiting.length > 0 || !this.#isReady) this.#waiting.push(work);
    else this.#do(work);
  }

  /** When what waits for its time slice is done, if anything does. What waits for the process to read is not meant. */
  get worked(): Promise<void> | undefined {
    if (!this.#isYielding || this.#waiting.length === 0) return undefined;
    return (this.#worked ??= Promise.withResolvers()).promise;
  }

  /** Called with each frame of `bytes` that was written, where the pipe is full: `taken` when it no longer is. */
  onFull(bytes: number, taken: Promise<void>): void {
    this.#unread += bytes;
    if (this.#unread > MAX_UNREAD_ANSWERS) return this.close();
    taken.then(() => {
      this.#unread = 0;
      this.#go();
    }, () => {}); // a process that broke its stdin takes no more, and its end is near
  }

  /** Drops all work. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#release();
  }

  get #isReady(): boolean {
    return !this.#isYielding && this.#unread < UNREAD_HIGH_WATER;
  }

  #do(work: () => void): void {
    const start = performance.now();
    work();
    this.#spent += performance.now() - start;
    if (this.#spent < HANDLER_SLICE_MS) return;
    this.#isYielding = true;
    eventLoop.setImmediate(this.#resume);
  }

  #resume = (): void => {
    this.#isYielding = false;
    this.#spent = 0;
    this.#go();
  };

  #go(): void {
    while (this.#isReady && this.#waiting.length > 0) this.#do(this.#waiting.shift()!);
    if (!this.#isYielding || this.#waiting.length === 0) this.#release();
  }

  #release(): void {
    this.#worked?.resolve();
    this.#worked = undefined;
  }
}
