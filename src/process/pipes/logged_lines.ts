/**
 * Reads a stream that is logged, as a person at a terminal would: stderr, and stdout without a protocol.
 *
 * A `\r` alone ends a line that the next one replaces, as progress bars do: patterns see all of them, but one a second is
 * shown, and the last; the tail has the last few of a run. `\r\n` ends a line once. A line over the cap comes in pieces; the
 * beginning of a secret at the end of one waits for the next. A priority at the beginning of a line, `<3>` as sd-daemon(3)
 * has it, becomes its level.
 *
 * A flood of plain lines is handed on in batches, where no reader needs them one by one, also a line that begins in one
 * chunk and ends in the next; any other line is looked at on its own.
 *
 * Its memory is bounded: one line of at most the cap, one that waits to be replaced, and the tail. It has one timer at
 * most, and only while a replaced line waits.
 */
import type { Timers } from "../../time/clock.ts";
import type { Malformed } from "../framing/framing.ts";
import { type LineEnd, LineFramer, type LineTarget } from "../framing/line_framing.ts";
import type { Redactor, TextCut } from "../secrets/mask.ts";
import { findPlainLines } from "../../text/plain_lines.ts";
import { LineTail } from "./line_tail.ts";
import { LARGEST_READ } from "./pipe_reader.ts";

/** Of lines that replace one another, one is shown in so many milliseconds, and the last. */
export const REPLACED_LINE_EVERY_MS = 1_000;

/** The levels that a priority stands for, by its number. */
const LEVELS: readonly LineLevel[] = ["error", "error", "error", "error", "warn", "info", "info", "debug"];
/** The length of a priority, `<3>`. */
const PRIORITY = 3;
const [LESS, GREATER, ZERO] = [0x3c, 0x3e, 0x30];

const LF = 0x0a;
/** The bytes that are read line by line where one of them is not plain: to change between the two ways costs, too. */
const SLOW_STRETCH = 2_048;
/** The most bytes of a plain line that is continued in the next chunk: a longer one is no longer read in batches. */
const MOST_CARRIED = 8_192;
const NOTHING = new Uint8Array(0);
const decoder = new TextDecoder();

/** How important a line says that it is. */
export type LineLevel = "error" | "warn" | "info" | "debug";

/** What else is known of a line that is shown. */
export interface LineMarks {
  /** What its priority said; the priority is not part of its text. */
  readonly level?: LineLevel;
  /** It is a piece of a long line: the next one of this stream continues it. */
  readonly continues?: true;
}

/** Settings of {@linkcode LoggedLines}. */
export interface LoggedLinesOptions {
  readonly timers: Timers;
  /** The most bytes of a line. */
  readonly cap: number;
  /** Called for what each line shows. */
  readonly redact?: Redactor | undefined;
  /** Receives each line at once, without its priority; `masked` is what is shown of it, `written` all of it. */
  readonly onSeen?: ((line: string, masked: string, written: string) => void) | undefined;
  /** Receives each line that is to be shown; `marks` where there are any. */
  readonly onShown?: ((masked: string, marks?: LineMarks) => void) | undefined;
  /** Takes plain lines in batches, each with its newline, wherever `isFit` says that none is needed on its own. */
  readonly batches?: LineBatches | undefined;
  /** Receives faults; a line over the cap is one, and dropped, instead of coming in pieces. */
  readonly faults?: {
    readonly malformed: (fault: Malformed) => void;
    readonly skipped: (bytes: number) => void;
  };
}

/** Takes lines in batches. */
export interface LineBatches {
  /** Whether it may have those that come now. Asked for each chunk. */
  isFit(): boolean;
  /** Takes `count` lines of printable ASCII and tabs, each with its newline. */
  take(text: string, count: number): void;
}

/** The lines of one logged stream. */
export class LoggedLines {
  readonly #timers: Timers;
  readonly #framer: LineFramer;
  readonly #redact: Redactor | undefined;
  readonly #onSeen: LoggedLinesOptions["onSeen"];
  readonly #onShown: LoggedLinesOptions["onShown"];
  readonly #batches: LineBatches | undefined;
  readonly #cap: number;
  readonly #tail = new LineTail();
  /** The beginning of a plain line that the framer has not seen. */
  #carried: Uint8Array = NOTHING;
  /** The last line that `\r` ended, until it is shown. */
  #held: { readonly masked: string; readonly marks: LineMarks | undefined } | undefined;
  /** The line was ended by `\r`: a newline belongs to it. */
  #hasReturned = false;
  /** Of the line whose pieces have come. */
  #pieces: { readonly marks: LineMarks; readonly isCutInSecret: boolean } | undefined;
  #timer: unknown;
  #endCut: TextCut | undefined;

  constructor(options: LoggedLinesOptions) {
    this.#timers = options.timers;
    this.#redact = options.redact;
    this.#onSeen = options.onSeen;
    this.#onShown = options.onShown;
    this.#batches = options.batches;
    this.#cap = options.cap;
    const target: LineTarget = {
      line: (text, end) => this.#line(text, end),
      ...options.faults ?? { piece: (text) => this.#piece(text) },
    };
    this.#framer = new LineFramer(target, { maxFrame: options.cap, keepInvalid: true, newline: "any" });
  }

  /** The last lines, oldest first, as they are shown; the unfinished one is not among them. */
  get tail(): readonly string[] {
    return this.#tail.lines;
  }

  /** The unfinished line as it is shown, or an empty text. */
  get unfinished(): string {
    const { text } = levelled(decoder.decode(this.#carried) + this.#framer.unfinished);
    return this.#redact === undefined ? text : this.#redact(text, "end");
  }

  push(chunk: Uint8Array): void {
    const batches = this.#batches;
    if (batches?.isFit() !== true) {
      this.#frameCarried();
      return this.#framer.push(chunk);
    }
    for (let at = 0; at < chunk.length;) {
      let end = at;
      if (!this.#isWithinLine) {
        const { count, end: plainEnd, isOpen } = findPlainLines(chunk, at, this.#room);
        if (count > 0) {
          this.#batched(decoder.decode(joined(this.#carried, chunk.subarray(at, plainEnd))), count, batches);
          this.#carried = NOTHING;
        }
        at = plainEnd;
        if (isOpen && chunk.length - at <= Math.min(this.#room, MOST_CARRIED)) {
          this.#carried = joined(this.#carried, chunk.subarray(at)).slice();
          return;
        }
        end = Math.min(at + SLOW_STRETCH, chunk.length);
      }
      end = chunk.indexOf(LF, end) + 1 || chunk.length;
      this.#frameCarried();
      if (end > at) this.#framer.push(chunk.subarray(at, end));
      at = end;
    }
  }

  /** The most bytes of a plain line, or of what is left of it. */
  get #room(): number {
    return this.#carried.length === 0 ? this.#cap : Math.min(this.#cap, MOST_CARRIED) - this.#carried.length;
  }

  /** Has the line that was carried read on its own. */
  #frameCarried(): void {
    const carried = this.#carried;
    this.#carried = NOTHING;
    if (carried.length > 0) this.#framer.push(carried);
  }

  /** Whether what comes next may have to do with what came before. */
  get #isWithinLine(): boolean {
    return this.#framer.isWithinLine || this.#pieces !== undefined || this.#hasReturned;
  }

  #batched(text: string, count: number, batches: LineBatches): void {
    this.#release();
    this.#tail.pushBatch(text, count);
    batches.take(text, count);
  }

  /** Ends the input. `cut`: a last line without its end may have been cut off, so that it may end within a secret. */
  end({ cut }: { readonly cut: boolean }): void {
    this.#frameCarried();
    if (cut) this.#endCut = "end";
    this.#framer.end();
    this.#release();
    this.#timers.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #line(written: string, end: LineEnd): void {
    if (written === "" && end === "\r") return;
    if (written === "" && this.#hasReturned) {
      this.#hasReturned = false;
      this.#tail.endReplaced();
      return this.#release();
    }
    const pieces = this.#pieces;
    let text = written;
    let marks: LineMarks | undefined;
    let cut = end === "" ? this.#endCut : undefined;
    if (pieces !== undefined) {
      this.#pieces = undefined;
      if (pieces.marks.level !== undefined) marks = { level: pieces.marks.level };
      if (pieces.isCutInSecret) cut = "both";
    } else if (written.charCodeAt(0) === LESS) ({ text, marks } = levelled(written));
    this.#hasReturned = end === "\r";
    const masked = this.#see(text, cut, written);
    if (this.#hasReturned) this.#hold(masked, marks);
    else this.#show(masked, marks);
  }

  /** See {@linkcode LineTarget.piece}. */
  #piece(written: string): number {
    const before = this.#pieces;
    const open = this.#redact?.openAt?.(written) ?? written.length;
    // No secret is waited for that is longer than a quarter of a piece: the next piece would have no room for more. From
    // there on, each piece of the line may begin and end within one.
    const isCutInSecret = before?.isCutInSecret === true || written.length - open > written.length >> 2;
    const end = isCutInSecret ? written.length : open;
    const piece = written.slice(0, end);
    const { text, marks } = before === undefined ? levelled(piece) : { text: piece, marks: before.marks };
    const cut = before?.isCutInSecret ? "both" : isCutInSecret ? "end" : undefined;
    this.#pieces = { marks: { ...marks, continues: true }, isCutInSecret };
    this.#hasReturned = false;
    this.#show(this.#see(text, cut, piece), this.#pieces.marks);
    return end;
  }

  /** Returns what is shown of the line. */
  #see(text: string, cut: TextCut | undefined, written: string): string {
    const masked = this.#redact === undefined ? text : this.#redact(text, cut);
    this.#tail.push(masked, this.#hasReturned);
    this.#onSeen?.(text, masked, written);
    return masked;
  }

  #show(masked: string, marks: LineMarks | undefined): void {
    this.#release();
    this.#onShown?.(masked, marks);
  }

  #hold(masked: string, marks: LineMarks | undefined): void {
    this.#held = { masked, marks };
    this.#timer ??= this.#timers.setTimeout(() => {
      this.#timer = undefined;
      this.#release();
    }, REPLACED_LINE_EVERY_MS);
  }

  /** Shows the line that is held back. */
  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#onShown?.(held.masked, held.marks);
  }
}

/** Cuts the priority off a line. */
function levelled(written: string): { readonly text: string; readonly marks?: LineMarks } {
  if (written.charCodeAt(0) !== LESS || written.charCodeAt(PRIORITY - 1) !== GREATER) {
    return { text: written };
  }
  const level = LEVELS[written.charCodeAt(1) - ZERO];
  return level === undefined ? { text: written } : { text: written.slice(PRIORITY), marks: { level } };
}

/** Memory that is used again, by all: what is read of a plain line and a whole chunk. */
let scratch: Uint8Array = NOTHING;

/** `start` and `end` as one, valid until the next call. */
function joined(start: Uint8Array, end: Uint8Array): Uint8Array {
  if (start.length === 0) return end;
  const size = start.length + end.length;
  if (scratch.length < size) scratch = new Uint8Array(Math.max(size, LARGEST_READ + MOST_CARRIED));
  scratch.set(start);
  scratch.set(end, start.length);
  return scratch.subarray(0, size);
}
