/**
 * The lines of children that are kept: in memory, and in log files beyond that.
 *
 * Used by the method `logs` of a running tree, and by the verb where none runs, which has the files alone. The
 * invariant: each line comes once, also where memory and a file meet.
 */

import { type LogPart, partsOf, piecesOf, type PlacedLine } from "../../logs/followed_lines.ts";
import type { PassedOverFile } from "../../logs/files/read_file.ts";
import { type Seam, StoredLines } from "../../logs/files/stored_lines.ts";
import { mergeByTime, Turns } from "../../logs/merged_lines.ts";
import type { LogPipeline } from "../../logs/pipeline.ts";
import type { RecentLine, RecentPart } from "../../logs/recent.ts";
import type { PlacedFiles } from "../../launch/log_files.ts";
import { type FoundLine, StoredLineReader } from "../../report/stored_line.ts";
import type { LogLevel } from "../../events.ts";
import { isLevelShown } from "../../log.ts";
import type { Search } from "../../text/search.ts";
import { sleep, systemClock } from "../../time/clock.ts";

/** Children of which lines were asked for that are no longer kept: all of them are from before `from`. */
export interface OlderLines {
  readonly paths: readonly string[];
  /** Milliseconds since 1970. */
  readonly from: number;
}

/** An item of `logs`. */
export type LogItem = LogPart | { readonly older: OlderLines } | { readonly passedOver: PassedOverFile };

/** Which lines are wanted. */
export interface LogReading {
  /** The children. */
  readonly paths: readonly string[];
  /** The last so many. Default: all that are kept. */
  readonly last?: number | undefined;
  /** From then on: milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly search?: Search | undefined;
  /** Only lines of that level, and of those above it. Default: all. */
  readonly level?: LogLevel | undefined;
  readonly signal: AbortSignal;
  /** Called when what memory has of a child was read, in the same turn: what it prints later was not. */
  readonly onRead?: (path: string) => void;
}

/** Where they are. */
export interface KeptLogs {
  /** Of a tree that runs. */
  readonly memory?: {
    readonly logs: LogPipeline;
    /** When the tree was started: milliseconds since 1970. */
    readonly startedAt: number;
    /** The children that it has. */
    readonly known: ReadonlySet<string>;
  } | undefined;
  /** The files of children, if they have any. */
  readonly filesOf: (paths: readonly string[]) => readonly PlacedFiles[];
}

/** Lines that came together, in memory. */
interface RememberedPart {
  readonly at: number;
  readonly count: number;
  readonly level?: string | undefined;
  chunks(): Iterable<readonly RecentLine[]>;
}

/** What memory has of a child. */
interface Remembered {
  readonly path: string;
  /** What is wanted, oldest first. */
  readonly parts: readonly RememberedPart[];
  /** Where files would go on; `undefined`: all that is wanted is here. */
  readonly seam: Seam | undefined;
}

/** Bytes of files that are read at a time, all together, and of one file. */
const READ_BYTES = 4_194_304;
const [LEAST_BLOCK, LARGEST_BLOCK] = [8_192, 65_536];
/** Files that are looked at side by side. */
const LOOKED_AT = 16;
/** Milliseconds that lines on their way to a file are waited for. */
const WRITTEN_MS = 2_000;
/** Looks at a child that prints in this very millisecond, at most. */
const LOOKS = 10;

/** The lines that are wanted, merged by time. The event loop has its turn now and then. */
export async function* keptLines(
  reading: LogReading,
  { memory, filesOf }: KeptLogs,
): AsyncGenerator<LogItem> {
  const { paths, last = Infinity, since = -Infinity, signal } = reading;
  const remembered: Remembered[] = [];
  const turns = new Turns();
  for (const path of paths) {
    if (signal.aborted) return;
    remembered.push(await remember(path, reading, memory?.logs));
    await turns.next();
  }
  const from = Math.max(since, timeOfLast(remembered, last));
  const needy = remembered.filter(({ path, seam }) =>
    seam !== undefined && seam.at > from &&
    // What is not in memory though nothing was dropped is from before this run.
    (seam.kept !== undefined || memory === undefined || memory.startedAt > from || !memory.known.has(path))
  );
  const seams = new Map(needy.map(({ path, seam }) => [path, seam!]));
  const files = seams.size === 0 ? [] : filesOf([...seams.keys()]);
  const cut = needy.filter(({ seam }) => seam?.kept !== undefined);
  const inFiles = new Set(files.flatMap(({ paths }) => paths));
  const missing = await Promise.all(
    cut.map(async ({ path }) => !inFiles.has(path) || !await memory?.logs.written(path, WRITTEN_MS)),
  );
  const older = cut.filter((_, index) => missing[index]);
  const stored = await findStored(files, { reading, from, seams });
  try {
    for (const passedOver of stored.flatMap((lines) => lines.passedOver)) yield { passedOver };
    const inMemory = remembered.map(({ path, parts }) => ({
      path,
      parts: parts.filter(({ at }) => at >= from),
    }));
    const count = stored.reduce((sum, { count }) => sum + count, countOf(inMemory));
    if (older.length > 0 && count < last) {
      yield {
        older: { paths: older.map(({ path }) => path), from: Math.max(...older.map(({ seam }) => seam!.at)) },
      };
    }
    let left = count - last;
    const merged = mergeByTime([
      ...stored.map((lines) => lines.read()),
      ...inMemory.map(linesOf),
    ]);
    for await (const lines of merged) {
      if (signal.aborted) return;
      if (left < lines.length) yield* itemsOf(left > 0 ? lines.slice(left) : lines);
      left -= lines.length;
    }
  } finally {
    for (const lines of stored) lines[Symbol.dispose]();
  }
}

async function remember(
  path: string,
  { last = Infinity, since = -Infinity, search, level, onRead }: LogReading,
  logs: LogPipeline | undefined,
): Promise<Remembered> {
  const read = () => logs?.recent(path) ?? [];
  let kept = read();
  // More may come in this very millisecond, and nothing says then which lines of it are in memory.
  for (let tries = 0; tries < LOOKS && kept[0]?.at === Date.now(); tries++) {
    await sleep(systemClock, 1);
    kept = read();
  }
  // Before anything else has a turn: what is printed next is not among these.
  onRead?.(path);
  const late = kept.filter((part) => part.at >= since && isWorth(part, level));
  const parts = lastOf(search === undefined ? late : late.flatMap((part) => matching(part, search)), last);
  const isAll = countOf([{ parts }]) >= last;
  return { path, parts, seam: isAll ? undefined : seamOf(kept, logs?.printed(path) ?? 0) };
}

/** Whether a line, or lines, of that level are wanted where none below `least` is. */
export function isWorth(
  { level = "info" }: { readonly level?: LogLevel },
  least: LogLevel = "debug",
): boolean {
  return isLevelShown(level, least);
}

/** Those of its lines that are looked for. */
function matching(part: RecentPart, search: Search): RememberedPart[] {
  const found = part.lines(search);
  return found.length === 0 ? [] : [{ at: part.at, count: found.length, chunks: () => [found] }];
}

/** The last parts that have `count` lines together, and maybe more. */
function lastOf(parts: readonly RememberedPart[], count: number): readonly RememberedPart[] {
  let start = parts.length;
  for (let left = count; left > 0 && start > 0; start--) left -= parts[start - 1]!.count;
  return parts.slice(start);
}

function* linesOf({ path, parts }: Pick<Remembered, "path" | "parts">): Generator<readonly PlacedLine[]> {
  for (const part of parts) {
    for (const lines of part.chunks()) yield lines.map((line) => ({ path, ...line }));
  }
}

function countOf(remembered: readonly Pick<Remembered, "parts">[]): number {
  return remembered.reduce((sum, { parts }) => parts.reduce((sum, { count }) => sum + count, sum), 0);
}

function seamOf(kept: readonly RememberedPart[], printed: number): Seam {
  const [oldest] = kept;
  if (oldest === undefined) return { at: Date.now() };
  const { at } = oldest;
  if (countOf([{ parts: kept }]) === printed) return { at };
  // Lines of the level debug are in no file.
  return { at, kept: countOf([{ parts: kept.filter((part) => part.at === at && part.level !== "debug") }]) };
}

/** When the oldest of the last so many lines came; `-Infinity` where there are fewer. */
function timeOfLast(remembered: readonly Remembered[], last: number): number {
  if (last === 0) return Infinity;
  const parts = remembered.flatMap(({ parts }) => parts).sort((one, other) => other.at - one.at);
  let left = last;
  return parts.find(({ count }) => (left -= count) <= 0)?.at ?? -Infinity;
}

/** Looks for what is wanted in files. */
async function findStored(
  files: readonly PlacedFiles[],
  { reading: { last = Infinity, search, level, signal }, from, seams }: {
    readonly reading: LogReading;
    readonly from: number;
    readonly seams: ReadonlyMap<string, Seam>;
  },
): Promise<StoredLines<FoundLine>[]> {
  const blockSize = Math.max(LEAST_BLOCK, Math.min(LARGEST_BLOCK, Math.floor(READ_BYTES / files.length)));
  const lines = new StoredLineReader();
  const find = ({ paths, ...log }: PlacedFiles): Promise<StoredLines<FoundLine>> =>
    StoredLines.find<FoundLine>(log, {
      read: (text) => lines.read(text),
      // How many of the missing lines are wanted is unknown, unless all are.
      matches: (line) =>
        "lost" in line
          ? search === undefined && level === undefined
          : isWorth(line, level) && search?.(line.line) !== false,
      from,
      last,
      seams: new Map(paths.map((path) => [path, seams.get(path)!])),
      blockSize,
      signal,
    });
  const found: StoredLines<FoundLine>[] = [];
  for (let next = 0; next < files.length; next += LOOKED_AT) {
    const looks = await Promise.allSettled(files.slice(next, next + LOOKED_AT).map(find));
    for (const look of looks) if (look.status === "fulfilled") found.push(look.value);
    const failed = looks.find(({ status }) => status === "rejected");
    if (failed === undefined) continue;
    for (const lines of found) lines[Symbol.dispose]();
    throw (failed as PromiseRejectedResult).reason;
  }
  return found;
}

/** In the parts that are read at once. */
function* itemsOf(lines: readonly FoundLine[]): Generator<LogItem> {
  for (let at = 0; at < lines.length;) {
    const first = lines[at]!;
    if ("lost" in first) {
      yield { lost: first.lost };
      at++;
      continue;
    }
    const end = lines.findIndex((line, index) => index > at && "lost" in line);
    const run = lines.slice(at, end === -1 ? lines.length : end) as PlacedLine[];
    yield* partsOf(run.flatMap((line) => [...piecesOf(line)]));
    at += run.length;
  }
}
