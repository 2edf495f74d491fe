/**
 * Reads what `log_format.ts` has written to a log file: lines of output, and gaps. Events are passed over.
 *
 * Text and JSON are told apart line by line: one file may have both. A text has the line as a terminal shows it, with
 * neither colours nor its level.
 */

import type { DroppedLines, PlacedLine } from "../logs/followed_lines.ts";

/** A line of output, or lines that are missing, with the time of their end. */
export type FoundLine =
  | PlacedLine
  | { readonly path: string; readonly at: number; readonly lost: DroppedLines };

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}/;
const TIME_LENGTH = "2026-11-29 10:02:11.123  ".length;
const SECOND_LENGTH = "2026-11-29 10:02:11".length;
/** A verb has ten columns and two spaces behind; a line without text ends with the verb. */
const OUTPUT = /(\S+)#(\d+) +(stdout|stderr)(?: {6}|$)/y;
const GAP = /(\S+) +lost {8}([\d,]+) lines? .*, (\d\d:\d\d:\d\d)–\d\d:\d\d:\d\d$/y;
const DAY_MS = 86_400_000;

/** Reads the lines of log files. */
export class StoredLineReader {
  /** A second of local time, as it is written: to ask for it takes longer than all else of a line. */
  #second = "";
  #secondAt = 0;

  /** The line of output, or the gap, that `text` is; `undefined` for anything else. */
  read(text: string): FoundLine | undefined {
    return text.startsWith("{") ? fromJson(text) : this.#fromText(text);
  }

  #fromText(text: string): FoundLine | undefined {
    OUTPUT.lastIndex = GAP.lastIndex = TIME_LENGTH;
    const output = OUTPUT.exec(text);
    if (output === null && !text.includes("  lost  ")) return undefined;
    const at = this.#time(text);
    if (at === undefined) return undefined;
    if (output !== null) {
      const [, path, generation, stream] = output;
      const line = text.slice(OUTPUT.lastIndex);
      return { path: path!, at, generation: Number(generation), stream: stream as "stdout" | "stderr", line };
    }
    const [, path, lines, since] = GAP.exec(text) ?? [];
    if (path === undefined) return undefined;
    const began = this.#time(`${text.slice(0, "2026-11-29 ".length)}${since}.000  `)!;
    const from = began > at ? began - DAY_MS : began;
    return { path, at, lost: { path, lines: Number(lines!.replaceAll(",", "")), from, to: at } };
  }

  #time(text: string): number | undefined {
    const second = text.slice(0, SECOND_LENGTH);
    if (second !== this.#second) {
      if (!TIME.test(text)) return undefined;
      const at = Date.parse(second.replace(" ", "T"));
      if (Number.isNaN(at)) return undefined;
      this.#second = second;
      this.#secondAt = at;
    }
    return this.#secondAt + Number(text.slice(SECOND_LENGTH + 1, SECOND_LENGTH + 4));
  }
}

function fromJson(text: string): FoundLine | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { time, type, path, generation, stream, line, level, continues, lines, from } = fields;
  const at = Date.parse(time as string);
  if (Number.isNaN(at) || typeof path !== "string") return undefined;
  if (type === "lines_lost") {
    return { path, at, lost: { path, lines: Number(lines), from: Date.parse(from as string), to: at } };
  }
  if (type !== "output" || typeof line !== "string") return undefined;
  return {
    path,
    at,
    generation: Number(generation),
    stream: stream === "stderr" ? "stderr" : "stdout",
    line,
    ...level !== "info" && { level: level as "error" | "warn" | "debug" },
    ...continues === true && { continues },
  };
}
