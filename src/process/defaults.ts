/**
 * The time that pipes are given, apart from the code that reads them: a spec needs it, and a program that starts no
 * process does not need the rest.
 */

/** Milliseconds that the pipes may outlive their process before they are cut. */
export const PIPE_DRAIN_MS = 2_000;
