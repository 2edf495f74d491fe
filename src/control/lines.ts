/**
 * A connection's bytes as lines, none longer than a cap.
 *
 * @module
 */

import { OutriderError } from "../outrider_error.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const CHUNK_BYTES = 16_384;

/** A line had more bytes than it may have. */
export class LineTooLongError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "line_too_long";
}

/**
 * The lines that `connection` sends, until it ends; an unfinished line is the last one. The connection is
 * not closed at its end: the other side may still wait for an answer.
 *
 * A line is decoded once, when all of it is there, so that a long one costs no more than as many bytes in short ones.
 *
 * @throws {LineTooLongError} in place of a line of more than `max` bytes; no more than that and one chunk is held
 */
export function readLines(
  connection: { read(into: Uint8Array): Promise<number | null> },
  max: number,
): ReadableStream<string> {
  return ReadableStream.from(cut(connection, max));
}

async function* cut(
  connection: { read(into: Uint8Array): Promise<number | null> },
  max: number,
): AsyncGenerator<string> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  let line = new Uint8Array(0);
  let length = 0;
  for (;;) {
    const size = await connection.read(chunk);
    if (size === null) break;
    for (let at = 0;;) {
      const end = chunk.subarray(0, size).indexOf(NEWLINE, at);
      const part = chunk.subarray(at, end < 0 ? size : end);
      if (length + part.length > max) {
        throw new LineTooLongError(`Cannot take a line of more than ${max} bytes`);
      }
      if (length + part.length > line.length) line = grown(line, length + part.length);
      line.set(part, length);
      length += part.length;
      if (end < 0) break;
      yield textOf(line, length);
      [length, at] = [0, end + 1];
      if (line.length > CHUNK_BYTES) line = new Uint8Array(0);
    }
  }
  if (length > 0) yield textOf(line, length);
}

function grown(bytes: Uint8Array<ArrayBuffer>, least: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(Math.max(least, 2 * bytes.length));
  more.set(bytes);
  return more;
}

/** A line as text, without the rest of its line end. */
function textOf(line: Uint8Array, length: number): string {
  return new TextDecoder().decode(line.subarray(0, line[length - 1] === RETURN ? length - 1 : length));
}
