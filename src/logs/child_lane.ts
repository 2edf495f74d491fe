/**
 * The lines of one child that wait for one sink, as bytes, in order.
 *
 * The invariant: what was appended is taken once, in order, or was dropped, and then a gap stands in its place. It knows
 * nothing of time, of waiting, and of how a line is written.
 */

import { framedBytes, type FramedLines, writeFramed } from "./plain_text.ts";
import type { Gap } from "./sink.ts";

/** Bytes of a block that is used again. */
const BLOCK = 131_072;
/** Bytes of the block that a lane with little to say keeps. */
const SMALL_BLOCK = 4_096;
/** Blocks that are kept for use again. */
const SPARE_BLOCKS = 16;
const LF = 0x0a;
const encoder = new TextEncoder();

/** What the lanes of one sink have buffered, or, without an `all`, those of a tree, with the blocks that none of them uses. */
export class LaneMemory {
  readonly #all: LaneMemory | undefined;
  /** Bytes that wait. */
  size = 0;
  readonly #spare: Uint8Array[] = [];

  constructor(all?: LaneMemory) {
    this.#all = all;
  }

  /** Counts `bytes` more, or fewer. */
  grow(bytes: number): void {
    this.size += bytes;
    this.#all?.grow(bytes);
  }

  /** A block with room for `bytes`. */
  take(bytes: number): Uint8Array {
    if (this.#all !== undefined) return this.#all.take(bytes);
    if (bytes <= SMALL_BLOCK) return new Uint8Array(SMALL_BLOCK);
    if (bytes > BLOCK) return new Uint8Array(bytes);
    return this.#spare.pop() ?? new Uint8Array(BLOCK);
  }

  /** Takes a block, or a part of one, whose content is no longer needed. */
  giveBack(block: Uint8Array): void {
    if (this.#all !== undefined) return this.#all.giveBack(block);
    const { buffer } = block;
    if (buffer.byteLength === BLOCK && this.#spare.length < SPARE_BLOCKS) {
      this.#spare.push(new Uint8Array(buffer));
    }
  }
}

interface Block {
  readonly bytes: Uint8Array;
  start: number;
  end: number;
}

/** What was dropped, one after the other. */
type OpenGap = { -readonly [Key in Exclude<keyof Gap, "path">]: Gap[Key] } & { readonly serial: number };

/** Bytes that came one after the other, without anything for another lane between them. */
interface Run {
  readonly serial: number;
  bytes: number;
}

/** What comes: a text of whole lines, or plain lines, and how many of a child's lines are in it; 0 for an event. */
export interface Piece {
  readonly at: number;
  readonly text: string | FramedLines;
  readonly lines: number;
}

/** The queue of one child before one sink. */
export class ChildLane {
  readonly path: string;
  readonly #memory: LaneMemory;
  #queue: (Block | OpenGap)[] = [];
  /** What is in the blocks, in the same order. */
  #runs: Run[] = [];
  /** Bytes that it may give until all others had their turn. */
  credit = 0;
  /** A small block that was emptied, for what comes next. */
  #idle: Uint8Array | undefined;
  /** Bytes that wait. */
  size = 0;
  /** Bytes that were taken so far. */
  taken = 0;
  /** Lines and events that were dropped so far. */
  lost = 0;

  constructor(path: string, memory: LaneMemory) {
    this.path = path;
    this.#memory = memory;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** Whether the newest was dropped. */
  get hasOpenGap(): boolean {
    const last = this.#queue.at(-1);
    return last !== undefined && !("bytes" in last);
  }

  /** The number of what is next; only to be asked for when it is not empty. */
  get serial(): number {
    const next = this.#queue[0]!;
    return "bytes" in next ? this.#runs[0]!.serial : next.serial;
  }

  /** Adds `piece` at the end. `serial` grows with each change of the lane that gets something. */
  append({ text, lines }: Piece, serial: number): void {
    const isText = typeof text === "string";
    // Of other characters, UTF-8 has up to three bytes a unit of UTF-16.
    const most = isText ? text.length * 3 : framedBytes(text, lines);
    let block = this.#queue.at(-1);
    if (block === undefined || !("bytes" in block) || block.bytes.length - block.end < most) {
      block = { bytes: this.#room(most), start: 0, end: 0 };
      this.#queue.push(block);
    }
    const free = block.bytes.subarray(block.end);
    const written = isText ? encoder.encodeInto(text, free).written : writeFramed(text, free);
    block.end += written;
    this.#grow(written);
    const run = this.#runs.at(-1);
    if (run?.serial === serial) run.bytes += written;
    else this.#runs.push({ serial, bytes: written });
  }

  /** Counts `piece` as lost. */
  drop({ at, lines }: Piece, serial: number): void {
    this.lost += lines || 1;
    let gap = this.#queue.at(-1);
    if (gap === undefined || "bytes" in gap) {
      gap = { lines: 0, events: 0, from: at, to: at, serial };
      this.#queue.push(gap);
    }
    if (lines > 0) gap.lines += lines;
    else gap.events++;
    gap.to = at;
  }

  /** The gap that is next, if it is one; it is then no longer here. */
  takeGap(): Gap | undefined {
    const next = this.#queue[0];
    if (next === undefined || "bytes" in next) return undefined;
    this.#queue.shift();
    const { lines, events, from, to } = next;
    return { path: this.path, lines, events, from, to };
  }

  /** Puts a line before all others, as the very next. */
  prepend(line: string): void {
    const bytes = encoder.encode(line);
    this.#queue.unshift({ bytes, start: 0, end: bytes.length });
    this.#runs.unshift({ serial: -1, bytes: bytes.length });
    this.#grow(bytes.length);
  }

  /**
   * Moves whole lines to `target`, from `at` up to `end`; returns how many bytes. Of a line that has no room in all of
   * `target` the part that has. Stops before a gap, and where something for another lane came between.
   */
  take(target: Uint8Array, at: number, end: number): number {
    const start = at;
    const run = this.#runs[0];
    if (run === undefined) return 0;
    end = Math.min(end, at + run.bytes);
    for (let block; at < end && (block = this.#queue[0]) !== undefined && "bytes" in block;) {
      let bytes = block.bytes.subarray(block.start, Math.min(block.end, block.start + end - at));
      if (bytes.length < block.end - block.start) {
        const whole = bytes.lastIndexOf(LF) + 1;
        if (whole > 0) bytes = bytes.subarray(0, whole);
        else if (bytes.length < target.length) break;
      }
      target.set(bytes, at);
      at += bytes.length;
      block.start += bytes.length;
      if (block.start < block.end) break;
      this.#release(block);
    }
    this.#noteTaken(run, at - start);
    return at - start;
  }

  /** The first block as it is, with whole lines, if it has from `least` to `most` bytes; it is then the caller's. */
  takeBlock(least: number, most: number): Uint8Array | undefined {
    const block = this.#queue[0];
    const run = this.#runs[0];
    if (block === undefined || run === undefined || !("bytes" in block)) return undefined;
    const size = block.end - block.start;
    if (size < least || size > most || size > run.bytes) return undefined;
    this.#queue.shift();
    this.#noteTaken(run, size);
    return block.bytes.subarray(block.start, block.end);
  }

  /** Drops all that waits, uncounted. */
  clear(): void {
    for (const part of this.#queue) if ("bytes" in part) this.#memory.giveBack(part.bytes);
    this.#queue = [];
    this.#runs = [];
    this.#grow(-this.size);
  }

  /** How many lines and events wait, or were dropped without that being named. */
  get unwritten(): number {
    return this.#queue.reduce(
      (sum, part) =>
        sum +
        ("bytes" in part ? countLines(part.bytes.subarray(part.start, part.end)) : part.lines + part.events),
      0,
    );
  }

  /** Counts `bytes` of the first run as taken. */
  #noteTaken(run: Run, bytes: number): void {
    run.bytes -= bytes;
    if (run.bytes === 0) this.#runs.shift();
    this.taken += bytes;
    this.#grow(-bytes);
  }

  #grow(bytes: number): void {
    this.size += bytes;
    this.#memory.grow(bytes);
  }

  #room(bytes: number): Uint8Array {
    const idle = this.#idle;
    if (idle === undefined || bytes > idle.length) return this.#memory.take(bytes);
    this.#idle = undefined;
    return idle;
  }

  /** Lets the first block go. */
  #release({ bytes }: Block): void {
    this.#queue.shift();
    if (bytes.length === SMALL_BLOCK) this.#idle = bytes;
    else this.#memory.giveBack(bytes);
  }
}

/** How many newlines `bytes` has. */
export function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; (at = bytes.indexOf(LF, at) + 1) > 0;) count++;
  return count;
}
