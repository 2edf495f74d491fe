/**
 * A line to no process, for pairings: it keeps what it was told.
 */

import type { Malformed, WritableData } from "@outrider/outrider/protocol";
import type { Reply } from "@outrider/outrider";
import { systemClock } from "../../src/time/clock.ts";
import type { SidecarConnection } from "../../src/sidecar/protocol.ts";

export class RecordedLine implements SidecarConnection {
  readonly path = "worker";
  readonly generation = 1;
  readonly pid = 1;
  readonly clock = systemClock;
  readonly signal = new AbortController().signal;
  readonly sent: WritableData[] = [];
  readonly unclaimedItems: unknown[] = [];
  readonly published: unknown[] = [];
  publishedBytes = 0;
  readonly held: Promise<void>[] = [];
  readonly faults: Malformed[] = [];
  readonly notes: string[] = [];
  #wake: (() => void) | undefined;

  send = (frame: WritableData): void => {
    this.sent.push(frame);
    this.#wake?.();
  };
  unmatched = (item: unknown): void => void this.unclaimedItems.push(item);
  publish = (item: unknown, size = 0): void => {
    this.published.push(item);
    this.publishedBytes += size;
  };
  pauseReading = (room: Promise<void>): void => void this.held.push(room);
  isSubscribed = false;
  note = (text: string): void => void this.notes.push(text);
  malformed = (fault: Malformed): Malformed => {
    this.faults.push(fault);
    return fault;
  };
  readonly dropped: string[] = [];
  end = (): void => {};
  noteDropped = (_kind: string, describe: () => string): void => void this.dropped.push(describe());

  /** What was sent, as JSON; waits until it is `count` frames. */
  async json(count: number = this.sent.length): Promise<unknown[]> {
    while (this.sent.length < count) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.sent.map((frame) => JSON.parse(frame as string));
  }
}

/** A request's caller, who keeps what came. */
export class Caller implements Reply<unknown> {
  isOpen = true;
  onGivenUp: (() => void) | undefined;
  readonly got: unknown[] = [];
  resolve(value: unknown): void {
    this.got.push(value);
    this.isOpen = false;
  }
  reject(error: Error): void {
    this.got.push(error);
    this.isOpen = false;
  }
  /** Waits no more. */
  giveUp(): void {
    this.isOpen = false;
    this.onGivenUp?.();
  }
}
