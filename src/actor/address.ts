/**
 * An address in the tree: it stays when incarnations come and go.
 *
 * It owns the mailbox, the subscribers, the watchers and the count of
 * generations. Addresses point here, never at an incarnation.
 */

import type { Deadlines } from "../time/deadlines.ts";
import type {
  ActorEvent,
  DeadLetterReason,
  EmittedEvent,
  EventBus,
  EventPayload,
  Frequency,
} from "./events/event.ts";
import type { Clock } from "../time/clock.ts";
import type { WhyStopped } from "./actor_errors.ts";
import type { Exit } from "./exit.ts";
import { Mailbox } from "./mailbox/mailbox.ts";
import type { ResolvedMailbox } from "./mailbox/options.ts";
import { Subscribers } from "./events/subscribers.ts";
import { errorMessage } from "./user_value.ts";

/** Notifies one watcher. */
export interface AddressWatcher {
  /** Incarnation `generation` has ended. */
  readonly onEnd: (generation: number, exit: Exit) => void;
  /** The address is gone; no exit will follow. */
  readonly onGone: () => void;
}

/** The state that all addresses of one tree share. */
export interface SystemContext {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly events: EventBus;
  readonly record?: EventRecord | undefined;
  readonly log?: EventLog | undefined;
}

/** Gets every event in the turn in which it happens, also lines of output. */
export interface EventLog {
  /** Takes an event. Must not throw. */
  see(event: EmittedEvent): void;
}

/** Gets events whether or not a reader is there, but none that an actor can emit without end. */
export interface EventRecord {
  /** Whether it gets events of this kind: no other is made for it. */
  wants(type: string): boolean;
  /** Takes an event. Must not throw. */
  see(event: EmittedEvent): void;
}

/** An address in the tree, with its mailbox, subscriptions and watchers; it outlives incarnations. */
export class Address {
  readonly path: string;
  readonly context: SystemContext;
  /** Those of the context, at hand for each ask. */
  readonly deadlines: Deadlines;
  readonly mailbox: Mailbox;
  readonly subscriptions: Subscribers<unknown>;
  /** The addresses right below, by path. */
  readonly below: Map<string, Address> = new Map();
  readonly watchers: Map<object, AddressWatcher> = new Map();
  /** Called whenever the address is closed, with the reason. */
  readonly closeListeners: Set<(why: WhyStopped) => void> = new Set();
  /** Whether no incarnation can ever follow. */
  isGone = false;
  /** The incarnation that runs or ran last, counted from 1. */
  generation = 0;
  /** How the last incarnation ended; `undefined` while one runs. */
  lastExit: Exit | undefined = { reason: "normal" };
  deadLetters = 0;
  /** Whether its actor takes a {@linkcode StreamStep}. */
  takesStreams = false;
  /** Whether a transform has its actor's input and output. */
  hasTransform = false;
  /** Gets every event of this address. */
  onEvent: ((event: EmittedEvent) => void) | undefined;
  /** Redacts events of this address and of those above it. */
  redact: ((event: EmittedEvent) => EmittedEvent) | undefined;

  constructor(path: string, context: SystemContext, options: ResolvedMailbox) {
    this.path = path;
    this.context = context;
    this.deadlines = context.deadlines;
    this.mailbox = new Mailbox(path, options, (reason, message) => this.deadLetter(reason, message));
    this.subscriptions = new Subscribers(path);
  }

  /** Whether an event of this type has a reader beside the logs. */
  isObserved(type: string): boolean {
    return this.onEvent !== undefined || this.context.events.isAwaited(type);
  }

  emit<Event extends EventPayload>(event: Event, frequency?: Frequency): void {
    const { events, clock, record, log } = this.context;
    const isRecorded = frequency !== "without_end" && record?.wants(event.type) === true;
    if (log === undefined && !isRecorded && !this.isObserved(event.type)) return;
    const { path, generation } = this;
    const clean = this.#censored({ ...event, at: clock.wallTime(), path, generation });
    if (isRecorded) record!.see(clean);
    log?.see(clean);
    this.onEvent?.(clean);
    events.emit(clean, frequency);
  }

  /** Never throws: an event that can't be redacted is not emitted. */
  #censored(event: EmittedEvent): EmittedEvent {
    let clean = event;
    try {
      clean = this.redact?.(event) ?? event;
    } catch (thrown) {
      const { at, path, generation, type } = event;
      const message = `an event '${type}' is not shown: what takes out secrets threw: ${
        errorMessage(thrown)
      }`;
      clean = { at, path, generation, ...{ type: "warning", message } satisfies ActorEvent };
    }
    for (const below of this.below.values()) clean = below.#censored(clean);
    return clean;
  }

  deadLetter(reason: DeadLetterReason, message: unknown): void {
    this.deadLetters++;
    this.emit<ActorEvent>({ type: "dead_letter", reason, message }, "without_end");
  }

  /** Reports a reply that came after its caller had given up. */
  late(value: unknown): void {
    this.deadLetter("late_reply", value);
  }

  /** Notes that a caller has given up an ask, which may still be queued. */
  gaveUp(): void {
    this.mailbox.givenUp++;
  }

  begin(): void {
    this.generation++;
    this.lastExit = undefined;
    this.mailbox.reopen();
    this.subscriptions.reopen();
  }

  /** Records the exit of the incarnation and notifies watchers. */
  end(exit: Exit): void {
    this.lastExit = exit;
    for (const { onEnd } of [...this.watchers.values()]) onEnd(this.generation, exit);
  }

  /** Refuses queued and new messages, as no incarnation follows by itself. Subscribers and watchers stay. */
  close(why: WhyStopped): void {
    this.mailbox.close(why);
    for (const listener of this.closeListeners) listener(why);
  }

  /** Closes for good, ends the subscriptions and removes the watchers. */
  dissolve(why: WhyStopped): void {
    this.isGone = true;
    this.close(why);
    this.closeListeners.clear();
    this.subscriptions.close();
    for (const { onGone } of [...this.watchers.values()]) onGone();
    this.watchers.clear();
  }
}
