/**
 * Cuts bytes into lines.
 *
 * A chunk is decoded as one region and then sliced; only a region with a fault is read line by line, on bytes, so that
 * just the bad lines are affected. A line is a slice of its region's text, so keeping one short line keeps up to one chunk
 * (64 KiB) alive.
 */
import { type Decoder, type Malformed, SAMPLE_CHARS, sampleOf } from "./framing.ts";
import { LineBuffer, wholeCharacters } from "../../text/line_buffer.ts";
import { PATTERN_REACH } from "../../text/pattern.ts";
import { isEncoded } from "../../text/utf8.ts";

/** What ended a line: nothing, where the input ended within it. */
export type LineEnd = "\n" | "\r" | "";

export interface LineTarget {
  /** Takes a line without its end. */
  line(text: string, end: LineEnd): void;
  /**
   * Takes a piece of a line over the cap, more of which has come; returns from which character on it belongs to the next
   * piece. Where this is missing, such a line is dropped and reported.
   */
  piece?(text: string): number;
  malformed?(fault: Malformed): void;
  /** Receives the number of further bytes of a line over the cap. */
  skipped?(bytes: number): void;
}

export interface LineFramerOptions {
  /** The most bytes of a line before its end; a longer one comes in pieces, or is dropped as soon as it is too long. */
  readonly maxFrame: number;
  /**
   * What ends a line. `"lf"` (default): `\n` or `\r\n`; `"any"`: a `\r` or a `\n`, so that `\r\n` ends a line and an
   * empty one.
   */
  readonly newline?: "lf" | "any";
  /** Whether a line with invalid UTF-8 is delivered with U+FFFD in place; it is reported either way. */
  readonly keepInvalid: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const BOM = new Uint8Array([0xef, 0xbb, 0xbf]);
const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();
// Replacing and then looking for U+FFFD is seven times as fast as a decoder that is told to throw.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Cuts bytes into lines, without a byte order mark at the very start. */
export class LineFramer implements Decoder {
  readonly #target: LineTarget;
  readonly #maxFrame: number;
  readonly #keepInvalid: boolean;
  readonly #endsAtReturn: boolean;
  /** The unfinished line, copied. */
  readonly #open: LineBuffer;
  /** Whether it skips the rest of a line that is too long. */
  #isSkipping = false;
  /** The bytes seen of a byte order mark; at 3, that is decided. */
  #bom = 0;

  constructor(target: LineTarget, options: LineFramerOptions) {
    this.#target = target;
    this.#maxFrame = options.maxFrame;
    this.#keepInvalid = options.keepInvalid;
    this.#endsAtReturn = options.newline === "any";
    this.#open = new LineBuffer(options.maxFrame);
  }

  /** The bytes of memory that it holds between two chunks. */
  get buffered(): number {
    return this.#open.capacity;
  }

  /** Whether what comes next may not be the beginning of a line. */
  get isWithinLine(): boolean {
    return this.#isSkipping || this.#open.came > 0 || this.#bom < BOM.length;
  }

  /** The text of the unfinished line so far, as much of it as a pattern is looked for in. */
  get unfinished(): string {
    return this.#open.head(PATTERN_REACH);
  }

  push(chunk: Uint8Array): void {
    if (this.#bom < BOM.length) chunk = this.#withoutBom(chunk);
    let start = 0;
    if (this.#isSkipping || this.#open.came > 0) {
      const end = this.#endIn(chunk, 0);
      if (end < 0) return this.#buffer(chunk);
      this.#buffer(chunk.subarray(0, end));
      this.#finish(endOf(chunk[end]!));
      start = end + 1;
    }
    const end = this.#lastEndIn(chunk) + 1;
    if (end > start) this.#region(chunk.subarray(start, end));
    if (end < chunk.length) this.#buffer(chunk.subarray(end));
  }

  end(): void {
    if (this.#bom > 0 && this.#bom < BOM.length) this.#buffer(BOM.subarray(0, this.#bom));
    this.#bom = BOM.length;
    if (this.#isSkipping || this.#open.came > 0) this.#finish("");
  }

  /** Where in `bytes` the first line ends from `from` on, or -1. */
  #endIn(bytes: Uint8Array, from: number): number {
    if (!this.#endsAtReturn) return bytes.indexOf(LF, from);
    for (let at = from; at < bytes.length; at++) if (bytes[at] === LF || bytes[at] === CR) return at;
    return -1;
  }

  #lastEndIn(bytes: Uint8Array): number {
    if (!this.#endsAtReturn) return bytes.lastIndexOf(LF);
    let at = bytes.length - 1;
    while (at >= 0 && bytes[at] !== LF && bytes[at] !== CR) at--;
    return at;
  }

  #withoutBom(chunk: Uint8Array): Uint8Array {
    for (let at = 0; at < chunk.length; at++) {
      if (chunk[at] !== BOM[this.#bom]) {
        if (this.#bom > 0) this.#buffer(BOM.subarray(0, this.#bom));
        this.#bom = BOM.length;
        return chunk.subarray(at);
      }
      if (++this.#bom === BOM.length) return chunk.subarray(at + 1);
    }
    return NOTHING;
  }

  /** Reads whole lines, with the end of the last one. */
  #region(region: Uint8Array): void {
    if (region.length > this.#maxFrame && longestLine(region) > this.#maxFrame) return this.#oneByOne(region);
    const text = decoder.decode(region);
    if (text.includes("\ufffd")) return this.#oneByOne(region);
    if (this.#endsAtReturn && region.includes(CR)) return this.#mixed(text);
    const target = this.#target;
    for (let start = 0, end; (end = text.indexOf("\n", start)) >= 0; start = end + 1) {
      const cut = end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end;
      target.line(text.slice(start, cut), "\n");
    }
  }

  /** {@linkcode LineFramer.#region}, where some lines end with `\r`. */
  #mixed(text: string): void {
    for (let start = 0, lf = -1, cr = -1; start < text.length;) {
      if (lf < start) lf = placeOf(text, "\n", start);
      if (cr < start) cr = placeOf(text, "\r", start);
      const end = Math.min(lf, cr);
      this.#target.line(text.slice(start, end), end === lf ? "\n" : "\r");
      start = end + 1;
    }
  }

  #oneByOne(region: Uint8Array): void {
    for (let start = 0, end; (end = this.#endIn(region, start)) >= 0; start = end + 1) {
      const line = region.subarray(start, end);
      const lineEnd = endOf(region[end]!);
      if (line.length <= this.#maxFrame) this.#emitLine(line, lineEnd);
      else if (this.#target.piece === undefined) this.#overCap(line, line.length);
      else {
        this.#buffer(line);
        this.#finish(lineEnd);
      }
    }
  }

  #emitLine(line: Uint8Array, end: LineEnd): void {
    if (line.at(-1) === CR) line = line.subarray(0, -1);
    const text = decoder.decode(line);
    if (text.includes("\ufffd") && !isEncoded(text, line)) {
      const dropped = !this.#keepInvalid;
      this.#target.malformed?.({ kind: "invalid_utf8", bytes: line.length, sample: sampleOf(text), dropped });
      if (dropped) return;
    }
    this.#target.line(text, end);
  }

  #overCap(line: Uint8Array, bytes: number): void {
    const sample = sampleOf(decoder.decode(line.subarray(0, Math.min(SAMPLE_CHARS, this.#maxFrame))));
    this.#target.malformed?.({ kind: "over_cap", bytes, sample, dropped: true });
  }

  #buffer(bytes: Uint8Array): void {
    if (this.#isSkipping) return this.#target.skipped?.(bytes.length);
    if (this.#target.piece !== undefined) return this.#bufferPieces(bytes);
    const open = this.#open;
    open.add(bytes);
    if (!open.isCut) return;
    this.#isSkipping = true;
    this.#overCap(open.bytes, open.came);
    open.clear();
  }

  /** What the target leaves of a piece, and the cut character at its end, begin the next one. */
  #bufferPieces(bytes: Uint8Array): void {
    const open = this.#open;
    while (open.came + bytes.length > this.#maxFrame) {
      const room = this.#maxFrame - open.came;
      open.add(bytes.subarray(0, room));
      bytes = bytes.subarray(room);
      const whole = wholeCharacters(open.bytes, open.came);
      const text = decoder.decode(open.bytes.subarray(0, whole));
      const cut = open.bytes.slice(whole);
      open.clear();
      const left = text.slice(this.#target.piece!(text));
      if (left !== "") open.add(encoder.encode(left));
      open.add(cut);
    }
    open.add(bytes);
  }

  /** Finishes the open line, or the skipped rest of one that was too long. */
  #finish(end: LineEnd): void {
    if (this.#isSkipping) return void (this.#isSkipping = false);
    const line = this.#open.bytes;
    this.#open.clear();
    this.#emitLine(line, end);
  }
}

function endOf(byte: number): LineEnd {
  return byte === LF ? "\n" : "\r";
}

function placeOf(text: string, end: string, from: number): number {
  const place = text.indexOf(end, from);
  return place < 0 ? Infinity : place;
}

function longestLine(region: Uint8Array): number {
  let longest = 0;
  for (let start = 0, end; (end = region.indexOf(LF, start)) >= 0; start = end + 1) {
    longest = Math.max(longest, end - start);
  }
  return longest;
}
