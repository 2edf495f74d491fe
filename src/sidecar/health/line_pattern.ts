/**
 * The lines that readiness and probes wait for, as options: what they are, and whether one can wait for them.
 */

import { OptionError } from "../../actor/actor_errors.ts";
import { PatternError } from "../../text/pattern.ts";
import { translatePattern } from "../../text/pattern_syntax.ts";
import type { DurationInput } from "../../options/units.ts";

/** A line of one of the two streams. */
export type LinePattern =
  /** A line on stdout. */
  | { readonly stdout: RegExp | string }
  | { readonly stderr: RegExp | string };

/** The event that makes the sidecar ready, and the milliseconds to wait for it. */
export type Ready =
  /** Nothing: it is ready as soon as it runs. */
  | "started"
  /** A line on stdout. Output up to and with that line is not a message. */
  | { readonly stdout: RegExp | string; readonly within?: DurationInput | undefined }
  | { readonly stderr: RegExp | string; readonly within?: DurationInput | undefined }
  /** The first reply, to this request. */
  | { readonly reply: unknown; readonly within?: DurationInput | undefined };

/** {@linkcode Ready}, resolved. */
export type ResolvedReady =
  | "started"
  | { readonly stdout: RegExp | string; readonly within: number }
  | { readonly stderr: RegExp | string; readonly within: number }
  | { readonly reply: unknown; readonly within: number };

/**
 * Checks a pattern that a line is to match, but for its size, which the engine finds at the first start.
 *
 * @throws {OptionError} it is not a regular expression, or can't be matched in linear time
 */
export function checkLine(line: LinePattern): void {
  const [stream, pattern] = "stdout" in line
    ? ["stdout", line.stdout] as const
    : ["stderr", line.stderr] as const;
  try {
    const { source, flags } = new RegExp(pattern);
    translatePattern(source, flags);
  } catch (error) {
    throw unsearchable(stream, pattern, error);
  }
}

/** The error for a pattern that lines can't be searched for; any other error is thrown on. */
export function unsearchable(
  stream: "stdout" | "stderr",
  pattern: RegExp | string,
  error: unknown,
): OptionError {
  if (!(error instanceof PatternError || error instanceof SyntaxError)) throw error;
  const why = error instanceof PatternError ? error.why : error.message;
  return new OptionError(`Cannot wait for a line on ${stream} by the pattern ${pattern}: ${why}`);
}
