/**
 * Sends and receives JSON behind headers, as in the base protocol of the Language Server Protocol.
 *
 * A header begins wherever `Content-Length:` or `Content-Type:` stands, also in the middle of a line,
 * because no newline ends the frame before it; it is a header only if all of it is one. Taken as well, because servers
 * write it: names in any case, `\n` without `\r`, blanks around a value, other fields behind the first of these two,
 * and blanks, newlines and a byte order mark between frames. A field that is there twice is not: it is a header that was
 * cut off and begun again. See {@linkcode JsonReader} for what values are like.
 */
import type { Codec } from "./codec.ts";
import { type FrameSink, type Malformed, type MalformedKind, sampleOf } from "../framing/framing.ts";
import { HeaderBlock, MAX_HEADER } from "../framing/headers.ts";
import { JsonReader, jsonText, type JsonValue } from "./json.ts";
import { LengthFramer, type LengthProtocol } from "../framing/length_framing.ts";
import { isEncoded, utf8Length } from "../../text/utf8.ts";

const UTF8 = ["utf-8", "utf8"];
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Messages are JSON values; one that JSON has no text for (undefined, a cycle, a BigInt) is refused. */
export const contentLength: Codec<JsonValue, JsonValue> = {
  name: "content-length",
  copies: true,
  encode(message) {
    const text = jsonText(message, "content-length");
    return `Content-Length: ${utf8Length(text)}\r\n\r\n${text}`;
  },
  decoder(sink, { maxFrame }) {
    return new LengthFramer(new JsonFrames(sink), { maxFrame });
  },
};

class JsonFrames extends HeaderBlock implements LengthProtocol {
  readonly maxHeader = MAX_HEADER;
  readonly terminator = undefined;
  // Blanks, newlines, and the bytes of a byte order mark.
  readonly ignored: readonly number[] = [0x20, 0x09, 0x0d, 0x0a, 0xef, 0xbb, 0xbf];
  readonly #sink: FrameSink<JsonValue>;
  readonly #json = new JsonReader();
  #start = 0;
  #size = 0;
  /** The region as text in which each byte is one character; `null` if it is not ASCII, undefined if not tried. */
  #ascii: string | null | undefined;

  constructor(sink: FrameSink<JsonValue>) {
    super();
    this.#sink = sink;
  }

  region(at: number, end: number): void {
    this.#start = at;
    this.#size = end - at;
    this.#ascii = undefined;
  }

  content(bytes: Uint8Array, from: number, to: number): void {
    const { charset } = this;
    if (charset !== undefined && !UTF8.includes(charset)) {
      return this.#refuse("bad_header", to - from, `Content-Type: charset=${charset}`);
    }
    const text = this.#text(bytes, from, to);
    if (text.includes("\ufffd") && !isEncoded(text, bytes.subarray(from, to))) {
      return this.#refuse("invalid_utf8", to - from, text);
    }
    const value = this.#json.read(text);
    if (value === undefined) return this.#refuse(this.#json.fault, to - from, text);
    this.#sink.message(value, to - from);
  }

  sample(bytes: Uint8Array): string {
    return sampleOf(decoder.decode(bytes));
  }

  malformed(fault: Malformed): void {
    this.#sink.malformed(fault);
  }

  /** Decodes many small contents in one region at once and slices them, if they are ASCII. */
  #text(bytes: Uint8Array, from: number, to: number): string {
    if (2 * (to - from) < this.#size && this.#ascii !== null) {
      this.#ascii ??= asciiOf(bytes.subarray(this.#start, this.#start + this.#size));
      if (this.#ascii !== null) return this.#ascii.slice(from - this.#start, to - this.#start);
    }
    return decoder.decode(bytes.subarray(from, to));
  }

  #refuse(kind: MalformedKind, bytes: number, shown: string): void {
    this.#sink.malformed({ kind, bytes, sample: sampleOf(shown), dropped: true });
  }
}

function asciiOf(bytes: Uint8Array): string | null {
  const text = decoder.decode(bytes);
  // Characters of several bytes give fewer characters than bytes. A wrong byte becomes U+FFFD, which is found in its frame.
  return text.length === bytes.length ? text : null;
}
