/**
 * A connection's bytes as lines, none longer than a cap.
 */

import { LineBuffer } from "../text/line_buffer.ts";

import { OutriderError } from "../outrider_error.ts";

const CHUNK_BYTES = 16_384;

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
  const line = new LineBuffer(max);
  const checkLength = () => {
    if (line.isCut) throw new LineTooLongError(`Cannot take a line of more than ${max} bytes`);
  };
  for (let size; (size = await connection.read(chunk)) !== null;) {
    for (let at = 0; (at = line.take(chunk.subarray(0, size), at)) >= 0;) {
      checkLength();
      yield line.text;
      line.clear();
    }
    checkLength();
  }
  if (line.came > 0) yield line.text;
}
