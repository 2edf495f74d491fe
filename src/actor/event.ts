/**
 * What happens in a tree, as one union of plain data.
 *
 * Every event names the place and the generation it is about. The stream is
 * bounded, in number and in bytes: a reader that is too slow loses the oldest
 * events and is told how many.
 *
 * @module
 */

import type { Exit } from "./exit.ts";
import { heldBytes } from "./event_size.ts";
import { Ring } from "./ring.ts";

/** Why a message reached nobody. */
export type DeadLetterReason =
  | "mailbox_full"
  | "actor_stopped"
  | "late_reply"
  | "refused"
  | "unclaimed"
  | "in_flight";

/** What every event carries. */
export interface EventBase {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The place in the tree, such as `workers/w1`; `/` is the root supervisor. */
  readonly path: string;
  /** The incarnation, counted from 1; 0 before the first. */
  readonly generation: number;
}

/** What happened, without the fields common to all. */
export type Happening =
  /** An incarnation begins to start. */
  | { readonly type: "starting" }
  /** A process was spawned for this incarnation. */
  | { readonly type: "spawned"; readonly pid: number; readonly program: string }
  /** The incarnation is ready; `took` ms since `starting`. */
  | { readonly type: "ready"; readonly took: number }
  /** The start succeeded, but there is nothing to run. */
  | { readonly type: "ignored" }
  /** The incarnation never got ready. */
  | { readonly type: "start_failed"; readonly cause: Error }
  /** The supervisor asks it to stop. */
  | { readonly type: "stopping" }
  /** A step of the stop ladder begins. */
  | { readonly type: "stop_step"; readonly step: string }
  /** The incarnation ended by itself after `uptime` ms. */
  | { readonly type: "exited"; readonly exit: Exit; readonly uptime: number }
  /** The incarnation ended because it was told to; `took` ms since `stopping`. */
  | { readonly type: "stopped"; readonly exit: Exit; readonly took: number }
  /** It will not be started again: it ended as its restart type allows (`keep`: by hand only). */
  | { readonly type: "finished"; readonly verdict: "keep" | "forget" }
  /** The supervisor will start it again in `delay` ms; restart number `restart` within the window. */
  | { readonly type: "restarting"; readonly delay: number; readonly restart: number; readonly limit: number }
  /** The supervisor has had more than `limit` restarts within `within` ms, and ends. */
  | {
    readonly type: "gave_up";
    readonly limit: number;
    readonly within: number;
    readonly cause: Error | undefined;
  }
  /** It failed more often than its supervisor's intensity allows, and is held back: `coolDown` ms, or until somebody starts it. */
  | {
    readonly type: "quarantined";
    readonly coolDown: number | undefined;
    readonly cause: Error | undefined;
  }
  /** A supervisor begins, with these children, none of which runs yet; `generation` is that of their last life. */
  | {
    readonly type: "supervising";
    readonly children: readonly {
      readonly id: string;
      readonly kind: "worker" | "supervisor";
      readonly generation: number;
    }[];
  }
  /** Its supervisor knows it from now on, behind its other children. */
  | { readonly type: "added"; readonly kind: "worker" | "supervisor" }
  /** Its supervisor knows it no more. */
  | { readonly type: "forgotten" }
  /** Its start failed and will be tried again, as soon as its supervisor has done what came before. */
  | { readonly type: "retrying" }
  /** It was to be started again, or looked at by its supervisor, and is not any more: it stays stopped. */
  | { readonly type: "called_off" }
  /** Its readiness probe has changed its mind since it got ready; `cause` is the last failure of one that is not. */
  | { readonly type: "readiness"; readonly ready: boolean; readonly cause: Error | undefined }
  /** Pipes outlived their process (a grandchild holds them) and were closed after the drain deadline. */
  | { readonly type: "pipes_held"; readonly waited: number }
  /** Processes of its group outlived the one that was started, and were ended with SIGKILL. */
  | { readonly type: "leftovers_killed" }
  /**
   * Of the whole tree, at its start: how far a stop reaches, and what ends the processes if the runtime is killed.
   */
  | {
    readonly type: "contained";
    readonly stop: "tree" | "process";
    readonly hostDeath: "guard" | "sweep" | "eof";
  }
  /**
   * A process that was left behind was ended, or is there in spite of SIGKILL: by the run before, or, with `leftBy`, by
   * that incarnation, in a session of its own.
   */
  | { readonly type: "swept"; readonly pid: number; readonly ended: boolean; readonly leftBy?: "child" }
  /** Something is wrong with what was started all the same; `message` is a clause. */
  | { readonly type: "warning"; readonly message: string }
  /** A line of output: stderr, or stdout of a sidecar without protocol. */
  | { readonly type: "output"; readonly stream: "stdout" | "stderr"; readonly line: string }
  /** Output that is no message: `sample` of this one, `total` so far, and the bytes that were `discarded` for it so far. */
  | {
    readonly type: "malformed";
    readonly kind: string;
    readonly bytes: number;
    readonly sample: string;
    readonly total: number;
    readonly discarded: number;
  }
  /** A message, or a reply, reached nobody. */
  | { readonly type: "dead_letter"; readonly reason: DeadLetterReason; readonly message: unknown }
  /** The reader of the stream was too slow: so many events are missing here. */
  | { readonly type: "events_lost"; readonly count: number };

/** One event of a tree. */
export type SystemEvent = EventBase & Happening;

/**
 * Events that wait for a slow reader, at most; the oldest go first. Events that one sidecar can make without end
 * (output, what is malformed, dead letters) are counted apart: a flood of them pushes out none of the others.
 */
export const EVENT_BUFFER = 4_096;

/**
 * Bytes of events that wait for a slow reader, at most, in the same way; one event larger than that waits alone. A string
 * counts as its length, a view as its buffer, an event with more than 10,000 values in it as 1 MiB at least.
 */
export const EVENT_BYTES = 4_194_304;

function isChatter({ type }: SystemEvent): boolean {
  return type === "output" || type === "malformed" || type === "dead_letter";
}

/** Where events are told and read. */
export class EventBus {
  readonly #readers = new Set<EventReader>();
  #closed = false;

  /** Whether anybody reads: events that cost something to make need not be made otherwise. */
  get observed(): boolean {
    return this.#readers.size > 0;
  }

  /** Tells all readers. Never waits, never throws. */
  emit(event: SystemEvent): void {
    let bytes: number | undefined;
    for (const reader of this.#readers) {
      if (reader.waits) reader.give(event);
      else reader.keep(event, bytes ??= heldBytes(event));
    }
  }

  /** The events from now on, until {@linkcode EventBus.close} or the reader leaves its loop. */
  read(): AsyncIterableIterator<SystemEvent> {
    const reader = new EventReader(this.#readers);
    if (this.#closed) reader.end();
    else this.#readers.add(reader);
    return reader;
  }

  /** Ends all streams, behind what is still unread. */
  close(): void {
    this.#closed = true;
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }
}

interface Kept {
  readonly number: number;
  readonly event: SystemEvent;
  readonly bytes: number;
}

/** Events that wait for their reader, oldest first. */
class Backlog {
  readonly #kept = new Ring<Kept>();
  #bytes = 0;

  get size(): number {
    return this.#kept.size;
  }

  /** The number of the first; only to be asked for when `size` is not 0. */
  get first(): number {
    return this.#kept.peek().number;
  }

  /** Adds one; how many of the oldest had to go for that. */
  add(kept: Kept): number {
    let gone = 0;
    for (; this.size >= EVENT_BUFFER || (this.size > 0 && this.#bytes + kept.bytes > EVENT_BYTES); gone++) {
      this.take();
    }
    this.#kept.push(kept);
    this.#bytes += kept.bytes;
    return gone;
  }

  /** Takes the first; only to be called when `size` is not 0. */
  take(): SystemEvent {
    const { event, bytes } = this.#kept.shift();
    this.#bytes -= bytes;
    return event;
  }

  /** When the first happened; only to be asked for when `size` is not 0. */
  get at(): number {
    return this.#kept.peek().event.at;
  }
}

class EventReader implements AsyncIterableIterator<SystemEvent> {
  readonly #readers: Set<EventReader>;
  readonly #life = new Backlog();
  readonly #chatter = new Backlog();
  #number = 0;
  #lost = 0;
  #ended = false;
  /** Calls of `next` that wait, in order. */
  readonly #waiting = new Ring<(result: IteratorResult<SystemEvent>) => void>();

  constructor(readers: Set<EventReader>) {
    this.#readers = readers;
  }

  /** Whether a call of `next` waits for an event. */
  get waits(): boolean {
    return this.#waiting.size > 0;
  }

  /** For one who waits. */
  give(event: SystemEvent): void {
    this.#waiting.shift()({ value: event, done: false });
  }

  /** For later. */
  keep(event: SystemEvent, bytes: number): void {
    const backlog = isChatter(event) ? this.#chatter : this.#life;
    this.#lost += backlog.add({ number: this.#number++, event, bytes });
  }

  end(): void {
    this.#ended = true;
    while (this.#waiting.size > 0) this.#waiting.shift()({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<SystemEvent>> {
    const backlog = this.#older();
    if (backlog !== undefined) {
      if (this.#lost === 0) return Promise.resolve({ value: backlog.take(), done: false });
      const value: SystemEvent = {
        at: backlog.at,
        path: "/",
        generation: 0,
        type: "events_lost",
        count: this.#lost,
      };
      this.#lost = 0;
      return Promise.resolve({ value, done: false });
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<SystemEvent>> {
    this.#readers.delete(this);
    this.end();
    while (this.#life.size > 0) this.#life.take();
    while (this.#chatter.size > 0) this.#chatter.take();
    return Promise.resolve({ value: undefined, done: true });
  }

  /** The backlog with the event that came first. */
  #older(): Backlog | undefined {
    const [life, chatter] = [this.#life, this.#chatter];
    if (chatter.size === 0) return life.size === 0 ? undefined : life;
    if (life.size === 0) return chatter;
    return life.first < chatter.first ? life : chatter;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
