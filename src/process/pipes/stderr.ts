/**
 * Owns a child's stderr: always read, so that it never blocks the child, and remembered only by its last lines.
 *
 * Its memory is bounded. A line is cut at {@linkcode STDERR_LINE_CAP} bytes, the tail has {@linkcode STDERR_TAIL_LINES}
 * lines, each decoded on its own so that it does not keep the chunk it came in alive.
 */
import type { Redactor } from "../secrets/mask.ts";
import { LineBuffer } from "../../text/line_buffer.ts";
import { PipeReader } from "./pipe_reader.ts";

/** The number of last lines that are kept. */
export const STDERR_TAIL_LINES = 50;

/** The bytes that are kept of a line; the rest of it, up to its newline, is dropped. */
export const STDERR_LINE_CAP = 1_024;

const LF = 0x0a;

/** Reads one child's stderr from construction to EOF or {@linkcode StderrPump.cancel}. */
export class StderrPump {
  readonly #reader: PipeReader;
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #redact: Redactor | undefined;
  readonly #lines: string[] = [];
  readonly #line = new LineBuffer(STDERR_LINE_CAP);
  #isOver = false;
  #thrown: { readonly error: unknown } | undefined;
  /**
   * Resolves at EOF or when cancelled; rejects then if `onLine` threw, or the pipe failed. That is never an unhandled
   * rejection.
   */
  readonly ended: Promise<void>;

  /**
   * Starts to read `stream`; `onLine` receives every line, cut, and must not throw (it is not called again if it does).
   * Each line goes through `redact` first.
   */
  constructor(
    stream: ReadableStream<Uint8Array>,
    options: { readonly onLine?: (line: string) => void; readonly redact?: Redactor } = {},
  ) {
    this.#reader = new PipeReader(stream, { reuse: true });
    this.#onLine = options.onLine;
    this.#redact = options.redact;
    this.ended = this.#pump();
    this.ended.catch(() => {}); // an `await` of `ended`, which may come later, sees it
  }

  /** The last lines, oldest first; an unfinished one counts. */
  get tail(): readonly string[] {
    const lines = this.#line.came > 0 ? [...this.#lines, this.#text(false)] : [...this.#lines];
    return lines.slice(-STDERR_TAIL_LINES);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }

  async #pump(): Promise<void> {
    try {
      await this.#reader.readAll(this.#push);
      if (this.#line.came > 0) this.#finish(false);
    } finally {
      this.#isOver = true;
    }
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }

  readonly #push = (chunk: Uint8Array): void => {
    let from = this.#onLine === undefined ? this.#skip(chunk) : 0;
    while ((from = this.#line.take(chunk, from)) >= 0) this.#finish(true);
  };

  /** Returns where the last lines of `chunk` start that could stay in the tail; earlier ones need not be decoded. */
  #skip(chunk: Uint8Array): number {
    let at = chunk.length;
    for (let lines = 0; lines <= STDERR_TAIL_LINES; lines++) {
      if (at === 0) return 0;
      at = chunk.lastIndexOf(LF, at - 1);
      if (at < 0) return 0;
    }
    this.#line.clear();
    return at + 1;
  }

  /** Returns the open line; `ended` says whether its newline has arrived. */
  #text(ended: boolean): string {
    const line = this.#line.text;
    if (this.#redact === undefined) return line;
    const masked = this.#redact(line, ended && !this.#line.isCut ? undefined : "end");
    return masked.length > line.length ? masked.slice(0, line.length) : masked;
  }

  #finish(ended: boolean): void {
    const line = this.#text(ended);
    this.#line.clear();
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
