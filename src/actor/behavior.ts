/**
 * The behaviour of an actor, written by the user, and the context in which
 * an incarnation of it runs.
 */

import type { Reply } from "./asks/options.ts";
import type { Clock } from "../time/clock.ts";
import type { DeliveryOptions } from "./mailbox/delivery.ts";
import type { EmittedEvent, EventPayload, Frequency } from "./events/event.ts";
import type { Exit } from "./exit.ts";
import type { ActorRef, AnyRef } from "./ref.ts";

/** Returned by `started`: the start succeeded, but there is nothing to run (Erlang/OTP's `ignore`). */
export const IGNORE: unique symbol = Symbol("ignore");

/** Notifies a watcher that an incarnation of the watched actor has ended. */
export interface Terminated {
  /** The watched actor; still valid, as a restart may follow. */
  readonly ref: AnyRef;
  /** Which incarnation, counted from 1; 0 if it never ran. */
  readonly generation: number;
  /** How it ended. */
  readonly exit: Exit;
}

/**
 * An actor's code. One object serves one incarnation: a restart makes a new one.
 *
 * Methods are called one at a time, never while an earlier call's promise is
 * pending; `stopped` and `kill` are the exceptions named there. A method that throws or rejects
 * ends the incarnation with that cause.
 */
export interface Behavior<Message, Value = void, Published = never> {
  /** Runs before the first message. The actor counts as ready when it returns. */
  started?(
    context: Context<Message, Value, Published>,
  ): void | typeof IGNORE | Promise<void | typeof IGNORE>;

  /**
   * Handles one message. The value that it returns (or that a returned promise fulfils) answers an ask, unless
   * `context.deferReply()` was called; for a `tell` it is ignored. It must
   * not wait for its own asks' replies from an actor that waits for this one.
   */
  receive(
    message: Message,
    context: Context<Message, Value, Published>,
  ): Value | void | Promise<Value | void>;

  /** Handles the end of an incarnation of a watched actor, before any queued message. */
  terminated?(notice: Terminated, context: Context<Message, Value, Published>): void | Promise<void>;

  /**
   * Cleans up at the end of the incarnation, whatever the reason.
   * Called once, after the handler in progress has returned, except where the incarnation ended itself by
   * `context.exit`. Pending asks can still be answered here. The
   * supervisor's shutdown time bounds it.
   */
  stopped?(exit: Exit, context: Context<Message, Value, Published>): void | Promise<void>;

  /** Ends by force what still runs: called when the shutdown time is over. `stopped` gets a little longer after it. */
  kill?(): void;

  /**
   * Says what `started` waits for and what has been seen instead, when the start has taken `within` ms, all that it
   * may: a clause for its error, or an error of its own.
   */
  describeStart?(within: number): Error | string | undefined;
}

/** The context of an incarnation: its address, its clock, and what it can do. */
export interface Context<Message = never, Value = void, Published = never> {
  /** The place in the tree, such as `workers/w1`. */
  readonly path: string;
  /** Which incarnation this is, counted from 1. */
  readonly generation: number;
  /** The tree's time. */
  readonly clock: Clock;
  /** Aborts as soon as this incarnation is to end; an error in a listener turns that end into a crash. */
  readonly signal: AbortSignal;
  /** This actor's address. */
  readonly self: ActorRef<Message, Value, Published>;

  /** The address of another actor. @throws {UnknownActorError} */
  // deno-lint-ignore no-explicit-any -- the types of an address behind a string can't be known; the caller names them
  ref<M = any, V = any, P = any>(path: string): ActorRef<M, V, P>;
  /** `terminated` is called for each incarnation of `ref` that ends, at once if it is not running. */
  watch(ref: AnyRef): void;
  /** Cancels a watch. */
  unwatch(ref: AnyRef): void;

  /**
   * Defers the reply to the message being handled: it comes later, through
   * the returned object, and the next message is handled meanwhile. `undefined` for a `tell`.
   */
  deferReply(): Reply<Value> | undefined;
  /**
   * Puts the message being handled, and others that were taken with it, back to
   * where they came from: the next incarnation gets them first.
   */
  giveBack(taken: readonly TakenMessage[]): void;
  /** Gives up taken messages: a tell becomes a dead letter, an ask fails when the incarnation ends. */
  abandon(taken: readonly TakenMessage[]): void;
  /** The sender's delivery options of the message being handled, for an actor that passes it on. */
  readonly delivery: DeliveryOptions | undefined;
  /** Takes the message being handled, so that it can be given back. */
  taken(): TakenMessage;
  /** The number of subscribers of this actor. */
  readonly subscribers: number;
  /**
   * Publishes `item` to the subscribers; a promise means: wait before you publish more. `size` is its bytes, so that
   * subscriptions are bounded in bytes as well; default 0.
   */
  publish(item: Published, size?: number): void | Promise<void>;
  /** Whether an event of this type has a reader beside the logs: a costly one need not be made otherwise. */
  isObserved(type: string): boolean;
  /** Adds an event to the tree's stream; `Event` is the union of those that the caller may emit. */
  emit<Event extends EventPayload = EventPayload>(event: Event, frequency?: Frequency): void;
  /**
   * Sets the function that redacts events of this address and of those above it, also after this incarnation. The latest
   * call counts.
   */
  redact<Event extends EmittedEvent>(clean: (event: Event) => Event): void;
  /**
   * Refuses each message that waits or is still to come, until this incarnation ends: an ask and a tell reject with what
   * `refusal` makes, and a tell is a dead letter as well.
   */
  refuseMessages(refusal: () => Error): void;
  /** Counts and reports `message` as a dead letter. */
  deadLetter(reason: "refused" | "unclaimed", message: unknown): void;
  /**
   * Notes that something was dropped that may have been a reply: an ask that had been taken by then names it if it times
   * out. Of each `kind` the last one is kept; `describe` is called where it is named.
   */
  noteDropped(kind: string, describe: () => string): void;
  /** What was noted so, the last of each kind. */
  readonly dropped: readonly string[];
  /**
   * Sets what the error of an ask that this incarnation had adds where it times out; the latest call counts. `explain`
   * gets the reply that did not come.
   */
  explainTimeouts(explain: (reply: Reply<unknown>) => string | undefined): void;
  /** Ends this incarnation, wherever it is called; the first exit counts. An invalid exit is a crash. */
  exit(exit: Exit): void;
}

/** A message taken from its mailbox, with its pending reply; opaque. See {@linkcode Context.taken}. */
export interface TakenMessage {
  /** Does not exist at run time; it keeps other values from matching this type. */
  readonly opaque: never;
}

/**
 * The way from the context of an incarnation to what its tree was given for its actors: in tests, fakes of the world
 * outside. It is behind a context and not in it, so that an actor of a user's has nothing to do with it; who gives it and
 * who takes it share its type, as sidecars do in `process/injected.ts`.
 */
export const INJECTED: unique symbol = Symbol("injected");

/** The dependencies of the tree of `context`; none for a context outside a tree (in a test). */
export function injectedOf<Injected extends object>(context: object): Partial<Injected> {
  return (context as { readonly [INJECTED]?: Partial<Injected> })[INJECTED] ?? {};
}
