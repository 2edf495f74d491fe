/**
 * Writes to one sink: one write at a time, each to its end, however long the sink takes or fails.
 *
 * Used by `outlet.ts`. The invariant: bytes are given to the sink until it has taken them, unless it is gone or this is
 * closed. It has one timer at most for stalls, which is set where a write is under way and fires now and then.
 */

import { type Clock, sleep } from "../time/clock.ts";
import { RETRY_MS, type SinkOptions, STALL_AFTER_MS } from "./sink.ts";

/** Milliseconds until the next try where the sink has no room and says so, instead of making us wait. */
const NO_ROOM_MS = 20;
/** Milliseconds between two reports that writing fails. */
const REPORT_EVERY_MS = 60_000;
const NOTHING = new Uint8Array(0);

export class SinkWriter {
  readonly #options: SinkOptions;
  readonly #clock: Clock;
  readonly #onStuck: () => void;
  readonly #closed = new AbortController();
  /** `stalled`: it takes nothing; `failing`: writing fails; `gone`: nothing can be written any more. */
  state: "open" | "stalled" | "failing" | "gone" = "open";
  /** Bytes that the sink has taken so far. */
  taken = 0;
  /** When it took something last. */
  takenAt = -Infinity;
  /** What was given to it and not taken. */
  left: Uint8Array = NOTHING;
  /** When it was reported last that writing fails, and whether the last report says so. */
  #reportedAt = -Infinity;
  #isReportedFailing = false;
  /** When the first try to write what is {@linkcode SinkWriter.left} began. */
  #since = 0;
  #timer: unknown;

  /** Calls `onStuck` whenever the sink gets stuck. */
  constructor(options: SinkOptions, clock: Clock, onStuck: () => void) {
    this.#options = options;
    this.#clock = clock;
    this.#onStuck = onStuck;
  }

  /** Resolves when `bytes` are taken, or the sink is gone, or this is closed. Never rejects. */
  async write(bytes: Uint8Array): Promise<void> {
    this.left = bytes;
    this.#since = this.#clock.now();
    while (this.left.length > 0 && this.state !== "gone" && !this.#closed.signal.aborted) {
      try {
        const taking = this.#options.sink.write(this.left);
        const taken = typeof taking === "number" ? taking : await this.#awaited(taking);
        if (taken === 0) {
          await sleep(this.#clock, NO_ROOM_MS, this.#closed.signal);
          continue;
        }
        this.taken += taken;
        this.takenAt = this.#since = this.#clock.now();
        this.left = this.left.subarray(taken);
        this.state = "open";
        this.#reportRecovery();
      } catch (thrown) {
        const wait = this.#failed(thrown);
        if (wait > 0) await sleep(this.#clock, wait, this.#closed.signal);
      }
    }
  }

  async #awaited(taking: Promise<number>): Promise<number> {
    this.#timer ??= this.#clock.setTimeout(() => this.#lookForStall(), this.#stallAfter);
    return await taking;
  }

  /** Gives nothing more to the sink; a write under way is not waited for. */
  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#closed.abort();
  }

  /** How long to wait until the next try. */
  #failed(thrown: unknown): number {
    if (thrown instanceof Deno.errors.WouldBlock) return NO_ROOM_MS;
    if (isReaderGone(thrown)) {
      this.#stuck("gone");
      return 0;
    }
    this.#stuck("failing");
    this.#reportFailure(thrown as Error);
    return RETRY_MS;
  }

  /** A disk that is all but full takes and refuses by turns: that is reported once in {@linkcode REPORT_EVERY_MS}. */
  #reportFailure(error: Error): void {
    const now = this.#clock.now();
    if (this.#isReportedFailing || now - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#isReportedFailing = true;
    this.#reportedAt = now;
    this.#options.onError?.(error);
  }

  #reportRecovery(): void {
    if (!this.#isReportedFailing) return;
    this.#isReportedFailing = false;
    this.#options.onRecovered?.();
  }

  #stuck(state: "stalled" | "failing" | "gone"): void {
    this.state = state;
    this.#onStuck();
  }

  #lookForStall(): void {
    this.#timer = undefined;
    if (this.left.length === 0 || this.state !== "open") return;
    const wait = this.#since + this.#stallAfter - this.#clock.now();
    if (wait <= 0) return this.#stuck("stalled");
    this.#timer = this.#clock.setTimeout(() => this.#lookForStall(), wait);
  }

  get #stallAfter(): number {
    return this.#options.stallAfter ?? STALL_AFTER_MS;
  }
}

/** A closed pipe is EPIPE; a terminal that hung up is EIO, which Deno gives no class of its own. */
function isReaderGone(thrown: unknown): boolean {
  return thrown instanceof Deno.errors.BrokenPipe || thrown instanceof Deno.errors.BadResource ||
    (thrown as { code?: string } | undefined)?.code === "EIO";
}
