/**
 * The logs of one tree: what its children print and what happens to them, on the way to all sinks.
 *
 * Made by `LaunchedTree`, which hands it to the tree: sidecars give it what they print, in batches; the actor kernel gives
 * it events, in the turn in which they happen. Each sink has an outlet of its own (`outlet.ts`). The invariant: for each
 * sink, what was written of a child, what was counted as lost and what still waits is together what came.
 */

import type { SystemEvent } from "../events.ts";
import type { OutputLog, PlainLines } from "../process/output_log.ts";
import { errorMessage } from "../actor/user_value.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { LaneMemory } from "./child_lane.ts";
import { Outlet } from "./outlet.ts";
import { ReadPace } from "./read_pace.ts";
import { type RecentLine, RecentLines, type RecentPart } from "./recent.ts";
import { type OpenSink, type SinkOptions, STALL_AFTER_MS } from "./sink.ts";

/** Adds events of its own behind one of the tree's. */
export type MoreEvents = (event: SystemEvent, isFirst: boolean) => Iterable<SystemEvent>;

/** Gets the lines of the child at `path` as they come; see {@linkcode LogPipeline.follow}. */
export type LineListener = (path: string, lines: readonly RecentLine[]) => void;

interface Opened {
  readonly outlet: Outlet;
  readonly options: SinkOptions;
}

/** The logs of one tree. */
export class LogPipeline implements OutputLog {
  readonly #clock: Clock;
  readonly #memory = new LaneMemory();
  readonly #pace: ReadPace;
  /** Sinks for many places. */
  readonly #shared: Opened[] = [];
  /** Chooses a sink for one place alone. */
  readonly #choices: ((path: string) => SinkOptions | undefined)[] = [];
  /** Those of one place alone. */
  readonly #own = new Map<string, readonly Opened[]>();
  /** By place, all that get what comes from there. */
  readonly #outlets = new Map<string, readonly Opened[]>();
  /** Ends of sinks whose places are no longer in the tree. */
  readonly #closing = new Set<Promise<void>>();
  readonly #recent = new Map<string, RecentLines>();
  readonly #listeners = new Set<LineListener>();
  readonly #more: MoreEvents;
  #isFirst = true;

  constructor(
    { clock = systemClock, more = () => [] }: { clock?: Clock; more?: MoreEvents | undefined } = {},
  ) {
    this.#clock = clock;
    this.#pace = new ReadPace(clock);
    this.#more = more;
  }

  /** Writes to one more sink, from now on. */
  open(options: SinkOptions): OpenSink {
    const outlet = new Outlet(options, this.#memory, this.#clock);
    this.#shared.push({ outlet, options });
    this.#outlets.clear();
    return outlet;
  }

  /** Writes to a sink of its own for each place that `choose` has one for. Asked once a place, with its first line or event. */
  openEach(choose: (path: string) => SinkOptions | undefined): void {
    this.#choices.push(choose);
    this.#outlets.clear();
  }

  /** Closes all sinks, see {@linkcode OpenSink.close}. */
  async close(patience: number, signal?: AbortSignal): Promise<void> {
    this.#pace.wake();
    const all = [...this.#shared, ...[...this.#own.values()].flat()];
    await Promise.all([...all.map(({ outlet }) => outlet.close(patience, signal)), ...this.#closing]);
  }

  /** The last lines of the child at `path`, oldest first, over all its incarnations; at most 1,000, and 256 KiB. */
  recent(path: string): readonly RecentPart[] {
    return this.#recent.get(path)?.parts() ?? [];
  }

  /** How many lines the child at `path` has printed, with those that are no longer kept. */
  printed(path: string): number {
    return this.#recent.get(path)?.count ?? 0;
  }

  /** When the child at `path` printed its last line: milliseconds since 1970. */
  lastOutput(path: string): number | undefined {
    return this.#recent.get(path)?.lastAt;
  }

  /** Resolves to whether what the child at `path` has printed by now comes to all its files within `within` milliseconds. */
  async written(path: string, within: number): Promise<boolean> {
    const files = this.#outletsOf(path).filter(({ options }) => options.isFile);
    const all = await Promise.all(files.map(({ outlet }) => outlet.written(path, within)));
    return !all.includes(false);
  }

  /** Calls `listener` with lines as they come, until the returned function is called. */
  follow(listener: LineListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  // --- For the tree -------------------------------------------------------------

  /** For the kernel: an event, or a line of output as one. Never throws. */
  see(event: SystemEvent): void {
    this.#add(event);
    for (const one of this.#more(event, this.#isFirst)) this.#add(one);
    this.#isFirst = false;
    if (event.type === "forgotten") this.#forget(event.path);
  }

  /** For sidecars: lines that need not be looked at one by one. */
  plain(lines: PlainLines): void {
    const { at, path, generation, stream, text, count } = lines;
    this.#pace.note(text.length, count);
    this.#recentOf(path).add(text, { at, generation, stream }, count);
    for (const { outlet, options } of this.#outletsOf(path)) {
      const shown = options.format.plain(lines);
      if (shown === undefined) continue;
      outlet.add(path, { at, text: shown, lines: count }, { isDroppable: true });
    }
    if (this.#listeners.size === 0) return;
    this.#tell(path, text.slice(0, -1).split("\n").map((line) => ({ at, generation, stream, line })));
  }

  /** For sidecars: what to wait for before more is read of the child at `path`. */
  room(path: string, isUnhurried = false): Promise<void> | undefined {
    let all = this.#pace.room(isUnhurried);
    for (const { outlet } of this.#outletsOf(path)) {
      const room = outlet.room(path);
      if (room !== undefined) all = all === undefined ? room : Promise.all([all, room]).then(() => {});
    }
    return all;
  }

  #add(event: SystemEvent): void {
    const { at, path, type } = event;
    if (type === "output") this.#keep(event);
    const isDroppable = type === "output" || type === "malformed" || type === "dead_letter";
    for (const { outlet, options } of this.#outletsOf(path)) {
      if (type !== "output" && options.events === false) continue;
      const line = formatted(event, options);
      if (line === undefined) continue;
      const lines = type === "output" ? 1 : 0;
      outlet.add(path, { at, text: `${line}\n`, lines }, { isDroppable });
    }
  }

  #keep({ at, path, generation, stream, line, level, continues }: SystemEvent & { type: "output" }): void {
    this.#pace.note(line.length, 1);
    const known = { at, generation, stream, ...level && { level }, ...continues && { continues } };
    this.#recentOf(path).add(line, known);
    if (this.#listeners.size > 0) this.#tell(path, [{ ...known, line }]);
  }

  #tell(path: string, lines: readonly RecentLine[]): void {
    for (const listener of this.#listeners) listener(path, lines);
  }

  #outletsOf(path: string): readonly Opened[] {
    let outlets = this.#outlets.get(path);
    if (outlets === undefined) {
      const shared = this.#shared.filter(({ options }) => options.takes?.(path) !== false);
      this.#outlets.set(path, outlets = [...shared, ...this.#ownOf(path)]);
    }
    return outlets;
  }

  #ownOf(path: string): readonly Opened[] {
    let own = this.#own.get(path);
    if (own === undefined) {
      own = this.#choices.flatMap((choose) => {
        const options = choose(path);
        return options === undefined
          ? []
          : [{ outlet: new Outlet(options, this.#memory, this.#clock), options }];
      });
      this.#own.set(path, own);
    }
    return own;
  }

  #recentOf(path: string): RecentLines {
    let recent = this.#recent.get(path);
    if (recent === undefined) this.#recent.set(path, recent = new RecentLines());
    return recent;
  }

  #forget(path: string): void {
    this.#recent.delete(path);
    this.#outlets.delete(path);
    for (const { outlet } of this.#shared) outlet.forget(path);
    for (const { outlet } of this.#own.get(path) ?? []) {
      const closing: Promise<void> = outlet.close(STALL_AFTER_MS).finally(() =>
        this.#closing.delete(closing)
      );
      this.#closing.add(closing);
    }
    this.#own.delete(path);
  }
}

/** An actor may emit anything. What can't be shown is named. */
function formatted(event: SystemEvent, { format }: SinkOptions): string | undefined {
  try {
    return format.event(event);
  } catch (thrown) {
    const { at, path, generation } = event;
    const message = `an event can't be shown: ${errorMessage(thrown)}`;
    return format.event({ at, path, generation, type: "warning", message });
  }
}
