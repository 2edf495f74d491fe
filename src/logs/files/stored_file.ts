/**
 * One file of a log, open to be read: from its end backwards, or from a place on, in blocks of whole lines.
 *
 * Used by `stored_lines.ts`. A file stays the one that was opened, wherever it is moved meanwhile, and what is written to
 * it later is not read; nor is a line that has no end yet. The invariant: no more of it is in memory than a block and a line.
 */

import { rotatedForms } from "../../options/fields/log.ts";
import { LogFileReader, type PassedOverFile, type ReadableLogFile } from "./read_file.ts";
import type { LogFileSettings } from "./rotated_files.ts";

/** Characters of a line that are kept; what a longer one has beyond is left out. */
const LONGEST_LINE = 4_194_304;
/** Bytes of a compressed file that are read at a time: they become some ten times as many, at most a thousand times. */
const COMPRESSED_BLOCK = 4_096;
const LF = 0x0a;
const LINE_END = new Uint8Array([LF]);

/** Lines that stand one behind the other. */
export interface StoredBlock {
  /** Where the first of them begins, in bytes of the text. */
  readonly start: number;
  /** How many bytes were read for it. */
  readonly size: number;
  /** None, where all of it is within a line. */
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
  constructor(readonly path: string, { file, info }: ReadableLogFile, isCompressed: boolean) {
    const { size, mtime } = info;
    this.#file = file;
    this.#size = size;
    this.isCompressed = isCompressed;
    this.writtenAt = mtime?.getTime() ?? Infinity;
  }

  /** Its blocks, the last one first. */
  async *backward(blockSize: number): AsyncGenerator<StoredBlock> {
    /** The end of a line whose beginning was not reached yet, the last part first. */
    let rest: Uint8Array[] = [];
    let restSize = 0;
    let isEnd = true;
    for (let end = this.#size; end > 0;) {
      const start = Math.max(0, end - blockSize);
      const size = end - start;
      let block = await this.#bytes(start, end);
      end = start;
      if (isEnd) block = block.subarray(0, block.lastIndexOf(LF) + 1);
      isEnd = isEnd && block.length === 0;
      const first = start === 0 ? 0 : block.indexOf(LF) + 1;
      const isWithinLine = start > 0 && (first === 0 || first === block.length + restSize);
      rest.push(isWithinLine ? block : block.subarray(first));
      restSize += rest.at(-1)!.length;
      if (isWithinLine) {
        if (restSize > LONGEST_LINE) [rest, restSize] = [[LINE_END], LINE_END.length];
        yield { start, size, lines: [] };
        continue;
      }
      yield { start: start + first, size, lines: restSize === 0 ? [] : linesOf(joined(rest)) };
      rest = [block.subarray(0, first)];
      restSize = first;
    }
  }

  /** Its blocks from `start` on, where a line begins. */
  async *forward(start: number, blockSize: number): AsyncGenerator<StoredBlock> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of this.isCompressed ? this.#decompressed() : this.#chunks(start, blockSize)) {
      for (const piece of piecesOf(chunk, blockSize)) {
        const text = decoder.decode(piece, { stream: true });
        const end = text.lastIndexOf("\n");
        if (end < 0) {
          if (rest.length < LONGEST_LINE) rest += text;
          yield { start, size: piece.length, lines: [] };
          continue;
        }
        yield { start, size: piece.length, lines: `${rest}${text.slice(0, end)}`.split("\n") };
        rest = text.slice(end + 1);
      }
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
export async function* storedFiles(
  log: LogFileSettings,
  passOver: (file: PassedOverFile) => void,
): AsyncGenerator<StoredFile> {
  const seen = new Set<string>();
  const reader = new LogFileReader();
  for (let number = 0; number <= log.keep; number++) {
    const forms = number === 0 ? [log.file] : rotatedForms(log.file, number, log.gzip);
    // Where both are there, the first one is whole and the second is not.
    for (const form of forms) {
      const opened = await reader.open(form);
      if (opened === undefined) continue;
      if ("why" in opened) {
        passOver(opened);
        continue;
      }
      const { file, info } = opened;
      const key = `${info.dev} ${info.ino}`;
      if (info.ino !== null && seen.has(key)) file.close();
      else yield new StoredFile(form, opened, form !== log.file && form.endsWith(".gz"));
      seen.add(key);
      break;
    }
  }
}

/** What is read of a file at a time is decompressed to several times as much. */
function* piecesOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** `parts` stand one before the other: the last one is the first. */
function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = all.length;
  for (const part of parts) all.set(part, end -= part.length);
  return all;
}

/** Lines, each with its newline. */
function linesOf(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).slice(0, -1).split("\n");
}
