/**
 * What the logs of a tree are written to, and how lines are written for it: the contracts between the log pipeline, its
 * formats (`report/`) and its sinks.
 *
 * Used by `outlet.ts`, which stands between the children and one sink. The invariant: a sink is given whole lines, one
 * write at a time, and nothing that waits for it holds up another sink.
 */

import type { SystemEvent } from "../events.ts";
import type { PlainLines } from "../process/output_log.ts";
import type { FramedLines } from "./plain_text.ts";

/**
 * The target of a log: standard output, a file, a set of rotated files.
 *
 * `Deno.stdout` and a `Deno.FsFile` are sinks as they are.
 */
export interface Sink {
  /**
   * Writes `lines`, and gives how many of these bytes it has taken, from 1 to all: the rest comes with the next call. They begin where the last call ended; they end with a newline, except within a line that is longer than a
   * write. Called again only when it has settled. It may look at the bytes until then.
   *
   * Where it throws or rejects, nothing of `lines` counts as taken. The same bytes come again after {@linkcode RETRY_MS}, so
   * a full disk is survived; after `BrokenPipe` and `BadResource` the sink is given up, and no more comes.
   */
  write(lines: Uint8Array): Promise<number> | number;
  /** The most bytes of a write, where that is not {@linkcode LARGEST_WRITE}: a file may have {@linkcode FILE_WRITE}. */
  readonly mostBytes?: number | undefined;
  /** Ends it, behind the last write; called once, also where that has not settled. */
  close?(): Promise<void> | void;
}

/** Lines and events of a child that did not get to a sink, one after the other. */
export interface Gap {
  readonly path: string;
  /** Lines of its output. */
  readonly lines: number;
  /** Events that an actor can make without end: malformed output, dead letters. */
  readonly events: number;
  /** When the first of them came, and the last: milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** How things are written for one sink. Lines are without their newline; `undefined` writes nothing. */
export interface LogFormat {
  /** An event; a line of output is one as well. */
  event(event: SystemEvent): string | undefined;
  /** Plain lines: what {@linkcode LogFormat.event} gives for each of them. */
  plain(lines: PlainLines): FramedLines | undefined;
  /** What stands in the log where lines are missing. */
  gap(gap: Gap): string;
}

/** What happens where a sink is slower than a child: the child's pipes wait, or its newest lines are dropped. */
export type LogOverflow = "wait" | "drop";

/** A sink, and what goes to it. */
export interface SinkOptions {
  readonly sink: Sink;
  readonly format: LogFormat;
  /** Default `wait`. */
  readonly overflow?: LogOverflow | undefined;
  /** Whether it gets what comes from the place `path` in the tree. Default: all. Asked once a place. */
  readonly takes?: ((path: string) => boolean) | undefined;
  /** Whether it gets events beside lines of output. Default true. */
  readonly events?: boolean | undefined;
  /** Whether it is a log file, which is read when lines are no longer in memory. Default false. */
  readonly isFile?: boolean | undefined;
  /** Milliseconds without any byte taken, after which it holds up no child any more. Default {@linkcode STALL_AFTER_MS}. */
  readonly stallAfter?: number | undefined;
  /**
   * Called when writing fails, and again when it fails after it went on, once a minute at most; must not throw. Not for
   * a reader that has left.
   */
  readonly onError?: ((error: Error) => void) | undefined;
  /** Called when writing goes on after {@linkcode SinkOptions.onError}; must not throw. */
  readonly onRecovered?: (() => void) | undefined;
  /** Called when it is closed and `count` lines and events are left that it does not name; not after a reader has left. */
  readonly onUnwritten?: ((count: number) => Promise<void>) | undefined;
}

/** A sink that a pipeline writes to. */
export interface OpenSink {
  /** Lines and events that were dropped so far, and those that could not be written when it was closed. */
  readonly lost: number;
  /** Those that the output itself does not name: what was left when it was closed. */
  readonly unwritten: number;
  /**
   * Takes no more, and writes what it has until nothing was taken for `patience` milliseconds, or `signal` aborts; the
   * rest counts as lost. Then closes the sink.
   */
  close(patience: number, signal?: AbortSignal): Promise<void>;
}

/** Bytes of a write to a sink that is slow: to a pipe one returns when all of it was taken, and that is progress. */
export const SMALLEST_WRITE = 16_384;

/** Bytes of a write to a sink that is fast: one that has become as slow as 20 KB/s takes it within 10 s. */
export const LARGEST_WRITE = 200_000;

/** Bytes of a write to a file, which never takes a part of them slowly: each write costs a change of threads. */
export const FILE_WRITE = 524_288;

/** Milliseconds without any byte taken, after which a sink holds up no child any more. */
export const STALL_AFTER_MS = 10_000;

/** Milliseconds until the next try where writing failed. */
export const RETRY_MS = 500;

/** Milliseconds that what came waits for more to be written with it. */
export const LINGER_MS = 20;

/** Bytes that wait before a sink for one child, as they will be written, before its pipes have to wait. */
export const CHILD_BYTES = 1_048_576;

/** The same for all children and sinks together. */
export const ALL_BYTES = 67_108_864;
