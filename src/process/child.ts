/**
 * One running process: its pid, its three pipes, and the two ends of its life.
 *
 * A process ends twice. `exited` settles when it was reaped; its pipes may stay open in a grandchild, even for ever.
 * `closed` settles when they have ended too, or the drain deadline has passed, and no resource of the child is left
 * here. Await `closed` before starting a successor.
 */
import { PIPE_DRAIN_MS } from "./defaults.ts";
import { ExitUnknownError, type ProcessError } from "./process_errors.ts";
import type { ProcessGroup } from "./group.ts";
import type { Redactor } from "./secrets/mask.ts";
import type { ChunkHandler, PipeReaderOptions } from "./pipes/pipe_reader.ts";
import type { LineMarks } from "./pipes/logged_lines.ts";
import { type StderrOptions, StderrPump } from "./pipes/stderr.ts";
import { StdinWriter, type WritableData } from "./pipes/stdin.ts";
import { StdoutReader } from "./pipes/stdout.ts";
import { systemClock, type Timers } from "../time/clock.ts";
import { settlesWithin } from "../time/after_news.ts";

export { PIPE_DRAIN_MS } from "./defaults.ts";

/** The exit code of a process that was ended by a signal for which Deno has no name: 128, without a number to add. */
export const NAMELESS_SIGNAL = 128;

/** Who gets a signal: a process with all that it started in its group, or the process alone. */
export type SignalReach = "group" | "process";

/** The end of a process. */
export interface ExitStatus {
  /** Its exit code; for a signal, 128 and the signal's number. */
  readonly code: number;
  /** The signal that ended it, if one did. */
  readonly signal: Deno.Signal | undefined;
}

/** The facts about a process of which nothing is left here. */
export interface ClosedProcess {
  /** The end of the process. */
  readonly status: ExitStatus;
  /** Whether a pipe was cut at the deadline: a grandchild holds it open, or its consumer stalled. */
  readonly pipesHeld: boolean;
  /** Present only where its process group was not empty after its end: the rest of the group was sent SIGKILL. */
  readonly orphans?: true;
  /** The reason why the program was never run; present only where the end of its process shows that. */
  readonly refused?: ProcessError;
}

/** Settings of a {@linkcode SpawnedProcess}. */
export interface SpawnOptions {
  /**
   * Receives each line of stderr that is to be shown: of lines that replace one another by `\r`, one a second and the
   * last; one over `STDERR_PIECE` bytes in pieces. If it throws, it is not called again, and `closed` rejects with that.
   */
  readonly onStderr?: (line: string, marks?: LineMarks) => void;
  /** Receives each line of stderr as soon as it has come, also one that is replaced. Where it throws, as `onStderr`. */
  readonly onStderrSeen?: (line: string) => void;
  /** @ignore Takes plain lines of stderr in batches, and says what to wait for before more of it is read. */
  readonly stderrLog?: Pick<StderrOptions, "batches" | "room"> | undefined;
  /** Milliseconds from exit to cutting the pipes; default {@linkcode PIPE_DRAIN_MS}. */
  readonly drainDeadline?: number;
  /** Aborting it cuts the pipes when the process has ended, instead of waiting for others that hold them. */
  readonly hurry?: AbortSignal | undefined;
  /** The clock for the deadline; default the machine's. */
  readonly timers?: Timers;
  /** @ignore Whether it has a stdin that can be written; default `true`. */
  readonly hasStdin?: boolean;
  /** @ignore The group that the process leads, if it was started as a leader: signals and its end then reach all of it. */
  readonly group?: ProcessGroup | undefined;
  /** Redacts the secrets in a text; lines of stderr go through it. Set by `spawn` where there are secrets. */
  readonly redact?: Redactor | undefined;
  /** Returns why the program was never run, where the end of its process shows that; set by `spawn`. */
  readonly refusal?:
    | ((status: ExitStatus, lastWords: readonly string[]) => ProcessError | undefined)
    | undefined;
  /** Receives warnings about a program that is started all the same, as clauses; only a real `spawn` calls it. */
  readonly onWarning?: ((warning: string) => void) | undefined;
}

/** The part of a `Deno.ChildProcess`, started with three pipes, that a {@linkcode SpawnedProcess} needs. */
export interface RunningProcess {
  /** The system's number for it. */
  readonly pid: number;
  /** The writing end of its stdin. */
  readonly stdin: WritableStream<Uint8Array>;
  /** The reading end of its stdout. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** The reading end of its stderr. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Resolves when it was reaped. */
  readonly status: Promise<{ readonly code: number; readonly signal: Deno.Signal | null }>;
  /** Sends a signal. @throws {TypeError} it has ended, or there is no such signal */
  kill(signal: Deno.Signal): void;
}

/** The public shape of a child process, for code that must also run against a fake one. */
export interface ChildProcess {
  /** The system's number for it. */
  readonly pid: number;
  /** Redacts in a text the secrets that the process was given; absent where there are none. */
  readonly redact?: Redactor | undefined;
  /** Resolves when the process was reaped, whatever its pipes do. Never rejects. */
  readonly exited: Promise<ExitStatus>;
  /**
   * Resolves when it was reaped and its pipes reached EOF or were cut at the deadline. Rejects at that same moment, and
   * not before, with the first error on the way (of `onStderr`, say), or with `ExitUnknownError` where the system did
   * not report how it ended. A rejection that no caller awaits is not an unhandled rejection.
   */
  readonly closed: Promise<ClosedProcess>;
  /** The last lines of stderr, see `LineTail`: at most `LOGGED_TAIL_LINES`, each at most `STDERR_PIECE` bytes. */
  readonly stderrTail: readonly string[];
  /** The unfinished line of stderr, empty where there is none; a start that waits for a line looks at it after a pause. */
  readonly stderrUnfinished?: string;
  /**
   * Sends one frame, in one write with all that waits: at the end of this turn, or of the write in flight. Returns
   * nothing while fewer than `WRITE_HIGH_WATER` bytes are on their way, else a promise to wait on before sending more.
   * That promise rejects with `PipeClosedError` if the pipe breaks. Bytes must not be changed until they are written. A
   * `token` marks the frame for {@linkcode unsent}.
   *
   * @throws {PipeClosedError} if stdin was closed or broke; this frame was not taken
   */
  write(data: WritableData, token?: unknown): void | Promise<void>;
  /** The tokens of frames taken but never handed to the pipe, in order; frames not listed here may have arrived. */
  unsent(): unknown[];
  /** The tokens of frames whose write failed, in order: they may have arrived in part. */
  failed(): unknown[];
  /** Sends the queued frames, then EOF. Pending while the child does not read; resolves if it died instead. */
  closeStdin(): Promise<void>;
  /**
   * Reads stdout as fast as `take` lets it, to EOF. Also resolves when cut at the drain deadline; rejects with what
   * `take` threw, and reading then ends. Call it in the turn of the start: output unread at exit is thrown away. With
   * `reuse`, a chunk is overwritten after `take`; for a flood that is faster, and leaves no garbage.
   *
   * @throws {PipeTakenError} if called twice
   */
  readStdout(take: ChunkHandler, options?: PipeReaderOptions): Promise<void>;
  /**
   * Sends a signal; returns `false` if the process has ended. By default SIGTERM and SIGKILL go to its whole group, where
   * that may be signalled, any other to this process alone. Windows has only the signal that kills.
   */
  signal(name: Deno.Signal, reach?: SignalReach): boolean;
}

/** A process and its pipes; made by `spawn`. */
export class SpawnedProcess implements ChildProcess {
  readonly #process: RunningProcess;
  readonly #stdin: StdinWriter;
  readonly #stdout: StdoutReader;
  readonly #stderr: StderrPump;
  readonly #group: ProcessGroup | undefined;
  readonly #refusal: SpawnOptions["refusal"];
  #isKilled = false;
  #isReaped = false;
  /** The first error on the way to its end. */
  readonly #failures: unknown[] = [];
  /** See {@linkcode ChildProcess.pid}. */
  readonly pid: number;
  /** See {@linkcode ChildProcess.redact}. */
  readonly redact: Redactor | undefined;
  /** See {@linkcode ChildProcess.write}. */
  readonly write: ChildProcess["write"];
  /** See {@linkcode ChildProcess.exited}. */
  readonly exited: Promise<ExitStatus>;
  /** See {@linkcode ChildProcess.closed}. */
  readonly closed: Promise<ClosedProcess>;

  /** Takes over a process that was started with pipes; stderr is read from here on. */
  constructor(process: RunningProcess, options: SpawnOptions = {}) {
    const { onStderr, onStderrSeen, drainDeadline: ms = PIPE_DRAIN_MS, timers = systemClock, hurry, redact } =
      options;
    const { hasStdin = true } = options;
    const pid = this.pid = process.pid;
    this.#process = process;
    this.#group = options.group;
    this.#refusal = options.refusal;
    this.#stdin = new StdinWriter(hasStdin ? process.stdin : undefined, { pid });
    this.write = this.#stdin.write;
    this.#stdout = new StdoutReader(process.stdout, { pid });
    this.redact = redact;
    this.#stderr = new StderrPump(process.stderr, {
      onLine: onStderr,
      onSeen: onStderrSeen,
      ...options.stderrLog,
      redact,
      timers,
    });
    this.exited = process.status.then(
      ({ code, signal }) => ({ code, signal: signal ?? undefined }),
      (error) => {
        // Deno has no names for real-time signals, and rejects; the process has ended all the same. Where SIGCHLD is
        // ignored, the system reaps the child itself, and how it ended stays unknown.
        if (!(error instanceof TypeError)) this.#failures.push(new ExitUnknownError(pid, { cause: error }));
        return { code: NAMELESS_SIGNAL, signal: undefined };
      },
    );
    this.closed = this.#close({ ms, timers, hurry });
    this.closed.catch(() => {}); // an `await` sees it
  }

  /** See {@linkcode ChildProcess.stderrTail}. */
  get stderrTail(): readonly string[] {
    return this.#stderr.tail;
  }

  /** See {@linkcode ChildProcess.stderrUnfinished}. */
  get stderrUnfinished(): string {
    return this.#stderr.unfinished;
  }

  /** See {@linkcode ChildProcess.failed}. */
  failed(): unknown[] {
    return this.#stdin.failed();
  }

  /** See {@linkcode ChildProcess.unsent}. */
  unsent(): unknown[] {
    return this.#stdin.unsent();
  }

  /** See {@linkcode ChildProcess.closeStdin}. */
  closeStdin(): Promise<void> {
    return this.#stdin.close();
  }

  /** See {@linkcode ChildProcess.readStdout}. */
  readStdout(take: ChunkHandler, options?: PipeReaderOptions): Promise<void> {
    return this.#stdout.read(take, options);
  }

  /** See {@linkcode ChildProcess.signal}. */
  signal(
    name: Deno.Signal,
    reach: SignalReach = name === "SIGTERM" || name === "SIGKILL" ? "group" : "process",
  ): boolean {
    try {
      if (this.#group === undefined || reach === "process") this.#process.kill(name);
      else if (!this.#isAlive()) return false;
      else {
        // It is not reaped, and cannot be within this turn: the group's number is still its own.
        if (name === "SIGKILL") this.#isKilled = true;
        const isAlive = () => this.#isAlive();
        this.#group.signal(name, () => void (isAlive() && this.#process.kill(name)), isAlive);
      }
      return true;
    } catch (error) {
      // A dead process and an unknown signal both come as TypeError; the empty signal tells them apart.
      if (error instanceof TypeError && !this.#isAlive()) return false;
      throw error;
    }
  }

  #isAlive(): boolean {
    // Where Deno does not know how it ended, it would signal the process that has its number now.
    if (this.#isReaped) return false;
    try {
      this.#process.kill(0 as unknown as Deno.Signal);
      return true;
    } catch (error) {
      if (error instanceof TypeError) return false;
      if (error instanceof Deno.errors.PermissionDenied) return true; // another user's, by a program that is setuid
      throw error;
    }
  }

  async #close(options: Parameters<typeof settlesWithin>[1]): Promise<ClosedProcess> {
    const status = await this.exited;
    this.#isReaped = true;
    // The rest of a killed group gets no further signal, and its pipes are not waited for.
    const left = this.#tried(this.#isKilled ? this.#group?.end() : this.#group?.left());
    if (this.#isKilled) await left;
    if (!this.#stdout.isTaken) await this.#tried(this.#stdout.cancel());
    const isWriting = this.#stdin.isFlying;
    const stderrEnded = this.#tried(this.#stderr.ended);
    const ends = [this.#stdin.abort("the process has ended"), this.#stdout.ended, stderrEnded];
    // Most have ended by now, and need no timer.
    const areOver = !isWriting && this.#stdout.isOver && this.#stderr.isOver;
    const pipesHeld = !areOver && !(await settlesWithin(Promise.all(ends), options));
    // A write in flight that a grandchild neither reads nor refuses cannot be cancelled, so it is not waited for.
    // Until here, remaining processes may write their last lines; those that closed the pipes have none.
    const orphans = await left === true && await this.#tried(this.#group!.end());
    if (pipesHeld) {
      await Promise.all([this.#tried(this.#stdout.cancel()), this.#tried(this.#stderr.cancel())]);
    }
    await Promise.all(pipesHeld ? ends.slice(1) : ends);
    if (this.#failures.length > 0) throw this.#failures[0];
    const refused = this.#refusal?.(status, this.stderrTail);
    return { status, pipesHeld, ...(orphans && { orphans }), ...(refused && { refused }) };
  }

  /** Returns the result of `work`. An error is kept for later, so that a failed step of an end does not prevent the next. */
  async #tried<Result>(work: Promise<Result> | undefined): Promise<Result | undefined> {
    try {
      return await work;
    } catch (thrown) {
      this.#failures.push(thrown);
    }
  }
}
