/**
 * Makes codecs of protocols in which a line of text says how many bytes follow, as `git cat-file --batch` has it.
 *
 * Behind a content that does not end where its line says, and where no such line is, the next frame is looked for behind
 * the next newline: a line that a library printed to stdout is lost, the frame behind it is not.
 */
import type { Codec } from "./codec.ts";
import { type FrameSink, type Malformed, type MalformedKind, sampleOfBytes } from "../framing/framing.ts";
import { LengthFramer, type LengthProtocol } from "../framing/length_framing.ts";

const LF = 0x0a;
const CR = 0x0d;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What a header line announces. */
export interface LineHeader<Out> {
  /** The bytes of the content; left out where the line is the whole frame. */
  readonly length?: number;
  /** Makes the message; the content has memory of its own. */
  message(content: Uint8Array<ArrayBuffer>): Out;
}

/** Options of `lengthInLine`. */
export interface LengthInLineOptions<In, Out> {
  /** The codec's name, for errors. */
  readonly name: string;
  /** See {@linkcode Codec.encode}. */
  encode(message: In): string | Uint8Array;
  /** Reads a line, without its end; `undefined`: it is not a header, so it is reported as `stray`. It must not throw. */
  header(line: string): LineHeader<Out> | undefined;
  /** Whether a newline follows each content; a `\r` before it is a byte of the content. Default: yes. */
  readonly hasNewline?: boolean;
  /** The most bytes that a line has, its end included; a longer one is not a header. Default: 8,192. */
  readonly maxLine?: number;
}

/**
 * A codec of frames that begin with a line of text which says their length.
 *
 * @example
 * ```ts
 * import { launch, sidecar } from "@outrider/outrider";
 * import { lengthInLine } from "@outrider/outrider/protocol";
 *
 * const sized = lengthInLine<string, string>({
 *   name: "sized",
 *   encode: (text) => `${text}\n`,
 *   header(line) {
 *     const length = /^size (\d+)$/.exec(line)?.[1];
 *     return length === undefined
 *       ? undefined
 *       : { length: Number(length), message: (content) => new TextDecoder().decode(content) };
 *   },
 * });
 * const script = 'while read -r text; do printf "size %d\\n%s\\n" ${#text} "$text"; done';
 * const echo = sidecar("echo", {
 *   command: "sh",
 *   args: ["-c", script],
 *   protocol: { name: "sized", codec: sized, pairing: "in-order" },
 * });
 * await using app = await launch(echo);
 * console.log(await app.ref(echo).ask("hello")); // hello
 * ```
 */
export function lengthInLine<In, Out>(options: LengthInLineOptions<In, Out>): Codec<In, Out> {
  return {
    name: options.name,
    copies: true,
    encode: options.encode,
    decoder: (sink, { maxFrame }) => new LengthFramer(new HeadedFrames(sink, options), { maxFrame }),
  };
}

class HeadedFrames<In, Out> implements LengthProtocol {
  readonly maxHeader: number;
  readonly terminator: number | undefined;
  readonly ignored: readonly number[] = [CR, LF];
  length = 0;
  fault: MalformedKind = "stray";
  readonly #sink: FrameSink<Out>;
  readonly #options: LengthInLineOptions<In, Out>;
  #header: LineHeader<Out> | undefined;
  /** Whether it skips bytes that are not a frame, up to the next newline. */
  #isLost = false;

  constructor(sink: FrameSink<Out>, options: LengthInLineOptions<In, Out>) {
    const { hasNewline = true, maxLine = 8_192 } = options;
    this.#sink = sink;
    this.#options = options;
    this.maxHeader = maxLine;
    this.terminator = hasNewline ? LF : undefined;
  }

  head(bytes: Uint8Array, at: number, end: number): number {
    if (this.#isLost) return this.#pass(bytes, at, end);
    const newline = bytes.subarray(at, Math.min(end, at + this.maxHeader)).indexOf(LF);
    if (newline < 0) return end - at < this.maxHeader ? 0 : this.#lose("stray", bytes, at, end);
    const textEnd = newline > 0 && bytes[at + newline - 1] === CR ? newline - 1 : newline;
    const header = this.#options.header(decoder.decode(bytes.subarray(at, at + textEnd)));
    if (header === undefined) return this.#lose("stray", bytes, at, end);
    const { length = 0 } = header;
    if (!Number.isSafeInteger(length) || length < 0) return this.#lose("bad_length", bytes, at, end);
    this.#header = header;
    this.length = length;
    // The newline of a line that is a whole frame is its terminator.
    return header.length === undefined && this.terminator !== undefined ? newline : newline + 1;
  }

  unterminated(): void {
    this.#isLost = true;
    this.fault = "bad_length";
  }

  content(bytes: Uint8Array, from: number, to: number): void {
    this.#sink.message(this.#header!.message(bytes.slice(from, to)), to - from);
  }

  sample(bytes: Uint8Array): string {
    return sampleOfBytes(bytes);
  }

  malformed(fault: Malformed): void {
    this.#sink.malformed(fault);
  }

  #lose(fault: MalformedKind, bytes: Uint8Array, at: number, end: number): number {
    this.#isLost = true;
    this.fault = fault;
    return this.#pass(bytes, at, end);
  }

  #pass(bytes: Uint8Array, from: number, end: number): number {
    const newline = bytes.subarray(from, end).indexOf(LF);
    if (newline < 0) return from - end;
    this.#isLost = false;
    return -newline - 1;
  }
}
