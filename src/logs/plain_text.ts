/**
 * What stands around each of many plain lines in a log: the formats give it, and a lane writes it as bytes.
 *
 * The lines are put together in the bytes, not before: to join long texts copies them once more.
 */

/** Plain lines as a log has them. */
export interface FramedLines {
  /** Stands before each line. */
  readonly before: string;
  /** The lines, each with its newline; ASCII alone. */
  readonly text: string;
  /** Stands behind each line, before its newline; ASCII alone. */
  readonly after: string;
}

const ASCII = /^[\0-\x7f]*$/;
const encoder = new TextEncoder();

/** The most bytes that `framed` has, with its `count` lines. */
export function framedBytes({ before, text, after }: FramedLines, count: number): number {
  // Of other characters, UTF-8 has up to three bytes a unit of UTF-16. One more beginning is written, and overwritten.
  const most = ASCII.test(before) ? before.length : before.length * 3;
  return text.length + most * (count + 1) + after.length * count;
}

/** Writes `framed` to the beginning of `target`, which has room for {@linkcode framedBytes}; returns how many bytes. */
export function writeFramed({ before, text, after }: FramedLines, target: Uint8Array): number {
  const { written: start } = encoder.encodeInto(before, target);
  // A replacement that is a text is many times as fast as a function; a `$` means something in it.
  const between = `${after}\n${before}`.replaceAll("$", "$$$$");
  const { written } = encoder.encodeInto(text.replace(/\n/g, between), target.subarray(start));
  return written;
}
