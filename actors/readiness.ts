/**
 * When a sidecar counts as ready.
 *
 * @module
 */

import { OptionError, PatternError, searchFor } from "@outrider/outrider";
import type { Search } from "@outrider/outrider";

/** Milliseconds for getting ready where nothing else is said. */
export const DEFAULT_READY_WITHIN_MS = 10_000;
/** Bytes of a line on stdout that are looked at for the pattern. */
export const READY_LINE_CAP = 65_536;

/** What to wait for before the sidecar counts as ready, and for how many milliseconds. */
export type Ready =
  /** Nothing: it is ready as soon as it runs. */
  | "started"
  /** A line on stdout. What comes up to and with that line is no message. */
  | { readonly stdout: RegExp | string; readonly within?: number }
  /** A line on stderr. */
  | { readonly stderr: RegExp | string; readonly within?: number }
  /** The first reply, to this request. */
  | { readonly reply: unknown; readonly within?: number };

const LF = 0x0a;
const decoder = new TextDecoder();

/** Looks for a line on stdout, on bytes, so that what follows it can go to the protocol untouched. */
export class LineScanner {
  readonly #search: Search;
  readonly #onLine: (line: string, cut: boolean) => void;
  readonly #line = new Uint8Array(READY_LINE_CAP);
  #length = 0;

  /**
   * `onLine` gets every line that is looked at, and whether it may have been cut at the cap.
   *
   * @throws {SyntaxError | OptionError} as {@linkcode lineSearch}
   */
  constructor(pattern: Search | RegExp | string, onLine: (line: string, cut: boolean) => void) {
    this.#search = typeof pattern === "function" ? pattern : lineSearch("stdout", pattern);
    this.#onLine = onLine;
  }

  /** The bytes behind the line that matches, or `undefined` if none does yet. */
  scan(chunk: Uint8Array): Uint8Array | undefined {
    for (let start = 0;;) {
      const end = chunk.indexOf(LF, start);
      this.#keep(chunk.subarray(start, end < 0 ? chunk.length : end));
      if (end < 0) return undefined;
      if (this.#matches()) return chunk.subarray(end + 1);
      start = end + 1;
    }
  }

  #keep(bytes: Uint8Array): void {
    const part = bytes.subarray(0, READY_LINE_CAP - this.#length);
    this.#line.set(part, this.#length);
    this.#length += part.length;
  }

  #matches(): boolean {
    const line = decoder.decode(this.#line.subarray(0, this.#length)).replace(/\r$/, "");
    const cut = this.#length === READY_LINE_CAP;
    this.#length = 0;
    this.#onLine(line, cut);
    return this.#search(line);
  }
}

/**
 * The search for a line that is waited for on `stream`.
 *
 * @throws {SyntaxError} `pattern` is no regular expression
 * @throws {OptionError} it can't be matched in linear time
 */
export function lineSearch(stream: "stdout" | "stderr", pattern: RegExp | string): Search {
  try {
    return searchFor(pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new OptionError(`Cannot wait for a line on ${stream} by the pattern ${pattern}: ${error.why}`);
  }
}

/** The search for the line that `ready` waits for, if it waits for one. @throws as {@linkcode lineSearch} */
export function readyLine(ready: Ready): Search | undefined {
  if (ready === "started") return undefined;
  if ("stdout" in ready) return lineSearch("stdout", ready.stdout);
  return "stderr" in ready ? lineSearch("stderr", ready.stderr) : undefined;
}
