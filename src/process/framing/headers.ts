/**
 * Reads the header block of a frame: `Content-Length`, perhaps `Content-Type`, and an empty line.
 *
 * The usual form is read without making a string; any other one field by field. The verdict on a line depends on the
 * whole line, never on how much of it has arrived, so that any split of the input gives the same frames.
 */
import { type MalformedKind, MAX_LENGTH } from "./framing.ts";

/** The bytes that a header block may have, with its empty line. */
export const MAX_HEADER = 8_192;

/**
 * The fields that it may have. A header can begin in any line of one that turns out to be broken, and is read again from
 * there: without this limit, each of 64 KiB of bytes would be read four hundred times.
 */
export const MAX_HEADER_FIELDS = 16;

const LF = 0x0a;
const CR = 0x0d;
const ZERO = 0x30;
const encoder = new TextEncoder();
const PLAIN = encoder.encode("Content-Length: ");
const STARTS = [encoder.encode("content-length:"), encoder.encode("content-type:")];
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const NUMBER = /^[ \t]*\d+[ \t]*$/;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class HeaderBlock {
  length = 0;
  /** The encoding of the content, if the header names one; in lower case. */
  charset: string | undefined;
  /** The fault of bytes that are not a header. */
  fault: MalformedKind = "stray";

  /** See `LengthProtocol.head`: how long the header at `at` is, 0, or negative how many bytes are none. */
  head(bytes: Uint8Array, at: number, end: number): number {
    const plain = this.#plain(bytes, at);
    if (plain > 0) return plain;
    const begins = beginning(bytes, at, end);
    if (begins === "part") return 0;
    if (begins === "whole") return this.#fields(bytes, at, end);
    this.fault = "stray";
    return at - nextBeginning(bytes, at, end);
  }

  /** Reads the usual form; returns 0 for any other. Behind the end of `bytes`, indexing gives `undefined`. */
  #plain(bytes: Uint8Array, at: number): number {
    for (let i = 0; i < PLAIN.length; i++) if (bytes[at + i] !== PLAIN[i]) return 0;
    let place = at + PLAIN.length;
    let length = 0;
    for (let byte; (byte = bytes[place]!) >= ZERO && byte <= 0x39; place++) {
      length = length * 10 + byte - ZERO;
    }
    if (place === at + PLAIN.length || length > MAX_LENGTH) return 0;
    if (bytes[place] !== CR || bytes[place + 1] !== LF) return 0;
    if (bytes[place + 2] !== CR || bytes[place + 3] !== LF) return 0;
    if (place + 4 - at > MAX_HEADER) return 0;
    this.length = length;
    this.charset = undefined;
    return place + 4 - at;
  }

  #fields(bytes: Uint8Array, at: number, end: number): number {
    const refuse = (fault: MalformedKind): number => {
      this.fault = fault;
      return at - nextBeginning(bytes, at, end);
    };
    const found = new Map<string, string>();
    for (let line = at;;) {
      const lf = line + bytes.subarray(line, at + MAX_HEADER).indexOf(LF);
      if (lf < line) return end - at < MAX_HEADER ? 0 : refuse("bad_header");
      const text = decoder.decode(bytes.subarray(line, bytes[lf - 1] === CR ? lf - 1 : lf));
      line = lf + 1;
      if (text === "") {
        const length = found.get("content-length");
        if (length === undefined) return refuse("bad_header");
        this.length = Number(length);
        this.charset = charsetOf(found.get("content-type"));
        return line - at;
      }
      const colon = text.indexOf(":");
      const name = text.slice(0, Math.max(colon, 0)).toLowerCase();
      const value = text.slice(colon + 1);
      if (!NAME.test(name) || found.has(name) || found.size === MAX_HEADER_FIELDS) {
        return refuse("bad_header");
      }
      if (name === "content-length" && !(NUMBER.test(value) && Number(value) <= MAX_LENGTH)) {
        return refuse("bad_length");
      }
      found.set(name, value);
    }
  }
}

function charsetOf(contentType: string | undefined): string | undefined {
  return contentType?.match(/;\s*charset\s*=\s*"?([^";\s]+)/i)?.[1]?.toLowerCase();
}

/** Whether a header begins at `at`: the name of its first field, or the part of it that has arrived. */
function beginning(bytes: Uint8Array, at: number, end: number): "whole" | "part" | "none" {
  for (const start of STARTS) {
    const length = Math.min(start.length, end - at);
    let i = 0;
    while (i < length && isSame(bytes[at + i]!, start[i]!)) i++;
    if (i === length) return length === start.length ? "whole" : "part";
  }
  return "none";
}

/** Whether `byte` is the `wanted` one, which is in lower case, or the same letter in upper case. */
function isSame(byte: number, wanted: number): boolean {
  return byte === wanted || (wanted >= 0x61 && (byte | 0x20) === wanted);
}

/** Returns where a line that is not a header ends: behind its newline, where a header begins, or with the input. */
function nextBeginning(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === LF) return at + 1;
  for (let place = at + 1; place < end; place++) {
    const byte = bytes[place]!;
    if (byte === LF) return place + 1;
    if ((byte | 0x20) === 0x63 && beginning(bytes, place, end) !== "none") return place;
  }
  return end;
}
