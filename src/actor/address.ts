/**
 * A place in the tree: what stays when incarnations come and go.
 *
 * It owns the mailbox, the subscribers, the watchers and the count of
 * generations. Addresses point here, never at an incarnation.
 *
 * @module
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
import type { Exit } from "./exit.ts";
import { Mailbox } from "./mailbox/mailbox.ts";
import type { ResolvedMailbox } from "./mailbox/options.ts";
import { Subscriptions } from "./events/subscription.ts";
import { errorMessage } from "./user_value.ts";

/** How who watches is told. */
export interface AddressWatcher {
  /** Incarnation `generation` has ended. */
  readonly onEnd: (generation: number, exit: Exit) => void;
  /** No end will follow: the place is gone. */
  readonly onGone: () => void;
}

/** What all places of one tree share. */
export interface SystemContext {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly events: EventBus;
}

/** An address in the tree, with its mailbox, subscriptions and watchers; it outlives incarnations. */
export class Address {
  readonly path: string;
  readonly context: SystemContext;
  readonly mailbox: Mailbox;
  readonly subscriptions: Subscriptions<unknown>;
  /** The places right below, by path. */
  readonly below: Map<string, Address> = new Map();
  /** Who watches, and how they are told that incarnation `generation` has ended. */
  readonly watchers: Map<object, AddressWatcher> = new Map();
  /** Called whenever the place is closed. */
  readonly closeListeners: Set<() => void> = new Set();
  /** Whether no incarnation can follow, whatever anybody does. */
  isGone = false;
  /** The incarnation that runs or ran last, counted from 1. */
  generation = 0;
  /** How the last incarnation ended; `undefined` while one runs. */
  lastExit: Exit | undefined = { reason: "normal" };
  /** Messages and replies that reached nobody, so far. */
  deadLetters = 0;
  /** Takes out of an event what nobody is to see; it holds for events of the places above as well. */
  redact: ((event: EmittedEvent) => EmittedEvent) | undefined;

  constructor(path: string, context: SystemContext, options: ResolvedMailbox) {
    this.path = path;
    this.context = context;
    this.mailbox = new Mailbox(path, options, (reason, message) => this.deadLetter(reason, message));
    this.subscriptions = new Subscriptions(path);
  }

  /** Tells the event stream. */
  emit<Event extends EventPayload>(event: Event, frequency?: Frequency): void {
    const { events, clock } = this.context;
    if (!events.isObserved) return;
    const { path, generation } = this;
    events.emit(this.#censored({ ...event, at: clock.wallTime(), path, generation }), frequency);
  }

  /** Never throws: what can't be cleaned is not shown. */
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

  /** Counts and tells a message that came to nothing. */
  deadLetter(reason: DeadLetterReason, message: unknown): void {
    this.deadLetters++;
    this.emit<ActorEvent>({ type: "dead_letter", reason, message }, "without_end");
  }

  /** A reply that came when nobody waited any more. */
  late(value: unknown): void {
    this.deadLetter("late_reply", value);
  }

  /** A caller waits no more for an ask that may still be queued. */
  gaveUp(): void {
    this.mailbox.givenUp++;
  }

  /** @see {@linkcode SystemContext} */
  get deadlines(): Deadlines {
    return this.context.deadlines;
  }

  /** An incarnation begins: the next generation. */
  begin(): void {
    this.generation++;
    this.lastExit = undefined;
    this.mailbox.reopen();
    this.subscriptions.reopen();
  }

  /** The incarnation has ended; watchers are told. */
  end(exit: Exit): void {
    this.lastExit = exit;
    for (const { onEnd } of [...this.watchers.values()]) onEnd(this.generation, exit);
  }

  /** No incarnation is to follow by itself: refuses what is queued and what comes. Subscribers and watchers stay. */
  close(why: string): void {
    this.mailbox.close(why);
    for (const listener of this.closeListeners) listener();
  }

  /** No incarnation can follow: closes, ends the subscriptions, and lets go of who watches. */
  dissolve(why: string): void {
    this.isGone = true;
    this.close(why);
    this.closeListeners.clear();
    this.subscriptions.close();
    for (const { onGone } of [...this.watchers.values()]) onGone();
    this.watchers.clear();
  }
}
