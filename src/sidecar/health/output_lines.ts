/**
 * Finds the lines of a sidecar's output that probes and readiness wait for, and separates them from messages.
 */

import { codecOf, codecs } from "../../process/codecs/codecs.ts";
import { LineBuffer } from "../../text/line_buffer.ts";
import { type Search, searchFor } from "../../text/search.ts";
import { shownText } from "../../text/terminal_sequences.ts";
import type { ResolvedSidecarOptions } from "../options.ts";
import { type LinePattern, type ResolvedReady, unsearchable } from "./line_pattern.ts";

const LF = 0x0a;
const CR = 0x0d;

/** Compiled patterns; each serves every incarnation. */
const searches = new WeakMap<LinePattern, Search>();

/** Waits for lines that match. */
export class LineWatch {
  /** Which stream it looks at. */
  readonly stream: "stdout" | "stderr";
  readonly #search: Search;
  readonly #isLasting: boolean;
  #isSeen = false;
  #wake: (() => void) | undefined;

  /**
   * `lasting`: one line is enough for ever; otherwise each check wants a new one.
   *
   * @throws {OptionError} as {@linkcode compileLinePattern}
   */
  constructor(pattern: LinePattern, { lasting }: { lasting: boolean }) {
    this.stream = "stdout" in pattern ? "stdout" : "stderr";
    this.#search = searches.get(pattern) ??
      compileLinePattern(this.stream, "stdout" in pattern ? pattern.stdout : pattern.stderr);
    searches.set(pattern, this.#search);
    this.#isLasting = lasting;
  }

  /** Whether a further line can make a difference. */
  get isWaiting(): boolean {
    return !this.#isLasting || !this.#isSeen;
  }

  /** Looks at a line; whether it was waited for. */
  take(line: string): boolean {
    if (this.#isLasting && this.#isSeen) return false;
    if (!this.#search(line)) return false;
    this.#isSeen = true;
    this.#wake?.();
    return true;
  }

  /** Discards the input so far. */
  reset(): void {
    if (!this.#isLasting) this.#isSeen = false;
  }

  /** Fulfilled when a line was seen since the last check, or comes, or `cut` aborts. */
  async seen(cut: AbortSignal): Promise<void> {
    if (!this.#isSeen && !cut.aborted) {
      const woken = Promise.withResolvers<void>();
      this.#wake = woken.resolve;
      cut.addEventListener("abort", this.#wake, { once: true });
      await woken.promise;
      cut.removeEventListener("abort", this.#wake);
      this.#wake = undefined;
    }
    this.reset();
  }
}

/**
 * Takes the lines that probes wait for out of stdout, on bytes, so that everything else reaches the protocol
 * untouched.
 *
 * An unfinished line is held back until it is known whether it counts, but no more than {@linkcode READY_LINE_CAP}
 * bytes of it: a longer line is not looked at.
 */
export class LineFilter {
  readonly #counts: (line: string) => boolean;
  readonly #pass: (bytes: Uint8Array) => void;
  /** The open line; one that is cut is too long, and was passed on. */
  readonly #line = new LineBuffer(READY_LINE_CAP);

  /** `counts` gets every line; those it says no to, and their ends, go to `pass`. */
  constructor(counts: (line: string) => boolean, pass: (bytes: Uint8Array) => void) {
    this.#counts = counts;
    this.#pass = pass;
  }

  /** The next chunk. */
  push(chunk: Uint8Array): void {
    const line = this.#line;
    // The bytes between `from` and `start` have been searched and are passed on in one piece.
    let from = 0;
    for (let start = 0, held = this.#held; start < chunk.length; held = 0) {
      const next = line.take(chunk, start);
      if (next < 0 && !line.isCut) return this.#passOn(chunk.subarray(from, start));
      if (!line.isCut && this.#counts(line.text)) {
        this.#passOn(chunk.subarray(from, start));
        from = next;
      } else {
        this.#passOn(line.bytes.slice(0, held));
      }
      if (next < 0) break;
      line.clear();
      start = next;
    }
    this.#passOn(chunk.subarray(from));
  }

  /** Ends the input: held-back bytes are passed on. */
  end(): void {
    this.#passOn(this.#line.bytes.slice(0, this.#held));
    this.#line.clear();
  }

  /** How many bytes of the open line are held back. */
  get #held(): number {
    return this.#line.isCut ? 0 : this.#line.came;
  }

  #passOn(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#pass(bytes);
  }
}

/** Bytes of a line on stdout that are looked at for the pattern. */
export const READY_LINE_CAP = 65_536;

/** Hands out the output before a protocol begins line by line, on bytes, so that what is behind one can go to the protocol. */
export class LineSplitter {
  /** A newline that comes next belongs to the line before it. */
  #hasReturned = false;

  /** Returns what is behind the first line after which `take` returns true, or `undefined` if there is none in `chunk`. */
  split(chunk: Uint8Array, take: (line: Uint8Array) => boolean): Uint8Array | undefined {
    for (let at = 0; at < chunk.length;) {
      let end = at;
      while (end < chunk.length && chunk[end] !== LF && chunk[end] !== CR) end++;
      if (chunk[end] === CR && chunk[end + 1] === LF) end++;
      this.#hasReturned = chunk[end] === CR;
      end = Math.min(end + 1, chunk.length);
      if (take(chunk.subarray(at, end))) return chunk.subarray(end);
      at = end;
    }
  }

  /** Returns the first chunk for the protocol without the end of the line before it. */
  rest(chunk: Uint8Array): Uint8Array {
    const isEnd = this.#hasReturned && chunk[0] === LF;
    if (chunk.length > 0) this.#hasReturned = false;
    return isEnd ? chunk.subarray(1) : chunk;
  }
}

/**
 * The search for a line that is waited for on `stream`, as a terminal shows it: without colours and other sequences.
 *
 * @throws {OptionError} `pattern` is not a regular expression, or can't be matched in linear time
 */
export function compileLinePattern(stream: "stdout" | "stderr", pattern: RegExp | string): Search {
  try {
    const search = searchFor(pattern);
    return (line) => search(shownText(line));
  } catch (error) {
    throw unsearchable(stream, pattern, error);
  }
}

/** The searches for the lines that sidecars wait for; each serves every incarnation. */
const readyLines = new WeakMap<object, Search>();

/** The search for the line that `ready` waits for, if it waits for one. @throws as {@linkcode compileLinePattern} */
export function readyLine(ready: ResolvedReady): Search | undefined {
  if (ready === "started" || "reply" in ready) return undefined;
  const search = readyLines.get(ready) ??
    ("stdout" in ready
      ? compileLinePattern("stdout", ready.stdout)
      : compileLinePattern("stderr", ready.stderr));
  readyLines.set(ready, search);
  return search;
}

/** Whether its messages are lines, so that one of them can be taken out. */
export function isLinewise(settings: ResolvedSidecarOptions): boolean {
  const codec = settings.protocol && codecOf(settings.protocol.codec);
  return codec === codecs.lines || codec === codecs.ndjson;
}
