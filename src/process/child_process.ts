/**
 * What a running process is to its users: its pid, its three pipes, and the two ends of its life.
 *
 * A process ends twice. `exited` settles when it was reaped; its pipes may stay open in a grandchild, even for ever.
 * `closed` settles when they have ended too, or the drain deadline has passed, and no resource of the child is left
 * here. Await `closed` before starting a successor.
 */
import type { ProcessError } from "./process_errors.ts";
import type { ProcessGroup } from "./group.ts";
import type { Redactor } from "./secrets/mask.ts";
import type { ChunkHandler, PipeReaderOptions } from "./pipes/pipe_reader.ts";
import type { LineMarks } from "./pipes/logged_lines.ts";
import type { StderrOptions } from "./pipes/stderr.ts";
import type { WritableData } from "./pipes/stdin.ts";
import type { Timers } from "../time/clock.ts";

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
  /** Milliseconds from exit to cutting the pipes; default `PIPE_DRAIN_MS`. */
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
