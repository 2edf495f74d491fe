/**
 * One JSON value a line.
 *
 * Hold in mind: what is not a message is dropped and reported, never delivered; blank lines mean nothing and are
 * skipped. Values come from `JSON.parse` and have the shape the other side gave them: check before use.
 *
 * @module
 */
import type { Codec } from "./codec.ts";
import { UnencodableMessageError } from "./errors.ts";
import {
  type Decoder,
  type FrameSink,
  LineFramer,
  type LineTarget,
  type Malformed,
  sampleOf,
} from "./framing.ts";

/** What JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Messages are JSON values; one that JSON has no text for (undefined, a cycle, a BigInt) is refused. */
export const ndjson: Codec<JsonValue, JsonValue> = {
  name: "ndjson",
  encode(message: JsonValue): string {
    let text: string | undefined;
    try {
      text = JSON.stringify(message);
    } catch (cause) {
      throw new UnencodableMessageError("ndjson", { reason: "JSON cannot hold it; see the cause", cause });
    }
    if (text === undefined) {
      throw new UnencodableMessageError("ndjson", { reason: `JSON has no ${typeof message}; send null` });
    }
    return text + "\n";
  },
  decoder(sink: FrameSink<JsonValue>, { maxFrame }: { readonly maxFrame: number }): Decoder {
    return new LineFramer(new JsonLines(sink), { maxFrame, keepInvalid: false });
  },
};

class JsonLines implements LineTarget {
  readonly #sink: FrameSink<JsonValue>;

  constructor(sink: FrameSink<JsonValue>) {
    this.#sink = sink;
  }

  line(text: string, ended: boolean): void {
    let value: JsonValue;
    try {
      value = JSON.parse(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      if (text.trim() === "") return;
      const bytes = new TextEncoder().encode(text).length;
      this.malformed({
        kind: ended ? "not_json" : "truncated",
        bytes,
        sample: sampleOf(text),
        dropped: true,
      });
      return;
    }
    this.#sink.message(value);
  }

  malformed(fault: Malformed): void {
    this.#sink.malformed(fault);
  }
}
