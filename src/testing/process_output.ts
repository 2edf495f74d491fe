/**
 * What a fake process writes.
 *
 * @module
 */

import type { JsonValue } from "../process/json.ts";

/** The writing side of a stream that may be left by its reader, and never blocks. */
export class Output {
  /** What is written, for its one reader. */
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #over = false;

  constructor() {
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      cancel: () => void (this.#over = true),
    });
  }

  /** Adds `bytes`. */
  write(bytes: Uint8Array): void {
    if (!this.#over && bytes.length > 0) this.#controller.enqueue(bytes);
  }

  /** Ends the stream, behind what is unread. */
  end(): void {
    if (!this.#over) this.#controller.close();
    this.#over = true;
  }
}

/** `reply` with the `id` of the message that it answers, unless it has one, or is no object. */
export function withId(reply: JsonValue, message: unknown): JsonValue {
  const isObject = (value: unknown): value is { [key: string]: JsonValue } =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(reply) || !isObject(message) || message.id === undefined || "id" in reply) return reply;
  return { id: message.id, ...reply };
}
