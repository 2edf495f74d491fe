/**
 * The lines of some children in the files of one log, as far back as they are wanted.
 *
 * Used where `logs` reaches back beyond memory. The files are looked at twice: backwards, to find where what is wanted
 * begins, and how much it is; then forward. The invariant: of a child, what memory has is not read, and of what came
 * before it nothing is left out, but what {@linkcode StoredLines.passedOver} names.
 */

import { Turns } from "../merged_lines.ts";
import type { PassedOverFile } from "./read_file.ts";
import type { LogFileSettings } from "./rotated_files.ts";
import { type StoredBlock, type StoredFile, storedFiles } from "./stored_file.ts";

/** Bytes without a line of a log, in a row, behind which a file is given up: a power cut leaves fewer zeros. */
const MOST_FOREIGN = 67_108_864;

/** Where memory goes on with a child's lines. */
export interface Seam {
  /** When the first line came that memory has: milliseconds since 1970. */
  readonly at: number;
  /** How many lines it has of that millisecond; `undefined`: all that were printed in this run. */
  readonly kept?: number | undefined;
}

/** What is known of a line: `undefined` for one that is of no interest. */
export interface ReadLine {
  readonly path: string;
  readonly at: number;
}

/** What is wanted. */
export interface StoredWish<Line extends ReadLine> {
  /** The line that a text is. */
  readonly read: (text: string) => Line | undefined;
  /** Whether a line is to be found. */
  readonly matches: (line: Line) => boolean;
  /** Nothing from before is. */
  readonly from: number;
  /** The last so many are. */
  readonly last: number;
  /** For each child whose lines are wanted where its lines end. */
  readonly seams: ReadonlyMap<string, Seam>;
  readonly blockSize: number;
  /** Nothing more is read. */
  readonly signal: AbortSignal;
}

/** A block, of the lines of a log that it has: one at least. */
interface ReadBlock<Line> {
  readonly start: number;
  readonly lines: readonly Line[];
}

/** A file in which something of it is. */
interface WantedFile {
  readonly file: StoredFile;
  /** Where the first line is. */
  start: number;
}

/** Lines that were found. */
export class StoredLines<Line extends ReadLine> implements Disposable {
  readonly #wish: StoredWish<Line>;
  readonly #files: WantedFile[] = [];
  readonly #turns = new Turns();
  /** Files of which something was not read. */
  readonly passedOver: PassedOverFile[] = [];
  /** Of the lines that came in the millisecond of a child's seam, in order: whether each matches. */
  readonly #ties = new Map<string, boolean[]>();
  /** Children of which nothing was found that came before their seam: there may be more of its millisecond. */
  readonly #unsettled = new Set<string>();
  #count = 0;

  private constructor(wish: StoredWish<Line>) {
    this.#wish = wish;
    for (const [path, { kept }] of wish.seams) if (kept !== undefined) this.#unsettled.add(path);
  }

  /** Looks for what is wanted in the files of `log`. */
  static async find<Line extends ReadLine>(
    log: LogFileSettings,
    wish: StoredWish<Line>,
  ): Promise<StoredLines<Line>> {
    const found = new StoredLines(wish);
    try {
      for await (const file of storedFiles(log, (one) => found.#passOver(one))) {
        if (await found.#lookThrough(file)) break;
      }
    } catch (error) {
      found[Symbol.dispose]();
      throw error;
    }
    for (const [path, ties] of found.#ties) {
      const more = ties.slice(0, Math.max(0, ties.length - wish.seams.get(path)!.kept!));
      found.#ties.set(path, more);
      found.#count += more.filter(Boolean).length;
    }
    return found;
  }

  /** How many lines there are to read; they may be more than were wanted. */
  get count(): number {
    return this.#count;
  }

  /** All of them, oldest first. */
  async *read(): AsyncGenerator<readonly Line[]> {
    const { matches, from, seams, blockSize } = this.#wish;
    const left = new Map([...this.#ties].map(([path, more]) => [path, more.length]));
    for (const { file, start } of this.#files.toReversed()) {
      for await (const { lines } of this.#blocks(file.forward(start, blockSize))) {
        const found: Line[] = [];
        for (const line of lines) {
          const seam = seams.get(line.path);
          if (seam === undefined || line.at < from || line.at > seam.at) continue;
          if (line.at === seam.at) {
            const more = left.get(line.path) ?? 0;
            if (more === 0) continue;
            left.set(line.path, more - 1);
          }
          if (matches(line)) found.push(line);
        }
        // Children that share a file have their turns in it, so it is only about in order.
        if (found.length > 0) yield found.sort((one, other) => one.at - other.at);
      }
    }
  }

  [Symbol.dispose](): void {
    for (const { file } of this.#files) file[Symbol.dispose]();
  }

  /** Resolves to whether all that is wanted was found by now; the file is kept where something of it is. */
  async #lookThrough(file: StoredFile): Promise<boolean> {
    const { from, blockSize } = this.#wish;
    const wanted: WantedFile = { file, start: 0 };
    this.#files.push(wanted);
    if (file.writtenAt < from) return true;
    const giveUp = () => {
      const why = `${
        MOST_FOREIGN / 2 ** 20
      } MiB of it have no line of a log; what is behind them is left out`;
      this.#passOver({ file: file.path, why });
    };
    if (file.isCompressed) {
      const span = new Map<string, boolean[]>();
      let newest = -Infinity;
      for await (const block of this.#blocks(file.forward(0, blockSize), giveUp)) {
        newest = Math.max(newest, this.#tally(block, span));
      }
      return this.#isEnough(span, newest);
    }
    for await (const block of this.#blocks(file.backward(blockSize), giveUp)) {
      wanted.start = block.start;
      const span = new Map<string, boolean[]>();
      if (this.#isEnough(span, this.#tally(block, span))) return true;
    }
    return this.#wish.signal.aborted;
  }

  /** The blocks that have lines of a log, while one comes now and then. The event loop has its turn. */
  async *#blocks(blocks: AsyncGenerator<StoredBlock>, giveUp?: () => void): AsyncGenerator<ReadBlock<Line>> {
    let foreign = 0;
    for await (const { start, size, lines } of blocks) {
      if (this.#wish.signal.aborted) return;
      const read = lines.flatMap((text) => this.#wish.read(text) ?? []);
      foreign = read.length === 0 ? foreign + size : 0;
      if (foreign > MOST_FOREIGN) return giveUp?.();
      if (read.length > 0) yield { start, lines: read };
      await this.#turns.next();
    }
  }

  /** A folder is named once. */
  #passOver(one: PassedOverFile): void {
    if (!this.passedOver.some(({ file }) => file === one.file)) this.passedOver.push(one);
  }

  /** Counts what is wanted of a block; `ties` get those at a seam. Returns the time of the newest line. */
  #tally({ lines }: ReadBlock<Line>, ties: Map<string, boolean[]>): number {
    const { matches, from, seams } = this.#wish;
    let newest = -Infinity;
    for (const line of lines) {
      newest = Math.max(newest, line.at);
      const seam = seams.get(line.path);
      if (seam === undefined || line.at > seam.at) continue;
      if (line.at < seam.at) {
        this.#unsettled.delete(line.path);
        if (line.at >= from && matches(line)) this.#count++;
      } else if (seam.kept !== undefined) {
        const flags = ties.get(line.path);
        if (flags === undefined) ties.set(line.path, [matches(line)]);
        else flags.push(matches(line));
      }
    }
    return newest;
  }

  /** Whether what stands before these lines, of which the newest came at `newest`, is of no interest. */
  #isEnough(ties: ReadonlyMap<string, boolean[]>, newest: number): boolean {
    const { from, last, seams } = this.#wish;
    for (const [path, flags] of ties) this.#ties.set(path, flags.concat(this.#ties.get(path) ?? []));
    if (newest === -Infinity) return false;
    for (const path of this.#unsettled) if (newest < seams.get(path)!.at) this.#unsettled.delete(path);
    return newest < from || (this.#count >= last && this.#unsettled.size === 0);
  }
}
