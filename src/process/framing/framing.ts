/**
 * Defines how bytes become frames: the contract between the stdout reader and a protocol.
 *
 * Everything is pushed and synchronous, without a promise, closure or stream per frame. Any split of the input into chunks
 * gives the same frames and the same faults. A decoder never throws because of the bytes, and never holds more than a
 * frame of `maxFrame` bytes, its header and one chunk.
 */

import { replaceUnprintable } from "../../text/printable.ts";
import { defaultBytes } from "../../options/presets.ts";

/** Bytes that a frame may have, its terminator or header not counted, by default. */
export const DEFAULT_MAX_FRAME: number = defaultBytes("sidecar", "maxFrame");

/** The characters shown of a {@linkcode Malformed} frame. */
export const SAMPLE_CHARS = 80;

/** The largest length that a header may announce, 4 GiB less one; a larger one is not a length. */
export const MAX_LENGTH = 0xffff_ffff;

/**
 * The rule that a frame broke.
 *
 * | kind           | meaning                                                                               |
 * | -------------- | ------------------------------------------------------------------------------------- |
 * | `over_cap`     | longer than `maxFrame`; skipped up to its end                                         |
 * | `invalid_utf8` | text that is not UTF-8                                                                |
 * | `not_json`     | content that is not JSON                                                              |
 * | `too_deep`     | JSON with more than {@linkcode MAX_JSON_DEPTH} arrays and objects within one another  |
 * | `too_heavy`    | JSON with more in it than is parsed at once, see {@linkcode MAX_JSON_WEIGHT}           |
 * | `bad_header`   | a header that is broken, has no end or no length, or announces what cannot be read    |
 * | `bad_length`   | a length that is not a number, is out of range, or is not that of the content         |
 * | `stray`        | bytes where a frame should begin                                                      |
 * | `bad_content`  | content that a codec of one's own cannot read                                         |
 * | `not_json_rpc` | JSON that is not a message of JSON-RPC                                                |
 * | `schema`       | a message that does not fit the schema it was given                                   |
 * | `truncated`    | the input ended within it                                                             |
 */
export type MalformedKind =
  | "over_cap"
  | "invalid_utf8"
  | "not_json"
  | "too_deep"
  | "too_heavy"
  | "bad_header"
  | "bad_length"
  | "stray"
  | "bad_content"
  | "not_json_rpc"
  | "schema"
  | "truncated";

/** A frame that broke the protocol. */
export interface Malformed {
  /** The rule that it broke. */
  readonly kind: MalformedKind;
  /**
   * Its length, without terminator or header. For a line that is `over_cap`, the bytes that had arrived when it was given
   * up ({@linkcode FrameSink.skipped} reports the rest); for any other frame that is `over_cap`, the length it announced;
   * for one that is `truncated` behind a header, the bytes that had arrived, with the header.
   */
  readonly bytes: number;
  /** Its beginning, at most {@linkcode SAMPLE_CHARS} characters, control characters escaped. */
  readonly sample: string;
  /** Whether it was dropped; if not, it was delivered as far as possible. */
  readonly dropped: boolean;
}

/** Receives the messages and faults of a decoder, in the order of the input. */
export interface FrameSink<Message> {
  /** Takes one message of about `size` bytes, as far as the decoder knows without counting. */
  message(message: Message, size?: number): void;
  /** Receives one fault; for a frame that is delivered all the same, just before it. */
  malformed(fault: Malformed): void;
  /** Receives the number of further bytes that were skipped of a line reported as `over_cap`. */
  skipped?(bytes: number): void;
}

/** Decodes one stream; it belongs to one incarnation of a process. */
export interface Decoder {
  /** Takes the next chunk, split anywhere; the frames that it completes are in the sink when this returns. */
  push(chunk: Uint8Array): void;
  /** Ends the input: an unterminated last frame is delivered or reported. */
  end(): void;
}

/** Returns the beginning of `text`, safe to print: no character moves a cursor, hides text or turns it round. */
export function sampleOf(text: string): string {
  // Concatenating and slicing makes a copy: a slice of a text would keep all of that text in memory.
  const start = ` ${text.slice(0, SAMPLE_CHARS)}`.slice(1);
  return replaceUnprintable(start, escaped).slice(0, SAMPLE_CHARS);
}

/** Returns the beginning of binary `bytes`: ASCII as it is, the rest as `\x` and two digits. */
export function sampleOfBytes(bytes: Uint8Array): string {
  return sampleOf(String.fromCharCode(...bytes.subarray(0, SAMPLE_CHARS))).replace(/[^\x20-\x7e]/g, escaped)
    .slice(0, SAMPLE_CHARS);
}

function escaped(char: string): string {
  const code = char.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
