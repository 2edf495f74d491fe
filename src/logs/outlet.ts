/**
 * Stands between the children and one sink: a lane a child, served in the order in which things came, and in turn where
 * one has much; by whole lines.
 *
 * Made by `pipeline.ts`, one a sink. A child whose lane is full waits as long as the sink makes progress; where the sink
 * has stalled, fails, or is to drop, it does not wait, and what has no room is counted and named in its place. Events of
 * supervision are always taken. The invariant: at most one write is under way.
 */

import { type Clock, sleep } from "../time/clock.ts";
import { ChildLane, countLines, LaneMemory, type Piece } from "./child_lane.ts";
import {
  ALL_BYTES,
  CHILD_BYTES,
  LARGEST_WRITE,
  LINGER_MS,
  type OpenSink,
  type SinkOptions,
  SMALLEST_WRITE,
} from "./sink.ts";
import { SinkWriter } from "./sink_writer.ts";

/** A child that may not wait (a reply is awaited, or it ends) has so many times the room of others. */
const OVERSHOOT = 4;
/** What a lane gives in its turn, at most, so that a flood leaves room in each write for the others. */
const TURN_BYTES = 8_192;
/** A write that took so many milliseconds says that the next one may be larger … */
const FAST_MS = 100;
/** … and one that took so many that it has to be smaller. */
const SLOW_MS = 1_000;
const LF = 0x0a;

export class Outlet implements OpenSink {
  readonly #options: SinkOptions;
  readonly #all: LaneMemory;
  /** Of its own lanes. */
  readonly #memory: LaneMemory;
  readonly #clock: Clock;
  readonly #writer: SinkWriter;
  /** By path. */
  readonly #lanes = new Map<string, ChildLane>();
  /** Lanes that have something. */
  readonly #full = new Set<ChildLane>();
  /** The lane that got something last, and how often that was another one than before. */
  #last: ChildLane | undefined;
  #serial = 0;
  /** The lane of a line that is written in part. */
  #unfinished: ChildLane | undefined;
  #buffer = new Uint8Array(SMALLEST_WRITE);
  /** The most bytes of the next write: of the buffer, so many are used. */
  #most = SMALLEST_WRITE;
  /** Children that wait for room, those that have waited longest first. */
  #waiting: { readonly lane: ChildLane; readonly resolve: () => void }[] = [];
  #isOpen = true;
  #isDraining = false;
  #drained: Promise<void> | undefined;
  #lingering: unknown;
  /** What waits is to be written, however little it is. */
  #isDue = false;
  /** Of lanes that are no longer here. */
  #lostBefore = 0;
  unwritten = 0;

  /** `all` is what the lanes of the whole tree hold. */
  constructor(options: SinkOptions, all: LaneMemory, clock: Clock) {
    this.#options = options;
    this.#all = all;
    this.#memory = new LaneMemory(all);
    this.#clock = clock;
    this.#writer = new SinkWriter(options, clock, () => this.#onStuck());
  }

  get lost(): number {
    return [...this.#lanes.values()].reduce(
      (sum, lane) => sum + lane.lost,
      this.#lostBefore + this.unwritten,
    );
  }

  /** Takes `piece` from the place `path`; one that may be dropped only where there is room. */
  add(path: string, piece: Piece, { isDroppable }: { readonly isDroppable: boolean }): void {
    if (!this.#isOpen || this.#writer.state === "gone") return;
    const lane = this.#laneOf(path);
    if (lane !== this.#last) this.#serial++;
    this.#last = lane;
    if (lane.isEmpty) lane.credit = TURN_BYTES;
    this.#full.add(lane);
    if (isDroppable && !this.#hasRoom(lane)) lane.drop(piece, this.#serial);
    else lane.append(piece, this.#serial);
    if (!this.#isDraining) this.#drainSoon();
  }

  /** Resolves when the child at `path` may go on; `undefined` where there is room, or no use in waiting. */
  room(path: string): Promise<void> | undefined {
    const lane = this.#lanes.get(path);
    if (lane === undefined || this.#isDropping) return undefined;
    if (lane.size < CHILD_BYTES && this.#all.size < ALL_BYTES) return undefined;
    return new Promise((resolve) => this.#waiting.push({ lane, resolve }));
  }

  /** Resolves to `true` when what waits of the place `path` now is written, and to `false` after `within` milliseconds. */
  async written(path: string, within: number): Promise<boolean> {
    const lane = this.#lanes.get(path);
    if (lane === undefined) return true;
    const overdue = this.#clock.now() + within;
    const until = async (isSo: () => boolean): Promise<boolean> => {
      while (!isSo() && this.#clock.now() < overdue) await sleep(this.#clock, LINGER_MS);
      return isSo();
    };
    const taken = lane.taken + lane.size;
    if (!await until(() => lane.taken >= taken)) return false;
    const written = this.#writer.taken + this.#writer.left.length;
    return await until(() => this.#writer.taken >= written);
  }

  /** Forgets the place `path`, which is no longer in the tree; what waits of it is still written. */
  forget(path: string): void {
    this.#lostBefore += this.#lanes.get(path)?.lost ?? 0;
    this.#lanes.delete(path);
  }

  async close(patience: number, signal?: AbortSignal): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#clock.clearTimeout(this.#lingering);
    this.#wakeAll();
    this.#drainNow();
    await this.#progress(patience, signal);
    this.#writer.close();
    this.unwritten = countLines(this.#writer.left);
    for (const lane of this.#full) this.unwritten += lane.unwritten;
    this.#clear();
    const { sink, onUnwritten } = this.#options;
    try {
      if (this.unwritten > 0 && this.#writer.state !== "gone") await onUnwritten?.(this.unwritten);
    } finally {
      await sink.close?.();
    }
  }

  /** Resolves when all is written, or nothing was taken for `patience` milliseconds, or `signal` aborts. */
  async #progress(patience: number, signal: AbortSignal | undefined): Promise<void> {
    for (let seen = -1; this.#isDraining && seen < this.#writer.taken && !signal?.aborted;) {
      seen = this.#writer.taken;
      const over = new AbortController();
      const either = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
      await Promise.race([this.#drained, sleep(this.#clock, patience, either)]);
      over.abort();
    }
  }

  // --- Lanes --------------------------------------------------------------------

  #laneOf(path: string): ChildLane {
    let lane = this.#lanes.get(path);
    if (lane === undefined) this.#lanes.set(path, lane = new ChildLane(path, this.#memory));
    return lane;
  }

  /** Whether no child waits. */
  get #isDropping(): boolean {
    return this.#options.overflow === "drop" || this.#writer.state !== "open" || !this.#isOpen;
  }

  #hasRoom(lane: ChildLane): boolean {
    // Behind a gap half of it has to be free, so that not each second line is one.
    if (lane.hasOpenGap) return lane.size <= CHILD_BYTES / 2 && this.#all.size < ALL_BYTES;
    const factor = this.#isDropping ? 1 : OVERSHOOT;
    return lane.size < CHILD_BYTES * factor && this.#all.size < ALL_BYTES * factor;
  }

  #wakeThoseWithRoom(): void {
    if (this.#waiting.length === 0 || this.#all.size >= ALL_BYTES) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ lane }) => lane.size > CHILD_BYTES / 2);
    for (const { lane, resolve } of waiting) if (lane.size <= CHILD_BYTES / 2) resolve();
  }

  #wakeAll(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  #onStuck(): void {
    this.#wakeAll();
    if (this.#writer.state !== "gone") return;
    this.#clear();
  }

  #clear(): void {
    for (const lane of this.#full) lane.clear();
    this.#full.clear();
    this.#unfinished = undefined;
  }

  // --- Writing ------------------------------------------------------------------

  /** Writes what waits, at once where it is much or nothing was written lately, else a little later. */
  #drainSoon(): void {
    if (this.#isMuch) this.#drained = this.#drain();
    else this.#lingering ??= this.#clock.setTimeout(() => this.#endLinger(), this.#untilDue);
  }

  /** Milliseconds until what waits is to be written, however little it is. */
  get #untilDue(): number {
    return Math.max(0, LINGER_MS - (this.#clock.now() - this.#writer.takenAt));
  }

  /** In a flood, this timer stays while writes come and go: to set one for each costs more than the write. */
  #endLinger(): void {
    this.#lingering = undefined;
    if (this.#isDraining || this.#full.size === 0) return;
    if (this.#untilDue > 1) this.#drainSoon();
    else this.#drainNow();
  }

  #drainNow(): void {
    this.#isDue = true;
    if (!this.#isDraining) this.#drained = this.#drain();
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    // A write that is not full is made once, not again behind each write: what comes meanwhile would never be much.
    for (let bytes; this.#isWriting && (bytes = this.#nextWrite()).length > 0;) {
      this.#isDue = false;
      const began = this.#clock.now();
      await this.#writer.write(bytes);
      // One that is left may still be read by a write that hangs.
      const isBlock = bytes.buffer !== this.#buffer.buffer;
      if (isBlock && this.#writer.left.length === 0) this.#memory.giveBack(bytes);
      this.#fit(this.#clock.now() - began, bytes.length);
    }
    this.#isDraining = false;
    if (!this.#isWriting && this.#full.size > 0) this.#drainSoon();
  }

  get #isWriting(): boolean {
    return this.#isDue || !this.#isOpen || this.#isMuch;
  }

  get #isMuch(): boolean {
    return this.#memory.size >= this.#most / 2;
  }

  /** Chooses how much is written at once, by how long it took to write `size` bytes. */
  #fit(took: number, size: number): void {
    const { mostBytes } = this.#options.sink;
    const isFast = took <= FAST_MS || mostBytes !== undefined;
    if (took > SLOW_MS && !isFast) this.#most = SMALLEST_WRITE;
    // The last line that had no room is missing in a write that is full.
    else if (isFast && size >= this.#most / 2) this.#most *= 2;
    this.#most = Math.min(this.#most, mostBytes ?? LARGEST_WRITE);
    if (this.#most > this.#buffer.length) this.#buffer = new Uint8Array(this.#most);
  }

  /** What is written next: where one child alone has much, its block as it is, else what waits, put into the buffer. */
  #nextWrite(): Uint8Array {
    const [lane] = this.#full;
    const block = this.#full.size === 1 && this.#unfinished === undefined
      ? lane!.takeBlock(this.#most / 2, this.#most)
      : undefined;
    if (block === undefined) return this.#fill();
    if (lane!.isEmpty) this.#full.delete(lane!);
    this.#wakeThoseWithRoom();
    return block;
  }

  /** Fills the buffer; returns what is in it. */
  #fill(): Uint8Array {
    const buffer = this.#buffer.subarray(0, this.#most);
    let at = 0;
    for (let lane; at < buffer.length && (lane = this.#next()) !== undefined;) {
      const gap = lane.takeGap();
      if (gap !== undefined) lane.prepend(`${this.#options.format.gap(gap)}\n`);
      const turn = Math.min(buffer.length, at + lane.credit);
      const taken = lane.take(buffer, at, turn) || lane.take(buffer, at, buffer.length);
      at += taken;
      lane.credit -= taken;
      if (lane.isEmpty) this.#full.delete(lane);
      // Its line has no room here: it is the first of the next write. Or its line goes on there.
      if (taken === 0) break;
      this.#unfinished = buffer[at - 1] === LF ? undefined : lane;
    }
    this.#wakeThoseWithRoom();
    return buffer.subarray(0, at);
  }

  /** The lane of what came first, of those that have not had their turn. */
  #next(): ChildLane | undefined {
    if (this.#unfinished !== undefined) return this.#unfinished;
    let next: ChildLane | undefined;
    for (const lane of this.#full) {
      if (lane.credit > 0 && (next === undefined || lane.serial < next.serial)) next = lane;
    }
    if (next !== undefined || this.#full.size === 0) return next;
    for (const lane of this.#full) lane.credit = TURN_BYTES;
    return this.#next();
  }
}
