/**
 * A connection's bytes as lines, none longer than a cap.
 *
 * @module
 */

import { TextLineStream } from "@std/streams";

const NEWLINE = 0x0a;

/** A line had more bytes than it may have. */
export class LineTooLongError extends Error {
  /** The class's name. */
  override readonly name = "LineTooLongError";
  /** Stable, for programs. */
  readonly code = "line_too_long";
}

/**
 * The lines that `connection` sends, until it ends; what is left without a newline is the last one. The connection is
 * not closed at its end: the other side may still wait for an answer.
 *
 * @throws {LineTooLongError} in place of a line of more than `max` bytes; no more than that and one chunk is held
 */
export function linesOf(
  connection: { read(into: Uint8Array): Promise<number | null> },
  max: number,
): ReadableStream<string> {
  return ReadableStream.from(chunksOf(connection))
    .pipeThrough(new LineCap(max))
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
}

async function* chunksOf(
  connection: { read(into: Uint8Array): Promise<number | null> },
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (;;) {
    const chunk = new Uint8Array(16_384);
    const size = await connection.read(chunk);
    if (size === null) return;
    yield chunk.subarray(0, size);
  }
}

/** Lets bytes through until a line has too many: the line stream behind it would hold any number. */
class LineCap extends TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  constructor(max: number) {
    let length = 0;
    super({
      transform(chunk, controller) {
        for (let at = 0; at < chunk.length;) {
          const end = chunk.indexOf(NEWLINE, at);
          length += (end < 0 ? chunk.length : end) - at;
          if (length > max) {
            // The lines before the long one are whole: they still count.
            controller.enqueue(chunk.subarray(0, at));
            throw new LineTooLongError(`Cannot take a line of more than ${max} bytes`);
          }
          if (end < 0) return controller.enqueue(chunk);
          length = 0;
          at = end + 1;
        }
        controller.enqueue(chunk);
      },
    });
  }
}
