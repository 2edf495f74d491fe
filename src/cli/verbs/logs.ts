/**
 * `outrider logs`
 */

import type { LogLevel } from "../../events.ts";
import { jsonGap, jsonLine, LOG_LEVELS } from "../../log.ts";
import type { StreamRequest } from "../../control/protocol.ts";
import type { DroppedLines, PlacedLine } from "../../logs/followed_lines.ts";
import { BufferedStdout } from "../../report/output/buffered_stdout.ts";
import { clockTime, localDate } from "../../report/clock_time.ts";
import { Timeline } from "../../report/timeline.ts";
import { PatternError } from "../../text/pattern.ts";
import type { Search } from "../../text/search.ts";
import { printableLine } from "../../text/words.ts";
import type { LogItem, OlderLines } from "../logs/kept_lines.ts";
import { EXIT, type ExitCode, printErrors, printErrorsEscaped, UsageError, type Verb } from "../verb.ts";
import { readTreeArgs, withTree } from "../control/request.ts";
import { pastTime } from "../since.ts";

/** Lines, where nothing else says how many. */
const DEFAULT_LINES = "100";
/**
 * Parts that may be under way: as few as the connection's own buffer takes, so that a client that is suspended (Ctrl-Z)
 * keeps its connection. What comes meanwhile waits, and is counted, in the runtime.
 */
const CREDIT = 2;
/** Children that a message names. */
const NAMED = 3;

/** Prints the last lines of children, merged by time, and with `-f` those that come. */
export const logsVerb: Verb = async (args) => {
  const { target, rest, timeout, values } = await readTreeArgs(args, {
    follow: { type: "boolean", short: "f" },
    lines: { type: "string", short: "n" },
    since: { type: "string" },
    grep: { type: "string" },
    level: { type: "string" },
    json: { type: "boolean" },
  }, { names: [], most: Infinity });
  const { json = false, follow = false, grep } = values;
  const since = values.since === undefined ? undefined : sinceOf(values.since);
  const last = linesOf(values.lines ?? (since === undefined ? DEFAULT_LINES : undefined));
  const level = values.level === undefined ? undefined : levelIn(values.level);
  const search = grep === undefined ? undefined : await searchOf(grep);
  const children = rest.length > 0 ? rest : undefined;
  const stored = async () => {
    if (target.file === undefined || follow) return undefined;
    const { storedLogs } = await import("../logs/stored_logs.ts");
    const signal = new AbortController().signal;
    const found = await storedLogs(target.file, { children, last, since, search, level, signal });
    if (found === undefined) return undefined;
    await printErrorsEscaped(`No runtime listens for ${target.file}: these are the lines of its log files`);
    return await printItems(found.items, json ? new JsonLines() : new TextLines(found));
  };
  return await withTree(
    { target, acts: false, timeout, goesOn: true, json, unreached: stored },
    async (client) => {
      const { name, children: all } = await client.request({ method: "status" });
      const request = {
        method: "logs",
        last,
        since,
        grep,
        level,
        follow,
        ...children && { children },
      } satisfies StreamRequest;
      const items = client.stream<LogItem>(request, { credit: CREDIT });
      const paths = all.map(({ path }) => path);
      return await printItems(items, json ? new JsonLines() : new TextLines({ name, paths }));
    },
  );
};

async function printItems(items: AsyncIterable<LogItem>, write: LineWriter): Promise<ExitCode> {
  const output = new BufferedStdout(Deno.stdout);
  for await (const item of items) {
    if ("passedOver" in item) {
      await printErrorsEscaped(`Passing over ${item.passedOver.file}: ${item.passedOver.why}`);
      continue;
    }
    if ("older" in item) {
      await printErrorsEscaped(olderText(item.older));
      continue;
    }
    const lines = "lost" in item ? [write.lost(item.lost)] : item.lines.map((line) => write.line(line));
    output.write(lines.map((line) => `${line}\n`).join(""));
    // Not more than one part waits here, so that losses are counted at one place.
    await output.flush();
    if (output.isBroken) break;
  }
  if (output.error !== undefined) {
    await printErrors(`Cannot write to standard output: ${printableLine(output.error.message)}`);
    return EXIT.FAILED;
  }
  return EXIT.OK;
}

/** @throws {UsageError} */
function sinceOf(text: string): number {
  const at = pastTime(text, Date.now());
  if (at !== undefined) return at;
  throw new UsageError(
    `Cannot use --since ${text}: it takes a duration, such as 10m, a time of the day, such as 10:02, or a date with one, ` +
      "such as 2026-11-29T10:02",
  );
}

/** @throws {UsageError} */
function linesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot use --lines ${text}: it takes a whole number`);
}

/** @throws {UsageError} */
function levelIn(text: string): LogLevel {
  const level = LOG_LEVELS.find((level) => level === text);
  if (level !== undefined) return level;
  throw new UsageError(`Cannot use --level ${text}: it takes ${LOG_LEVELS.join(", ")}`);
}

/** Searches lines without their colours. The runtime would refuse it, too; here it is a wrong command line. @throws {UsageError} */
async function searchOf(grep: string): Promise<Search> {
  const { lineSearch } = await import("../logs/line_search.ts");
  try {
    return lineSearch(grep);
  } catch (error) {
    if (error instanceof PatternError) throw new UsageError(`Cannot use --grep ${grep}: ${error.why}`);
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`Cannot use --grep ${grep}: ${error.message}`);
  }
}

function olderText({ paths, from }: OlderLines): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : "";
  const names = `${paths.slice(0, NAMED).join(", ")}${more}`;
  const time = `${localDate(from)} ${clockTime(from)}`;
  return `Not all lines from before ${time} are in memory any more, of ${names}`;
}

/** How lines are written: as `up` does. */
interface LineWriter {
  line(line: PlacedLine): string;
  lost(lost: DroppedLines): string;
}

class JsonLines implements LineWriter {
  line(line: PlacedLine): string {
    return jsonLine({ ...line, type: "output" });
  }

  lost(lost: DroppedLines): string {
    return jsonGap({ ...lost, events: 0 });
  }
}

class TextLines implements LineWriter {
  readonly #name: string;
  readonly #width: number;
  #timeline: Timeline | undefined;

  constructor({ name, paths }: { readonly name: string; readonly paths: readonly string[] }) {
    this.#name = name;
    this.#width = Math.max(0, ...paths.map((path) => path.length));
  }

  line(line: PlacedLine): string {
    return this.#timelineFrom(line.at).line({ ...line, type: "output" })!;
  }

  lost(lost: DroppedLines): string {
    return this.#timelineFrom(lost.from).gap({ ...lost, events: 0 });
  }

  /** The first line is the oldest: where it is of another day, lines have their date, as in anything but a terminal. */
  #timelineFrom(at: number): Timeline {
    const isTerminal = Deno.stdout.isTerminal();
    return this.#timeline ??= new Timeline({
      name: this.#name,
      width: this.#width,
      color: isTerminal && !Deno.noColor,
      time: isTerminal && localDate(at) === localDate(Date.now()) ? "clock" : "date",
    });
  }
}
