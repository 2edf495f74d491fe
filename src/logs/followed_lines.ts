/**
 * The lines of a tree on their way to one reader who follows them, and may be slow or stand still.
 *
 * Used by the method `logs` of the control socket, a queue for each client. It never makes a child wait: a line without room is
 * dropped. The invariant: each line that was added is read once, in order, or counted in a gap that stands in its place.
 */

import type { RecentLine } from "./recent.ts";

/** What waits of one child, and of all, at most: characters. */
const CHILD_CHARACTERS = 1_048_576;
const ALL_CHARACTERS = 16_777_216;
/** Characters that a line counts for beside its own. */
const LINE_COST = 64;
/** Lines and characters that are read at once; more only of a single line. */
const READ_LINES = 256;
const READ_CHARACTERS = 32_768;
/** The longest line, in characters; a longer one comes in pieces, as a request has its limit. */
const LONGEST_LINE = 1_048_576;

/** A line, and whose it is. */
export interface PlacedLine extends RecentLine {
  /** Of the child. */
  readonly path: string;
}

/** Lines of one child that were dropped, one after the other. */
export interface DroppedLines {
  readonly path: string;
  readonly lines: number;
  /** When the first of them came, and the last: milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** What is read at once. */
export type LogPart = { readonly lines: readonly PlacedLine[] } | { readonly lost: DroppedLines };

type OpenDrop = { -readonly [Key in keyof DroppedLines]: DroppedLines[Key] };

/** What waits of one child. */
interface Waiting {
  characters: number;
  /** What was dropped last, as long as no line has come behind it. */
  gap: OpenDrop | undefined;
}

/** The queue before one reader. */
export class FollowedLines {
  #queue: (PlacedLine | OpenDrop)[] = [];
  #first = 0;
  #characters = 0;
  readonly #waiting = new Map<string, Waiting>();
  #news: PromiseWithResolvers<void> | undefined;

  /** Takes a line, or counts it as lost where it has no room. */
  add(line: PlacedLine): void {
    const { path, at } = line;
    const cost = line.line.length + LINE_COST;
    let waiting = this.#waiting.get(path);
    if (waiting === undefined) {
      this.#waiting.set(path, waiting = { characters: 0, gap: undefined });
    }
    const isFull = this.#characters + cost > ALL_CHARACTERS ||
      (waiting.characters > 0 && waiting.characters + cost > CHILD_CHARACTERS);
    if (!isFull) {
      waiting.gap = undefined;
      waiting.characters += cost;
      this.#characters += cost;
      this.#queue.push(line);
    } else if (waiting.gap === undefined) {
      this.#queue.push(waiting.gap = { path, lines: 1, from: at, to: at });
    } else {
      waiting.gap.lines++;
      waiting.gap.to = at;
    }
    this.wake();
  }

  /** The next lines, or the next gap; `undefined` where nothing waits. */
  read(): LogPart | undefined {
    const next = this.#queue[this.#first];
    if (next === undefined) return undefined;
    if (!("line" in next)) {
      this.#take();
      return { lost: next };
    }
    const lines = this.#queue.slice(this.#first, endOfPart(this.#queue, this.#first)) as PlacedLine[];
    for (const _ of lines) this.#take();
    return { lines };
  }

  /** Fulfilled when there may be something to read, or at {@linkcode FollowedLines.wake}. */
  news(): Promise<void> {
    if (this.#first < this.#queue.length) return Promise.resolve();
    return (this.#news ??= Promise.withResolvers()).promise;
  }

  /** Ends the wait for news. */
  wake(): void {
    this.#news?.resolve();
    this.#news = undefined;
  }

  #take(): void {
    const taken = this.#queue[this.#first++]!;
    const waiting = this.#waiting.get(taken.path)!;
    if ("line" in taken) {
      const cost = taken.line.length + LINE_COST;
      waiting.characters -= cost;
      this.#characters -= cost;
    } else if (waiting.gap === taken) waiting.gap = undefined;
    if (waiting.characters === 0 && waiting.gap === undefined) this.#waiting.delete(taken.path);
    if (this.#first * 2 <= this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#first);
    this.#first = 0;
  }
}

/** Lines that are there already, in the parts that are read at once. */
export function* partsOf(lines: readonly PlacedLine[]): Generator<LogPart> {
  for (let at = 0; at < lines.length;) {
    const end = endOfPart(lines, at);
    yield { lines: lines.slice(at, end) };
    at = end;
  }
}

function endOfPart(queue: readonly (PlacedLine | OpenDrop)[], start: number): number {
  let characters = 0;
  let end = start;
  for (; end < start + READ_LINES; end++) {
    const next = queue[end];
    if (next === undefined || !("line" in next)) break;
    characters += next.line.length;
    if (characters > READ_CHARACTERS && end > start) break;
  }
  return end;
}

/** The line, in pieces where it is long. */
export function* piecesOf(line: PlacedLine): Generator<PlacedLine> {
  let { line: rest } = line;
  while (rest.length > LONGEST_LINE) {
    yield { ...line, line: rest.slice(0, LONGEST_LINE), continues: true };
    rest = rest.slice(LONGEST_LINE);
  }
  yield rest === line.line ? line : { ...line, line: rest };
}
