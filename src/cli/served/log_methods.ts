/**
 * The method `logs`: the last lines of children, from memory and log files, and those that come.
 *
 * The invariant: of each child every line comes once, in order, or is counted as lost; none between those that were kept
 * and those that come is left out.
 */

import { Refusal } from "../../control/commands.ts";
import { CHILDREN_FIELD, type ControlMethods, countField, optional } from "../../control/methods/method.ts";
import { isNamedBy, select } from "../../control/methods/selection.ts";
import type { StreamRequest } from "../../control/protocol.ts";
import type { CheckedLogFile } from "../../launch/option_types.ts";
import type { WrittenLogs } from "../../launch/log_files.ts";
import { LogFileError } from "../../logs/files/log_file_errors.ts";
import { LOG_LEVELS } from "../../log.ts";
import { FollowedLines, piecesOf } from "../../logs/followed_lines.ts";
import type { LogPipeline } from "../../logs/pipeline.ts";
import { MAX_PATTERN } from "../../options/units.ts";
import type { System } from "../../supervision/tree.ts";
import { PatternError } from "../../text/pattern.ts";
import type { Search } from "../../text/search.ts";
import { isWorth, keptLines, type KeptLogs, type LogItem } from "../logs/kept_lines.ts";
import { lineSearch } from "../logs/line_search.ts";

type LogWish = Omit<Extract<StreamRequest, { method: "logs" }>, "method">;

/** The logs, and the tree whose they are. */
interface LoggedTree {
  readonly system: System;
  readonly logs: LogPipeline;
  /** Those that are written to files. */
  readonly written: readonly CheckedLogFile[];
  /** These files. */
  readonly files: WrittenLogs | undefined;
}

/** The method of a tree's logs. */
export function logMethods({ system, logs, written, files }: LoggedTree): ControlMethods {
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
        level: optional({
          takes: LOG_LEVELS.join(", "),
          fits: (value) => LOG_LEVELS.some((level) => level === value),
        }),
        follow: optional({ takes: "true or false", fits: (value) => typeof value === "boolean" }),
      },
      async *stream(request, { commands, signal }): AsyncGenerator<LogItem, null> {
        const wish = request as LogWish;
        const search = searchOf(wish.grep);
        const stores = written.length === 0 ? undefined : await import("../../launch/log_files.ts");
        const stored = await stores?.placesIn(written) ?? [];
        const { children, startedAt } = commands.status();
        const known = new Set(children.map(({ path }) => path));
        const paths = pathsOf([...known.union(new Set(stored))], wish.children);
        const kept: KeptLogs = {
          memory: { logs, startedAt, known },
          filesOf: (paths) => stores?.filesOf(written, paths) ?? [],
        };
        const reading = { ...wish, paths, search, signal };
        if (!wish.follow) {
          yield* keptLines(reading, kept);
          return null;
        }
        const reader = new FollowedLines();
        // What a child prints before its kept lines are read is among them.
        const unread = new Set(paths);
        const isWanted = wantedPaths(wish.children);
        const unfollow = logs.follow((path, lines) => {
          if (unread.has(path) || !isWanted(path)) return;
          for (const line of lines) {
            if (!isWorth(line, wish.level) || search?.(line.line) === false) continue;
            for (const piece of piecesOf({ path, ...line })) reader.add(piece);
          }
        });
        const wake = () => reader.wake();
        signal.addEventListener("abort", wake);
        readers.add(reader);
        try {
          yield* keptLines({ ...reading, onRead: (path) => unread.delete(path) }, kept);
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
    reopen: {
      fields: { children: optional(CHILDREN_FIELD) },
      async perform({ children }, { commands }): Promise<readonly string[]> {
        if (files === undefined) {
          throw new Refusal("unsupported", "Cannot reopen log files: the tree writes to none");
        }
        const known = commands.status().children.map(({ path }) => path);
        const paths = children === undefined ? undefined : pathsOf(known, children as readonly string[]);
        try {
          return await files.reopen(paths);
        } catch (error) {
          if (!(error instanceof LogFileError)) throw error;
          throw new Refusal(error.code, error.message);
        }
      },
    },
  };
}

/** @throws {Refusal} one of `children` names none of `known` */
function pathsOf(known: readonly string[], children: readonly string[] | undefined): readonly string[] {
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

/** @throws {Refusal} it can't be searched for */
function searchOf(grep: string | undefined): Search | undefined {
  if (grep === undefined) return undefined;
  try {
    return lineSearch(grep);
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof PatternError)) throw error;
    throw new Refusal("bad_request", error.message);
  }
}
