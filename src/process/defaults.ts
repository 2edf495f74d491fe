/**
 * The time that pipes are given, apart from the code that reads them: a spec needs it, and a program that starts no
 * process does not need the rest.
 */

/** Milliseconds that the pipes may outlive their process before they are cut. */
export const PIPE_DRAIN_MS = 2_000;

/** Milliseconds that a stop may take beyond its sequence: for its pipes, and for a process that not even SIGKILL ends. */
export const STOP_SLACK_MS: number = PIPE_DRAIN_MS + 1_000;
