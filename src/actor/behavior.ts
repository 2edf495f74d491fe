/**
 * What an actor does: a behaviour, written by the user, and the context in which
 * an incarnation of it runs.
 *
 * @module
 */

import type { Reply } from "./asks/ask.ts";
import type { Clock } from "../time/clock.ts";
import type { DeliveryOptions } from "./mailbox/delivery.ts";
import type { EmittedEvent, EventPayload, Frequency } from "./events/event.ts";
import type { Exit } from "./exit.ts";
import type { ActorRef, AnyRef } from "./ref.ts";

/** Returned by `started`: the start succeeded, but there is nothing to run (Erlang/OTP's `ignore`). */
export const IGNORE: unique symbol = Symbol("ignore");

/** Told to a watcher when an incarnation of the watched actor has ended. */
export interface Terminated {
  /** Who was watched; still valid, a restart may follow. */
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
  /** Before the first message. The actor counts as ready when it returns. */
  started?(
    context: Context<Message, Value, Published>,
  ): void | typeof IGNORE | Promise<void | typeof IGNORE>;

  /**
   * One message. What it returns (or what that fulfils, where it has a `then`) answers an ask, unless
   * `context.deferReply()` was called; for a `tell` it is thrown away. It must
   * not wait for its own asks' replies from an actor that waits for this one.
   */
  receive(
    message: Message,
    context: Context<Message, Value, Published>,
  ): Value | void | Promise<Value | void>;

  /** An incarnation of a watched actor has ended. Comes before any queued message. */
  terminated?(notice: Terminated, context: Context<Message, Value, Published>): void | Promise<void>;

  /**
   * The end of the incarnation, however it came: let go of what was opened.
   * Called once, after the handler in progress has returned, except where the incarnation ended itself by
   * `context.exit`. Asks that are owed a reply can still be answered here. The
   * supervisor's shutdown time bounds it.
   */
  stopped?(exit: Exit, context: Context<Message, Value, Published>): void | Promise<void>;

  /** To be ended by force, now: called when the shutdown time is over. Then `stopped` is waited for a little longer. */
  kill?(): void;
}

/** What an incarnation knows and can do. */
export interface Context<Message = never, Value = void, Published = never> {
  /** The place in the tree, such as `workers/w1`. */
  readonly path: string;
  /** Which incarnation this is, counted from 1. */
  readonly generation: number;
  /** The tree's time. */
  readonly clock: Clock;
  /** Aborts as soon as this incarnation is to end; what a listener of it throws makes that end a crash. */
  readonly signal: AbortSignal;
  /** This actor's address. */
  readonly self: ActorRef<Message, Value, Published>;

  /** The address of another actor. @throws {UnknownActorError} */
  // deno-lint-ignore no-explicit-any -- the types of an address behind a string can't be known; the caller names them
  ref<M = any, V = any, P = any>(path: string): ActorRef<M, V, P>;
  /** `terminated` is called for each incarnation of `ref` that ends, at once if it is not running. */
  watch(ref: AnyRef): void;
  /** Takes a watch back. */
  unwatch(ref: AnyRef): void;

  /**
   * To be called while handling a message: its reply will come later, through
   * what this returns, and the next message is handled meanwhile. `undefined` for a `tell`.
   */
  deferReply(): Reply<Value> | undefined;
  /**
   * Puts the message being handled, and others that were taken with it, back to
   * where they came from: the next incarnation gets them first.
   */
  giveBack(taken: readonly TakenMessage[]): void;
  /** Messages that were taken and came to nothing: a tell becomes a dead letter, an ask fails when the incarnation ends. */
  abandon(taken: readonly TakenMessage[]): void;
  /** What its sender wants done with the message being handled, when its incarnation ends: for who passes it on. */
  readonly delivery: DeliveryOptions | undefined;
  /** The message being handled, as something to give back. */
  taken(): TakenMessage;
  /** How many subscribe to this actor. */
  readonly subscribers: number;
  /**
   * Gives `item` to the subscribers; a promise means: wait before you publish more. `size` is its bytes, so that
   * subscriptions are bounded in bytes as well; default 0.
   */
  publish(item: Published, size?: number): void | Promise<void>;
  /** Adds an event to the tree's stream; `Event` is the union of those that the caller may emit. */
  emit<Event extends EventPayload = EventPayload>(event: Event, frequency?: Frequency): void;
  /**
   * From now on, also after this incarnation, events of this place and of those above it go through `clean` first, which
   * takes out what nobody is to see. The latest counts.
   */
  redact<Event extends EmittedEvent>(clean: (event: Event) => Event): void;
  /** A message that came to nothing: counted and told as a dead letter. */
  deadLetter(reason: "refused" | "unclaimed", message: unknown): void;
  /** Ends this incarnation, from wherever it is called; the first end counts. What is not an end is a crash. */
  exit(exit: Exit): void;
}

/** A message out of its mailbox, with who waits for its answer; opaque. See {@linkcode Context.taken}. */
export interface TakenMessage {
  /** There is no such field: it keeps other values from being taken for this. */
  readonly opaque: never;
}
