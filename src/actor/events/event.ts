/**
 * The stream of a tree's events, and those that the actor kernel emits.
 *
 * Every event names the address and the generation it is about. The stream is
 * bounded, in number and in bytes: a reader that is too slow loses the oldest
 * events and gets their number.
 */

import { whenAborted } from "../../options/abort_signal.ts";
import { estimateBytes } from "./event_size.ts";
import { Ring } from "../../time/ring.ts";

/** The reasons why a message was not delivered. */
export type DeadLetterReason =
  | "mailbox_full"
  | "actor_stopped"
  | "late_reply"
  | "refused"
  | "unclaimed"
  | "in_flight";

/** The fields of every event. */
export interface EventBase {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The place in the tree, such as `workers/w1`; `/` is the root supervisor. */
  readonly path: string;
  /** The incarnation, counted from 1; 0 before the first. */
  readonly generation: number;
}

/** An event without the common fields. Each folder declares those that it emits; this one knows none of them. */
export interface EventPayload {
  /** Which kind of event it is. */
  readonly type: string;
}

/** The events that the actor kernel itself emits. */
export type ActorEvent =
  /** A warning about a start that succeeded all the same; `message` is a clause. */
  | { readonly type: "warning"; readonly message: string }
  /** A message, or a reply, was not delivered. */
  | { readonly type: "dead_letter"; readonly reason: DeadLetterReason; readonly message: unknown }
  /** The reader of the stream was too slow: so many events are missing here. */
  | { readonly type: "events_lost"; readonly count: number };

/** One event as the stream carries it. */
export type EmittedEvent = EventBase & EventPayload;

/** Whether an actor can emit events of this kind `without_end`: a flood of them pushes out none of the others. */
export type Frequency = "rare" | "without_end";

/**
 * Events that wait for a slow reader, at most; the oldest go first. Events that one actor can emit without end
 * (output, malformed output, dead letters) are counted apart: a flood of them pushes out none of the others.
 */
export const EVENT_BUFFER = 4_096;

/**
 * Bytes of events that wait for a slow reader, at most, in the same way; one event larger than that waits alone. A string
 * counts as its length, a view as its buffer, an event with more than 10,000 values in it as 1 MiB at least.
 */
export const EVENT_BYTES = 4_194_304;

/** Events of this type go to readers who name it; all others need not be given what may be most of all events. */
export const NAMED_ONLY = "output";

/** Emits events to its readers. */
export class EventBus {
  readonly #readers = new Set<EventReader>();
  #isClosed = false;

  /** Whether there is a reader: costly events need not be made otherwise. */
  get isObserved(): boolean {
    return this.#readers.size > 0;
  }

  /** Whether there is a reader for events of this type. */
  isAwaited(type: string): boolean {
    for (const { types } of this.#readers) if (isAmong(type, types)) return true;
    return false;
  }

  /** Hands an event to all readers. Never waits, never throws. */
  emit(event: EmittedEvent, frequency: Frequency = "rare"): void {
    let bytes: number | undefined;
    for (const reader of this.#readers) {
      if (!isAmong(event.type, reader.types) || reader.wants?.(event) === false) continue;
      if (reader.isWaiting) reader.give(event);
      else reader.keep(event, { bytes: bytes ??= estimateBytes(event), frequency });
    }
  }

  /**
   * The events from now on, until {@linkcode EventBus.close} or the reader leaves its loop. `Event` is the union of
   * those that the reader knows to be emitted.
   */
  read<Event extends EmittedEvent>(options: EventReaderOptions = {}): AsyncIterableIterator<Event> {
    const reader = new EventReader(this.#readers, options);
    if (this.#isClosed || options.signal?.aborted) reader.end();
    else this.#readers.add(reader);
    return reader as unknown as AsyncIterableIterator<Event>;
  }

  /** Ends all streams, behind what is still unread. */
  close(): void {
    this.#isClosed = true;
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }
}

interface BufferedEvent {
  readonly number: number;
  readonly event: EmittedEvent;
  readonly bytes: number;
}

/** Events that wait for their reader, oldest first. */
class Backlog {
  readonly #buffered = new Ring<BufferedEvent>();
  #bytes = 0;

  get size(): number {
    return this.#buffered.size;
  }

  /** The number of the first; only to be asked for when `size` is not 0. */
  get first(): number {
    return this.#buffered.peek().number;
  }

  /** Adds one; how many of the oldest had to go for that. */
  add(owner: BufferedEvent): number {
    let gone = 0;
    for (; this.size >= EVENT_BUFFER || (this.size > 0 && this.#bytes + owner.bytes > EVENT_BYTES); gone++) {
      this.take();
    }
    this.#buffered.push(owner);
    this.#bytes += owner.bytes;
    return gone;
  }

  /** Takes the first; only to be called when `size` is not 0. */
  take(): EmittedEvent {
    const { event, bytes } = this.#buffered.shift();
    this.#bytes -= bytes;
    return event;
  }

  /** When the first happened; only to be asked for when `size` is not 0. */
  get at(): number {
    return this.#buffered.peek().event.at;
  }
}

/** Which events a reader gets, and until when. */
export interface EventReaderOptions {
  /** The types of the events that it gets. Default: all but {@linkcode NAMED_ONLY}. */
  readonly types?: ReadonlySet<string> | undefined;
  /** Whether it gets an event of these types. Default: all. Must not throw. */
  readonly wants?: ((event: EmittedEvent) => boolean) | undefined;
  /** Ends the stream when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

function isAmong(type: string, types: ReadonlySet<string> | undefined): boolean {
  return types === undefined ? type !== NAMED_ONLY : types.has(type);
}

class EventReader implements AsyncIterableIterator<EmittedEvent> {
  readonly types: ReadonlySet<string> | undefined;
  readonly wants: ((event: EmittedEvent) => boolean) | undefined;
  readonly #unlisten: () => void;
  readonly #readers: Set<EventReader>;
  readonly #life = new Backlog();
  readonly #chatter = new Backlog();
  #number = 0;
  #lost = 0;
  #hasEnded = false;
  /** Calls of `next` that wait, in order. */
  readonly #waiting = new Ring<(result: IteratorResult<EmittedEvent>) => void>();

  constructor(readers: Set<EventReader>, { types, wants, signal }: EventReaderOptions) {
    this.#readers = readers;
    this.types = types;
    this.wants = wants;
    this.#unlisten = whenAborted(signal, () => void this.return());
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  give(event: EmittedEvent): void {
    this.#waiting.shift()({ value: event, done: false });
  }

  keep(event: EmittedEvent, { bytes, frequency }: { bytes: number; frequency: Frequency }): void {
    const backlog = frequency === "without_end" ? this.#chatter : this.#life;
    this.#lost += backlog.add({ number: this.#number++, event, bytes });
  }

  end(): void {
    this.#hasEnded = true;
    this.#unlisten();
    while (this.#waiting.size > 0) this.#waiting.shift()({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<EmittedEvent>> {
    const backlog = this.#older();
    if (backlog !== undefined) {
      if (this.#lost === 0) return Promise.resolve({ value: backlog.take(), done: false });
      const value: EventBase & ActorEvent = {
        at: backlog.at,
        path: "/",
        generation: 0,
        type: "events_lost",
        count: this.#lost,
      };
      this.#lost = 0;
      return Promise.resolve({ value, done: false });
    }
    if (this.#hasEnded) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<EmittedEvent>> {
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
