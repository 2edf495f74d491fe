/**
 * One file of a log, open to be read: from its end backwards, or from a place on, in blocks of whole lines.
 *
 * Used by `stored_lines.ts`. A file stays the one that was opened, wherever it is moved meanwhile, and what is written to
 * it later is not read; nor is a line that has no end yet. The invariant: no more of it is in memory than a block and a line.
 */

import { rotatedForms } from "../../options/fields/log.ts";
import type { LogFileSettings } from "./rotated_files.ts";

/** Characters of a line that are kept; what a longer one has beyond is left out. */
const LONGEST_LINE = 4_194_304;
/** Bytes of a compressed file that are read at a time: they become some ten times as many. */
const COMPRESSED_BLOCK = 16_384;
const LF = 0x0a;

/** Lines that stand one behind the other. */
export interface StoredBlock {
  /** Where the first of them begins, in bytes of the text. */
  readonly start: number;
  readonly lines: readonly string[];
}

/** A file of a log. */
export class StoredFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #size: number;
  /** Whether it can be read from its beginning alone. */
  readonly isCompressed: boolean;
  /** When it was written to last: milliseconds since 1970; a compressed one, when it was made. */
  readonly writtenAt: number;

  /** Of a file that is open, and is closed with this. */
  constructor(file: Deno.FsFile, { size, mtime }: Deno.FileInfo, isCompressed: boolean) {
    this.#file = file;
    this.#size = size;
    this.isCompressed = isCompressed;
    this.writtenAt = mtime?.getTime() ?? Infinity;
  }

  /** Its blocks, the last one first. */
  async *backward(blockSize: number): AsyncGenerator<StoredBlock> {
    let rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);
    let isEnd = true;
    for (let end = this.#size; end > 0;) {
      const start = Math.max(0, end - blockSize);
      const bytes = joined(await this.#bytes(start, end), rest);
      end = start;
      const last = isEnd ? bytes.lastIndexOf(LF) + 1 : bytes.length;
      const first = start === 0 ? 0 : bytes.indexOf(LF) + 1;
      // Not yet at the beginning of the line.
      if (start > 0 && (first === 0 || first >= last)) {
        rest = bytes.length > LONGEST_LINE ? bytes.slice(-1) : bytes;
        continue;
      }
      isEnd = false;
      rest = bytes.slice(0, first);
      if (last > first) yield { start: start + first, lines: linesOf(bytes.subarray(first, last)) };
    }
  }

  /** Its blocks from `start` on, where a line begins. */
  async *forward(start: number, blockSize: number): AsyncGenerator<StoredBlock> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of this.isCompressed ? this.#decompressed() : this.#chunks(start, blockSize)) {
      const text = decoder.decode(chunk, { stream: true });
      const end = text.lastIndexOf("\n");
      if (end < 0) {
        if (rest.length < LONGEST_LINE) rest += text;
        continue;
      }
      yield { start, lines: `${rest}${text.slice(0, end)}`.split("\n") };
      rest = text.slice(end + 1);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  async *#chunks(start: number, blockSize: number): AsyncGenerator<Uint8Array> {
    for (let at = start; at < this.#size; at += blockSize) {
      yield await this.#bytes(at, Math.min(this.#size, at + blockSize));
    }
  }

  async *#decompressed(): AsyncGenerator<Uint8Array> {
    const chunks = this.#chunks(0, COMPRESSED_BLOCK);
    const compressed = ReadableStream.from(chunks) as ReadableStream<Uint8Array<ArrayBuffer>>;
    try {
      yield* compressed.pipeThrough(new DecompressionStream("gzip"));
    } catch (error) {
      // Cut off, or changed by others: what was read is all there is.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** The bytes from `start` to `end`, or fewer where others have cut the file. */
  async #bytes(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(end - start);
    await this.#file.seek(start, Deno.SeekMode.Start);
    let at = 0;
    for (let size; at < bytes.length && (size = await this.#file.read(bytes.subarray(at))) !== null;) {
      at += size;
    }
    return bytes.subarray(0, at);
  }
}

/**
 * The files of a log, the newest first, each open. The one that uses them closes them.
 *
 * A file that is rotated meanwhile has the next number when that is looked at, and is not opened again.
 */
export async function* storedFiles(log: LogFileSettings): AsyncGenerator<StoredFile> {
  const seen = new Set<string>();
  for (let number = 0; number <= log.keep; number++) {
    const forms = number === 0 ? [log.file] : rotatedForms(log.file, number, log.gzip);
    // Where both are there, the first one is whole and the second is not.
    for (const form of forms) {
      const file = await openIfThere(form);
      if (file === undefined) continue;
      const info = await file.stat();
      const key = `${info.dev} ${info.ino}`;
      if (!info.isFile || (info.ino !== null && seen.has(key))) file.close();
      else yield new StoredFile(file, info, form !== log.file && form.endsWith(".gz"));
      seen.add(key);
      break;
    }
  }
}

async function openIfThere(path: string): Promise<Deno.FsFile | undefined> {
  try {
    // Opening a pipe would wait for its other end.
    if (!(await Deno.stat(path)).isFile) return undefined;
    return await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** Lines, each with its newline. */
function linesOf(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).slice(0, -1).split("\n");
}
