/**
 * Formats events as the lines of a timeline: time, actor, event, details; lines of output that came together at once.
 *
 * The actor is a path and its generation, `workers/w1#2`: two lines with the same
 * name may be about two processes. The tree itself, which is never started
 * again, has none.
 */

import type { SystemEvent } from "../events.ts";
import { clockTime, localDate } from "./clock_time.ts";
import { EventEntries, type EventEntry, LEVEL_TINTS, type Tint } from "./event_entries.ts";
import type { FramedLines } from "../logs/plain_text.ts";
import { visible } from "../text/printable.ts";
import type { Gap } from "../logs/sink.ts";
import type { PlainLines } from "../process/output_log.ts";
import { formatCount, printableLine } from "../text/words.ts";

/** Options of a {@linkcode Timeline}. */
export interface TimelineOptions {
  /** The tree's name: it stands for the path of the root. */
  readonly name: string;
  /** The longest path in the tree, in characters, so that columns line up. */
  readonly width: number;
  /** Whether to colour. */
  readonly color: boolean;
  /** The local time of the day, with its date or without, or the seconds since the first event. */
  readonly time: "clock" | "date" | "elapsed";
}

const TINTS: Readonly<Record<Tint, string>> = { good: "32", bad: "31", warn: "33", dim: "2", plain: "" };
/** The colours of children, in turn. */
const CHILD_COLOURS = ["36", "35", "34", "33", "32", "96", "95", "94"];
/** Stands behind a piece of a line that goes on, and before the one that goes on with it. */
const CONTINUES = "…";
/** Paths longer than this push their line out of the columns. */
const MAX_WIDTH = 32;
const VERB_WIDTH = 10;

/** Turns events into lines, and counts time from the first one. */
export class Timeline {
  readonly #options: TimelineOptions;
  readonly #entries: EventEntries;
  /** Of the column of names: it grows with the generations. */
  #width: number;
  /** The colour of each child that has had a line. */
  readonly #colours = new Map<string, string>();
  /** Streams whose last line goes on. */
  readonly #unfinished = new Set<string>();
  #since: number | undefined;
  /** A second of the clock, up to its point: to ask for local time takes longer than all else in a line. */
  #second: { readonly at: number; readonly text: string } | undefined;

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#entries = new EventEntries(options.time);
    const [paths, name] = [options.width, options.name.length].map((width) => Math.min(MAX_WIDTH, width));
    this.#width = Math.max(paths! + "#1".length, name!);
  }

  /** Takes every event, also those without a line: the line of a stop names what ended the sidecar. */
  see(event: SystemEvent): void {
    this.#since ??= event.at;
    this.#entries.see(event);
  }

  /** The line for `event`, or `undefined` where it says nothing that another line does not say. */
  line(event: SystemEvent): string | undefined {
    const entry = this.#entries.entryOf(event);
    return entry && this.#line(event, entry);
  }

  /** The lines for plain lines of output. */
  lines({ text, ...from }: PlainLines): FramedLines {
    return { before: this.#start(from, [from.stream, LEVEL_TINTS.info]), text, after: "" };
  }

  /** The line where lines and events are missing. */
  gap({ path, lines, events, from, to }: Gap): string {
    const what = [
      ...lines > 0 ? [formatCount(lines, "line")] : [],
      ...events > 0 ? [formatCount(events, "event")] : [],
    ];
    const start = this.#start({ at: to, path, generation: 0 }, ["lost", "warn"]);
    const [since, until] = [from, to].map((at) => clockTime(at).slice(0, "hh:mm:ss".length));
    return `${start}${what.join(" and ")} of ${visible(path)}, ${since}–${until}`;
  }

  #line(event: SystemEvent, [verb, tint, text]: EventEntry): string {
    // The tabs of a sidecar's own lines stay.
    const detail = event.type === "output" ? this.#piece(event) : visible(text);
    return `${this.#start(event, [verb, tint])}${detail}`.trimEnd();
  }

  /** A line of output, with marks where it is a piece of a longer one. */
  #piece({ path, stream, line, continues }: SystemEvent & { type: "output" }): string {
    const key = `${stream} ${path}`;
    const before = this.#unfinished.delete(key) ? CONTINUES : "";
    if (continues) this.#unfinished.add(key);
    return `${before}${printableLine(line)}${continues ? CONTINUES : ""}`;
  }

  /** What stands before the details: the time, the actor and the verb. */
  #start(
    event: Pick<SystemEvent, "at" | "path" | "generation">,
    [verb, tint]: readonly [verb: string, tint: Tint],
  ): string {
    const painted = this.#paint(verb.padEnd(VERB_WIDTH), tint);
    return `${this.#paint(this.#time(event.at), "dim")}  ${this.#who(event)}  ${painted}  `;
  }

  #time(at: number): string {
    const since = this.#since ??= at;
    const { time } = this.#options;
    if (time === "elapsed") return ((at - since) / 1_000).toFixed(3).padStart(8);
    const second = at - at % 1_000;
    if (second !== this.#second?.at) {
      const text = clockTime(second).slice(0, -"000".length);
      this.#second = { at: second, text: time === "clock" ? text : `${localDate(at)} ${text}` };
    }
    return this.#second.text + String(at - second).padStart(3, "0");
  }

  #who({ path, generation }: Pick<SystemEvent, "path" | "generation">): string {
    const isTree = path === "/";
    const name = visible(isTree ? this.#options.name : path);
    const number = isTree || generation === 0 ? "" : `#${generation}`;
    const length = name.length + number.length;
    if (name.length <= MAX_WIDTH) this.#width = Math.max(this.#width, length);
    const padding = " ".repeat(Math.max(0, this.#width - length));
    return (isTree ? name : this.#coloured(name, path) + this.#paint(number, "dim")) + padding;
  }

  #coloured(name: string, path: string): string {
    if (!this.#options.color) return name;
    let colour = this.#colours.get(path);
    if (colour === undefined) {
      colour = CHILD_COLOURS[this.#colours.size % CHILD_COLOURS.length]!;
      this.#colours.set(path, colour);
    }
    return `\x1b[${colour}m${name}\x1b[0m`;
  }

  #paint(text: string, tint: Tint): string {
    return this.#options.color && TINTS[tint] !== "" ? `\x1b[${TINTS[tint]}m${text}\x1b[0m` : text;
  }
}
