/**
 * Standard output or standard error as the sink of a log.
 *
 * Deno puts what it writes there through a buffer that lines end: a write that fails has written an unknown part, and up to
 * 1 KiB more is kept and written with the next one. Of a regular file, its size tells how much that was, so that no line
 * is written twice or in part where a disk is full. Of a pipe that does not block, it can't be told.
 */

import { PROMPT_WRITE, PromptFile } from "../../logs/prompt_file.ts";
import { FILE_WRITE, type Sink } from "../../logs/sink.ts";

/** What Deno keeps at most of a write that failed. */
const DENO_BUFFER = 1_024;
const LF = 0x0a;

export class StandardSink implements Sink {
  readonly #file: Pick<Deno.FsFile, "write" | "writeSync">;
  readonly #fd: number;
  /** Of a regular file. */
  #prompt: PromptFile | undefined;
  #hasLooked = false;
  /** Size in bytes of a regular file; `undefined` of anything else. */
  #sizeOf = (): number | undefined => undefined;
  /** Its size before the write that comes, unless another process writes to it. */
  #size: number | undefined;
  /** Bytes that Deno has kept of the last write. */
  #kept = 0;

  constructor(name: "stdout" | "stderr") {
    this.#file = Deno[name];
    this.#fd = name === "stdout" ? 1 : 2;
  }

  get mostBytes(): number | undefined {
    return this.#size === undefined ? undefined : this.#prompt?.isPrompt ? PROMPT_WRITE : FILE_WRITE;
  }

  write(lines: Uint8Array): Promise<number> | number {
    if (!this.#hasLooked) this.#look();
    this.#size ??= this.#sizeOf();
    try {
      const rest = lines.subarray(this.#kept);
      if (this.#prompt?.isPrompt) return this.#took(this.#prompt.writeSync(rest));
      return this.#file.write(rest).then((taken) => this.#took(taken), (error) => this.#failed(error, lines));
    } catch (error) {
      return this.#failed(error, lines);
    }
  }

  #took(bytes: number): number {
    const taken = this.#kept + bytes;
    this.#kept = 0;
    if (this.#size !== undefined) this.#size += taken;
    return taken;
  }

  /** Gives how much was written nevertheless. @throws `error`, where that is nothing, or can't be told */
  #failed(error: unknown, lines: Uint8Array): number {
    const before = this.#size;
    const after = this.#size = this.#sizeOf();
    const written = before === undefined || after === undefined ? 0 : after - before;
    if (written <= 0) throw error;
    const kept = this.#kept;
    this.#kept = written < kept ? kept - written : keptBehind(lines.subarray(written));
    return Math.min(written, lines.length);
  }

  /** Deno knows of standard output only whether it is a terminal; the part of Node in it knows whether it is a file. */
  #look(): void {
    this.#hasLooked = true;
    void import("node:fs").then(({ fstatSync }) => {
      const stat = fstatSync(this.#fd);
      if (!stat.isFile()) return;
      this.#sizeOf = () => fstatSync(this.#fd).size;
      this.#prompt = new PromptFile(this.#file, stat.dev);
    }, () => {});
  }
}

/** How much Deno keeps of `lines` behind the part that it has written: whole lines, as many as have room. */
function keptBehind(lines: Uint8Array): number {
  if (lines.length <= DENO_BUFFER) return lines.length;
  return lines.subarray(0, DENO_BUFFER).lastIndexOf(LF) + 1 || DENO_BUFFER;
}
