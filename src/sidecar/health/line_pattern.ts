/**
 * The lines that readiness and probes wait for, as options: what they are, and whether one can wait for them.
 *
 * @module
 */

import { OptionError } from "../../actor/actor_errors.ts";
import { PatternError, translatedPattern } from "../../text/pattern.ts";

/** Milliseconds for getting ready where nothing else is said. */
export const DEFAULT_READY_WITHIN_MS = 10_000;

/** A line of one of the two streams. */
export type LinePattern =
  /** A line on stdout. */
  | { readonly stdout: RegExp | string }
  /** A line on stderr. */
  | { readonly stderr: RegExp | string };

/** The event that makes the sidecar ready, and the milliseconds to wait for it. */
export type Ready =
  /** Nothing: it is ready as soon as it runs. */
  | "started"
  /** A line on stdout. Output up to and with that line is not a message. */
  | { readonly stdout: RegExp | string; readonly within?: number }
  /** A line on stderr. */
  | { readonly stderr: RegExp | string; readonly within?: number }
  /** The first reply, to this request. */
  | { readonly reply: unknown; readonly within?: number };

/**
 * Checks a pattern that a line on `stream` is to match, but for its size, which the engine finds at the first start.
 *
 * @throws {SyntaxError} `pattern` is not a regular expression
 * @throws {OptionError} it can't be matched in linear time
 */
export function checkLinePattern(stream: "stdout" | "stderr", pattern: RegExp | string): void {
  const { source, flags } = new RegExp(pattern);
  try {
    translatedPattern(source, flags);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw unsearchable(stream, pattern, error);
  }
}

/** {@linkcode checkLinePattern} for a line of either stream. */
export function checkLine(pattern: LinePattern): void {
  if ("stdout" in pattern) checkLinePattern("stdout", pattern.stdout);
  else checkLinePattern("stderr", pattern.stderr);
}

/** The error for a pattern that lines can't be searched for. */
export function unsearchable(
  stream: "stdout" | "stderr",
  pattern: RegExp | string,
  { why }: PatternError,
): OptionError {
  return new OptionError(`Cannot wait for a line on ${stream} by the pattern ${pattern}: ${why}`);
}
