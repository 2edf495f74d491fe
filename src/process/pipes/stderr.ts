/**
 * Owns a child's stderr: always read, so that it never blocks the child, and remembered only by its last lines.
 *
 * Hold in mind: memory is a number. A line is cut at {@linkcode STDERR_LINE_CAP} bytes, the tail has
 * {@linkcode STDERR_TAIL_LINES} lines, each decoded on its own so that it does not keep the chunk it came in alive.
 *
 * @module
 */
import type { Redactor } from "../secrets/mask.ts";
import { PipeReader } from "./pipe_reader.ts";
import { TimeSlice } from "../../time/time_slice.ts";

/** How many of the last lines are kept. */
export const STDERR_TAIL_LINES = 20;

/** Bytes of a line that are kept; the rest of it, up to its newline, is dropped. */
export const STDERR_LINE_CAP = 1_024;

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = new Uint8Array(0);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads one child's stderr from construction to EOF or {@linkcode StderrPump.cancel}. */
export class StderrPump {
  readonly #reader: PipeReader;
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #redact: Redactor | undefined;
  readonly #lines: string[] = [];
  /** Made with the first line: most programs have nothing to say here. */
  #buffered: Uint8Array = NOTHING;
  #bufferedSize = 0;
  #isUnfinished = false;
  #isOver = false;
  #thrown: { readonly error: unknown } | undefined;
  /** Resolves at EOF or when cancelled; rejects then if `onLine` threw, or the pipe failed. Its rejection is handled here already. */
  readonly ended: Promise<void>;

  /**
   * Starts to read `stream`; `onLine` gets every line, cut, and must not throw (it is not called again if it does). Each
   * line goes through `mask` first.
   */
  constructor(
    stream: ReadableStream<Uint8Array>,
    options: { readonly onLine?: (line: string) => void; readonly redact?: Redactor } = {},
  ) {
    this.#reader = new PipeReader(stream, { reuse: true });
    this.#onLine = options.onLine;
    this.#redact = options.redact;
    this.ended = this.#pump();
    this.ended.catch(() => {}); // told to whoever awaits `ended`, which may be later
  }

  /** The last lines, oldest first; an unfinished one counts. */
  get tail(): readonly string[] {
    const lines = this.#isUnfinished ? [...this.#lines, this.#text(false)] : [...this.#lines];
    return lines.slice(-STDERR_TAIL_LINES);
  }

  /** Whether {@linkcode StderrPump.ended} has settled. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Stops reading at once. */
  cancel(): Promise<void> {
    return this.#reader.cancel();
  }

  async #pump(): Promise<void> {
    const slice = new TimeSlice();
    try {
      for (;;) {
        const chunk = await this.#reader.read();
        if (chunk === undefined) break;
        this.#push(chunk);
        const turn = slice.nextSlice();
        if (turn !== undefined) await turn;
      }
      if (this.#isUnfinished) this.#finish(false);
    } finally {
      this.#isOver = true;
    }
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }

  #push(chunk: Uint8Array): void {
    let from = this.#onLine === undefined ? this.#skip(chunk) : 0;
    for (let end; (end = chunk.indexOf(LF, from)) >= 0; from = end + 1) {
      this.#buffer(chunk.subarray(from, end));
      this.#finish(true);
    }
    if (from < chunk.length) this.#buffer(chunk.subarray(from));
  }

  /** Where the last lines of `chunk` start that could stay in the tail; those before need not be decoded. */
  #skip(chunk: Uint8Array): number {
    let at = chunk.length;
    for (let lines = 0; lines <= STDERR_TAIL_LINES; lines++) {
      if (at === 0) return 0;
      at = chunk.lastIndexOf(LF, at - 1);
      if (at < 0) return 0;
    }
    this.#bufferedSize = 0;
    this.#isUnfinished = false;
    return at + 1;
  }

  #buffer(bytes: Uint8Array): void {
    if (this.#buffered.length === 0) this.#buffered = new Uint8Array(STDERR_LINE_CAP);
    const room = bytes.subarray(0, STDERR_LINE_CAP - this.#bufferedSize);
    this.#buffered.set(room, this.#bufferedSize);
    this.#bufferedSize += room.length;
    this.#isUnfinished = true;
  }

  /** The line that is held; `ended` says whether its newline has come. */
  #text(ended: boolean): string {
    const line = text(this.#buffered, this.#bufferedSize);
    if (this.#redact === undefined) return line;
    // Of one that is full, more may have come and been dropped.
    const masked = this.#redact(line, ended && this.#bufferedSize < STDERR_LINE_CAP ? undefined : "end");
    return masked.length > line.length ? masked.slice(0, line.length) : masked;
  }

  #finish(ended: boolean): void {
    const line = this.#text(ended);
    this.#bufferedSize = 0;
    this.#isUnfinished = false;
    this.#lines.push(line);
    if (this.#lines.length > STDERR_TAIL_LINES) this.#lines.shift();
    if (this.#thrown !== undefined) return;
    try {
      this.#onLine?.(line);
    } catch (error) {
      this.#thrown = { error }; // the pipe must go on being drained; `ended` passes it on
    }
  }
}

/** Decodes a line; one that was cut within a character ends before that character. */
function text(bytes: Uint8Array, size: number): string {
  let end = size;
  if (size === STDERR_LINE_CAP) {
    let start = size - 1;
    while (start > size - 4 && (bytes[start]! & 0xc0) === 0x80) start--;
    const lead = bytes[start]!;
    const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (start + length > size) end = start;
  }
  if (end > 0 && bytes[end - 1] === CR) end--;
  return decoder.decode(bytes.subarray(0, end));
}
