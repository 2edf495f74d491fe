/**
 * Defaults of starting and stopping a process, apart from the code that does so: a spec needs them, and a program that
 * starts no process does not need the rest.
 *
 * @module
 */

/** Bytes that a frame may have, its terminator or header not counted, unless told otherwise. */
export const DEFAULT_MAX_FRAME = 10_000_000;

const WINDOWS = ["SYSTEMROOT", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA"];

/** What a child inherits unless told otherwise; on Windows also what a program needs to start at all. */
export const DEFAULT_INHERIT_ENV: readonly string[] = [
  ...["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER"],
  ...(Deno.build.os === "windows" ? WINDOWS : []),
];

/** Milliseconds that the pipes may outlive their process before they are cut. */
export const PIPE_DRAIN_MS = 2_000;

/** Milliseconds for a protocol's goodbye unless told otherwise. */
export const GOODBYE_MS = 2_000;

/** Milliseconds for each rung; `Infinity` waits for ever, less than 0 and what is not a number is 0. */
export interface StopPlan {
  /** How long what is in flight may take to finish. */
  readonly drain: number;
  /** How long the protocol's goodbye may take, where it has one. Default {@linkcode GOODBYE_MS}. */
  readonly goodbye?: number | undefined;
  /** How long to wait for the exit after closing stdin; 0 goes on to SIGTERM at once. */
  readonly stdin: number;
  /** How long to wait for the exit after SIGTERM. */
  readonly term: number;
}

/** The ladder unless told otherwise. */
export const DEFAULT_STOP: StopPlan = { drain: 1_000, stdin: 2_000, term: 5_000 };
