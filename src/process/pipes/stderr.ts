/**
 * Owns a child's stderr: read as fast as its log takes it, and remembered only by its last lines. Without a log it is
 * always read, so that it never blocks the child.
 */
import { systemClock, type Timers } from "../../time/clock.ts";
import type { Redactor } from "../secrets/mask.ts";
import { LOGGED_TAIL_LINES } from "./line_tail.ts";
import { type LineBatches, type LineMarks, LoggedLines } from "./logged_lines.ts";
import { PipeReader } from "./pipe_reader.ts";

/** The bytes of a line that come in one piece. */
export const STDERR_PIECE = 8_192;

/** Settings of a {@linkcode StderrPump}; a listener that throws is not called again, nor is the other. */
export interface StderrOptions {
  /** Receives each line that is to be shown, see {@linkcode LoggedLines}. */
  readonly onLine?: ((line: string, marks?: LineMarks) => void) | undefined;
  /** Receives each line at once, also one that is replaced. */
  readonly onSeen?: ((line: string) => void) | undefined;
  /** Takes plain lines in batches; see {@linkcode LoggedLinesOptions}. */
  readonly batches?: LineBatches | undefined;
  /** Asked after each chunk: what to wait for before the next one is read. */
  readonly room?: (() => Promise<void> | undefined) | undefined;
  /** Each line goes through it first. */
  readonly redact?: Redactor | undefined;
  /** Default: those of the machine. */
  readonly timers?: Timers | undefined;
}

/** Reads one child's stderr from construction to EOF or {@linkcode StderrPump.cancel}. */
export class StderrPump {
  readonly #reader: PipeReader;
  readonly #lines: LoggedLines;
  readonly #room: StderrOptions["room"];
  #isOver = false;
  #thrown: { readonly error: unknown } | undefined;
  /**
   * Resolves at EOF or when cancelled; rejects then if a listener threw, or the pipe failed. That is never an unhandled
   * rejection.
   */
  readonly ended: Promise<void>;

  /** Starts to read `stream`. */
  constructor(stream: ReadableStream<Uint8Array>, options: StderrOptions = {}) {
    const { onLine, onSeen, redact, batches, timers = systemClock } = options;
    this.#room = options.room;
    this.#reader = new PipeReader(stream, { reuse: true });
    this.#lines = new LoggedLines({
      timers,
      redact,
      // Any line may have a secret in it.
      batches: redact === undefined ? batches : undefined,
      cap: STDERR_PIECE,
      onSeen: onSeen && ((_line, masked) => this.#call(onSeen, masked)),
      onShown: onLine && ((line, marks) => this.#call(onLine, line, marks)),
    });
    this.ended = this.#pump();
    this.ended.catch(() => {}); // an `await` of `ended`, which may come later, sees it
  }

  /** The last lines, oldest first; an unfinished one counts. */
  get tail(): readonly string[] {
    const { tail, unfinished } = this.#lines;
    return unfinished === "" ? [...tail] : [...tail, unfinished].slice(-LOGGED_TAIL_LINES);
  }

  /** The unfinished line, or an empty text. */
  get unfinished(): string {
    return this.#lines.unfinished;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }

  async #pump(): Promise<void> {
    try {
      await this.#reader.readAll((chunk) => {
        this.#lines.push(chunk);
        return this.#room?.();
      });
    } finally {
      this.#lines.end({ cut: true });
      this.#isOver = true;
    }
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }

  #call<Args extends readonly unknown[]>(listener: (...args: Args) => void, ...args: Args): void {
    if (this.#thrown !== undefined) return;
    try {
      listener(...args);
    } catch (error) {
      this.#thrown = { error }; // the pipe must go on being drained; `ended` passes it on
    }
  }
}
