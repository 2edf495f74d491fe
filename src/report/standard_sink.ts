/**
 * Standard output or standard error as the sink of a log.
 *
 * Deno puts what it writes there through a buffer that lines end: a write that fails has written an unknown part, and up to
 * 1 KiB more is kept and written with the next one. Of a regular file, its size tells how much that was, so that no line
 * is written twice or in part where a disk is full. Of a pipe that does not block, it can't be told.
 */

import type { Sink } from "../logs/sink.ts";

/** What Deno keeps at most of a write that failed. */
const DENO_BUFFER = 1_024;
const LF = 0x0a;

/** Size in bytes of a regular file; `undefined` of anything else. */
type SizeOf = () => number | undefined;

export class StandardSink implements Sink {
  readonly #file: Pick<Deno.FsFile, "write">;
  readonly #fd: number;
  #sizeOf: SizeOf | undefined;
  /** Bytes that Deno has kept of the last write. */
  #kept = 0;

  constructor(name: "stdout" | "stderr") {
    this.#file = Deno[name];
    this.#fd = name === "stdout" ? 1 : 2;
  }

  async write(lines: Uint8Array): Promise<number> {
    if (this.#sizeOf === undefined) this.#look();
    const kept = this.#kept;
    const before = this.#sizeOf!();
    try {
      const taken = await this.#file.write(lines.subarray(kept));
      this.#kept = 0;
      return kept + taken;
    } catch (error) {
      const after = this.#sizeOf!();
      const written = before === undefined || after === undefined ? 0 : after - before;
      if (written <= 0) throw error;
      this.#kept = written < kept ? kept - written : keptBehind(lines.subarray(written));
      return Math.min(written, lines.length);
    }
  }

  /** Deno knows of standard output only what it is not: whether it is a file, the part of Node in it knows. */
  #look(): void {
    this.#sizeOf = () => undefined;
    void import("node:fs").then(({ fstatSync }) => {
      const size = () => fstatSync(this.#fd).size;
      if (fstatSync(this.#fd).isFile()) this.#sizeOf = size;
    }, () => {});
  }
}

/** How much Deno keeps of `lines` behind the part that it has written: whole lines, as many as have room. */
function keptBehind(lines: Uint8Array): number {
  if (lines.length <= DENO_BUFFER) return lines.length;
  return lines.subarray(0, DENO_BUFFER).lastIndexOf(LF) + 1 || DENO_BUFFER;
}
