/**
 * Cuts bytes into lines.
 *
 * A chunk is decoded as one region and then sliced; only a region with a fault is read line by line, on bytes, so that
 * just the bad lines are affected. A line is a slice of its region's text, so keeping one short line keeps up to one chunk
 * (64 KiB) alive.
 */
import { type Decoder, type Malformed, SAMPLE_CHARS, sampleOf } from "./framing.ts";
import { LineBuffer } from "../../text/line_buffer.ts";
import { isEncoded } from "../../text/utf8.ts";

export interface LineTarget {
  /** Takes a line without its terminator; `ended` is false for a last line that had none. */
  line(text: string, ended: boolean): void;
  malformed(fault: Malformed): void;
  /** Receives the number of further bytes of a line over the cap. */
  skipped?(bytes: number): void;
}

export interface LineFramerOptions {
  /** The most bytes of a line before its `\n`; a longer one is dropped and reported as soon as it is too long. */
  readonly maxFrame: number;
  /** Whether a line with invalid UTF-8 is delivered with U+FFFD in place; it is reported either way. */
  readonly keepInvalid: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const BOM = new Uint8Array([0xef, 0xbb, 0xbf]);
const NOTHING = new Uint8Array(0);
// Replacing and then looking for U+FFFD is seven times as fast as a decoder that is told to throw.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Cuts bytes into lines: at `\n` or `\r\n`, without a byte order mark at the very start. */
export class LineFramer implements Decoder {
  readonly #target: LineTarget;
  readonly #maxFrame: number;
  readonly #keepInvalid: boolean;
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
    this.#open = new LineBuffer(options.maxFrame);
  }

  /** The bytes of memory that it holds between two chunks. */
  get buffered(): number {
    return this.#open.capacity;
  }

  push(chunk: Uint8Array): void {
    if (this.#bom < BOM.length) chunk = this.#withoutBom(chunk);
    let start = 0;
    if (this.#isSkipping || this.#open.came > 0) {
      const end = chunk.indexOf(LF);
      if (end < 0) return this.#buffer(chunk);
      this.#buffer(chunk.subarray(0, end));
      this.#finish(true);
      start = end + 1;
    }
    const end = chunk.lastIndexOf(LF) + 1;
    if (end > start) this.#region(chunk.subarray(start, end));
    if (end < chunk.length) this.#buffer(chunk.subarray(end));
  }

  end(): void {
    if (this.#bom > 0 && this.#bom < BOM.length) this.#buffer(BOM.subarray(0, this.#bom));
    this.#bom = BOM.length;
    if (this.#isSkipping || this.#open.came > 0) this.#finish(false);
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

  /** Reads whole lines, `\n` last. */
  #region(region: Uint8Array): void {
    if (region.length > this.#maxFrame && longestLine(region) > this.#maxFrame) return this.#oneByOne(region);
    const text = decoder.decode(region);
    if (text.includes("\ufffd")) return this.#oneByOne(region);
    const target = this.#target;
    for (let start = 0, end; (end = text.indexOf("\n", start)) >= 0; start = end + 1) {
      const cut = end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end;
      target.line(text.slice(start, cut), true);
    }
  }

  #oneByOne(region: Uint8Array): void {
    for (let start = 0, end; (end = region.indexOf(LF, start)) >= 0; start = end + 1) {
      const line = region.subarray(start, end);
      if (line.length > this.#maxFrame) this.#overCap(line, line.length);
      else this.#emitLine(line, true);
    }
  }

  #emitLine(line: Uint8Array, ended: boolean): void {
    if (line.at(-1) === CR) line = line.subarray(0, -1);
    const text = decoder.decode(line);
    if (text.includes("\ufffd") && !isEncoded(text, line)) {
      const dropped = !this.#keepInvalid;
      this.#target.malformed({ kind: "invalid_utf8", bytes: line.length, sample: sampleOf(text), dropped });
      if (dropped) return;
    }
    this.#target.line(text, ended);
  }

  #overCap(line: Uint8Array, bytes: number): void {
    const sample = sampleOf(decoder.decode(line.subarray(0, Math.min(SAMPLE_CHARS, this.#maxFrame))));
    this.#target.malformed({ kind: "over_cap", bytes, sample, dropped: true });
  }

  #buffer(bytes: Uint8Array): void {
    if (this.#isSkipping) return this.#target.skipped?.(bytes.length);
    const open = this.#open;
    open.add(bytes);
    if (!open.isCut) return;
    this.#isSkipping = true;
    this.#overCap(open.bytes, open.came);
    open.clear();
  }

  /** Finishes the open line, or the skipped rest of one that was too long. */
  #finish(ended: boolean): void {
    if (this.#isSkipping) return void (this.#isSkipping = false);
    const line = this.#open.bytes;
    this.#open.clear();
    this.#emitLine(line, ended);
  }
}

function longestLine(region: Uint8Array): number {
  let longest = 0;
  for (let start = 0, end; (end = region.indexOf(LF, start)) >= 0; start = end + 1) {
    longest = Math.max(longest, end - start);
  }
  return longest;
}
