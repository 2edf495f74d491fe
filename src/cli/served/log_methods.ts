/**
 * The method `logs`: the last lines of children, from memory, and those that come.
 *
 * The invariant: of each child every line comes once, in order, or is counted as lost; none between those that were kept
 * and those that come is left out.
 */

import { type CommandHandler, Refusal } from "../../control/commands.ts";
import { CHILDREN_FIELD, type ControlMethods, countField, optional } from "../../control/methods/method.ts";
import { isNamedBy, select } from "../../control/methods/selection.ts";
import type { StreamRequest } from "../../control/protocol.ts";
import {
  FollowedLines,
  type LogPart,
  partsOf,
  piecesOf,
  type PlacedLine,
} from "../../logs/followed_lines.ts";
import type { LogPipeline } from "../../logs/pipeline.ts";
import { RECENT_LINES } from "../../logs/recent.ts";
import { MAX_PATTERN } from "../../options/units.ts";
import type { System } from "../../supervision/tree.ts";
import { PatternError } from "../../text/pattern.ts";
import { COLOURS } from "../../text/printable.ts";
import { type Search, searchFor } from "../../text/search.ts";
import { eventLoop } from "../../time/next_turn.ts";

/** Children of which lines were asked for that are no longer kept: all of them are from before `from`. */
export interface OlderLines {
  readonly paths: readonly string[];
  /** Milliseconds since 1970. */
  readonly from: number;
}

/** An item of `logs`. */
export type LogItem = LogPart | { readonly older: OlderLines };

type LogWish = Omit<Extract<StreamRequest, { method: "logs" }>, "method">;

/** The logs, and the tree whose they are. */
interface LoggedTree {
  readonly system: System;
  readonly logs: LogPipeline;
}

/** Milliseconds after which the event loop has its turn while kept lines are read. */
const TURN_MS = 10;

/** The method of a tree's logs. */
export function logMethods({ system, logs }: LoggedTree): ControlMethods {
  const readers = new Set<FollowedLines>();
  let isOver = false;
  void system.ended.then(() => {
    isOver = true;
    for (const reader of readers) reader.wake();
  });
  return {
    logs: {
      fields: {
        children: optional(CHILDREN_FIELD),
        last: optional(countField(0)),
        since: optional({ takes: "milliseconds since 1970", fits: Number.isFinite }),
        grep: optional({ takes: `a pattern of at most ${MAX_PATTERN} characters`, fits: isGrep }),
        follow: optional({ takes: "true or false", fits: (value) => typeof value === "boolean" }),
      },
      async *stream(request, { commands, signal }): AsyncGenerator<LogItem, null> {
        const wish = request as LogWish;
        const search = searchOf(wish.grep);
        const paths = pathsOf(commands, wish.children);
        if (!wish.follow) {
          yield* keptLines(logs, { wish, search, signal }, paths);
          return null;
        }
        const reader = new FollowedLines();
        // What a child prints before its kept lines are read is among them.
        const unread = new Set(paths);
        const isWanted = wantedPaths(wish.children);
        const unfollow = logs.follow((path, lines) => {
          if (unread.has(path) || !isWanted(path)) return;
          for (const line of lines) {
            if (search?.(line.line) === false) continue;
            for (const piece of piecesOf({ path, ...line })) reader.add(piece);
          }
        });
        const wake = () => reader.wake();
        signal.addEventListener("abort", wake);
        readers.add(reader);
        try {
          yield* keptLines(logs, { wish, search, signal, onRead: (path) => unread.delete(path) }, paths);
          while (!signal.aborted) {
            const part = reader.read();
            if (part !== undefined) yield part;
            else if (isOver) break;
            else await reader.news();
          }
        } finally {
          unfollow();
          signal.removeEventListener("abort", wake);
          readers.delete(reader);
        }
        return null;
      },
    },
  };
}

/** How kept lines are read. */
interface Reading {
  readonly wish: LogWish;
  readonly search: Search | undefined;
  readonly signal: AbortSignal;
  /** Called when those of a child were read. */
  readonly onRead?: (path: string) => void;
}

/** The lines of `paths` that are kept, merged by time. The event loop has its turn now and then. */
async function* keptLines(
  logs: LogPipeline,
  { wish: { last = Infinity, since = -Infinity }, search, signal, onRead }: Reading,
  paths: readonly string[],
): AsyncGenerator<LogItem> {
  const found: PlacedLine[] = [];
  const older = { paths: [] as string[], from: -Infinity };
  let turnAt = performance.now();
  for (const path of paths) {
    if (signal.aborted) return;
    const readsAll = search !== undefined || since > -Infinity;
    const kept = logs.recent(path, readsAll ? RECENT_LINES : last);
    onRead?.(path);
    const [oldest] = kept;
    const isCut = kept.length < logs.printed(path) && (readsAll || kept.length < last);
    if (oldest !== undefined && isCut && oldest.at > since) {
      older.paths.push(path);
      older.from = Math.max(older.from, oldest.at);
    }
    const wanted = kept.filter(({ at, line }) => at >= since && search?.(line) !== false);
    for (const line of lastOf(wanted, last)) found.push({ path, ...line });
    if (performance.now() - turnAt < TURN_MS) continue;
    await new Promise<void>((resolve) => eventLoop.setImmediate(resolve));
    turnAt = performance.now();
  }
  if (older.paths.length > 0 && found.length < last) yield { older };
  found.sort((one, other) => one.at - other.at);
  yield* partsOf(lastOf(found, last).flatMap((line) => [...piecesOf(line)]));
}

function lastOf<Item>(items: readonly Item[], count: number): readonly Item[] {
  return items.slice(Math.max(0, items.length - count));
}

/** @throws {Refusal} one of `children` names none */
function pathsOf(commands: CommandHandler, children: readonly string[] | undefined): readonly string[] {
  const known = commands.status().children.map(({ path }) => path);
  if (children === undefined) return known;
  const { unmatched: [unmatched] } = select(children, known);
  if (unmatched !== undefined) {
    throw new Refusal("not_found", `Cannot find '${unmatched}': it names no child`, { child: unmatched });
  }
  return known.filter(wantedPaths(children));
}

/** Whether what comes from a path is wanted; each path is compared once. */
function wantedPaths(children: readonly string[] | undefined): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    if (children === undefined) return true;
    let isWanted = known.get(path);
    if (isWanted === undefined) known.set(path, isWanted = isNamedBy(children, path));
    return isWanted;
  };
}

function isGrep(value: unknown): boolean {
  return typeof value === "string" && value.length <= MAX_PATTERN;
}

/** Searches a line as it is read, without colours. @throws {Refusal} it can't be searched for */
function searchOf(grep: string | undefined): Search | undefined {
  if (grep === undefined) return undefined;
  let search: Search;
  try {
    search = searchFor(grep);
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof PatternError)) throw error;
    throw new Refusal("bad_request", error.message);
  }
  return (line) => search(line.replace(COLOURS, ""));
}
