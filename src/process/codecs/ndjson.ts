/**
 * Sends and receives a JSON value per line.
 *
 * What is not a message is dropped and reported, never delivered; blank lines mean nothing and are
 * skipped. See {@linkcode JsonReader} for what values are like.
 */
import type { Codec } from "./codec.ts";
import { type FrameSink, type Malformed, sampleOf } from "../framing/framing.ts";
import { JsonReader, jsonText, type JsonValue } from "./json.ts";
import { type LineEnd, LineFramer, type LineTarget } from "../framing/line_framing.ts";
import { utf8Length } from "../../text/utf8.ts";

/** Messages are JSON values; one that JSON has no text for (undefined, a cycle, a BigInt) is refused. */
export const ndjson: Codec<JsonValue, JsonValue> = {
  name: "ndjson",
  copies: true,
  encode: (message) => jsonText(message, "ndjson") + "\n",
  decoder(sink, { maxFrame }) {
    return new LineFramer(new JsonLines(sink), { maxFrame, keepInvalid: false });
  },
};

class JsonLines implements LineTarget {
  readonly #sink: FrameSink<JsonValue>;
  readonly #json = new JsonReader();

  constructor(sink: FrameSink<JsonValue>) {
    this.#sink = sink;
  }

  line(text: string, end: LineEnd): void {
    if (text === "") return;
    const value = this.#json.read(text);
    if (value !== undefined) return this.#sink.message(value, text.length);
    if (text.trim() === "") return;
    this.malformed({
      kind: end === "" ? "truncated" : this.#json.fault,
      bytes: utf8Length(text),
      sample: sampleOf(text),
      dropped: true,
    });
  }

  malformed(fault: Malformed): void {
    this.#sink.malformed(fault);
  }

  skipped(bytes: number): void {
    this.#sink.skipped?.(bytes);
  }
}
