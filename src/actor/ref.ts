/**
 * The address of an actor.
 *
 * It names a path in the tree and stays valid across restarts: messages sent
 * while the actor restarts wait in its mailbox.
 */

import { Ask } from "./asks/ask.ts";
import type { Answer, AskOptions, DetailedAskOptions, IdleOption } from "./asks/options.ts";
import { checkKeys } from "../options/call_options.ts";
import { checkedDelivery, DELIVERY_KEYS, type DeliveryOptions, Tell } from "./mailbox/delivery.ts";
import type { WhyStopped } from "./actor_errors.ts";
import type { Exit } from "./exit.ts";
import type { Address } from "./address.ts";
import { type ActorTransform, readableOf, transformOf, writableOf } from "./streams.ts";
import type { SubscribeOptions, Subscription } from "./events/subscription.ts";

/** The address of an actor of whatever types. */
// deno-lint-ignore no-explicit-any -- a type parameter in both positions leaves nothing else that fits all
export type AnyRef = ActorRef<any, any, any>;

/** @ignore Told when an incarnation of a watched actor has ended. */
export interface Watcher {
  /** `generation` 0 means that none has run yet. */
  onTerminated(ref: AnyRef, generation: number, exit: Exit): void;
  /** No incarnation of it can follow. */
  onGone(ref: AnyRef): void;
}

/**
 * Sends messages to an actor, and subscribes to it.
 *
 * @typeParam Message what the actor takes
 * @typeParam Value what it answers an `ask` with
 * @typeParam Published what its subscribers get
 */
export class ActorRef<Message, Value = void, Published = never> {
  readonly #address: Address;

  /** @ignore Addresses come from `system.ref(path)` and `context.ref(path)`. */
  constructor(address: Address) {
    this.#address = address;
  }

  /** The place in the tree, such as `workers/w1`. */
  get path(): string {
    return this.#address.path;
  }

  /** The incarnation that runs or ran last, counted from 1; 0 before the first. */
  get generation(): number {
    return this.#address.generation;
  }

  /** Whether an incarnation is alive (starting or running). */
  get isAlive(): boolean {
    return this.#address.lastExit === undefined;
  }

  /** Messages that wait in the mailbox. */
  get queued(): number {
    return this.#address.mailbox.size;
  }

  /** Counts the dead letters so far. */
  get deadLetters(): number {
    return this.#address.deadLetters;
  }

  /**
   * Sends without waiting for an answer.
   *
   * Returns `undefined` when the message was taken (or dropped by a policy that
   * says so). Else a promise: under overflow policy `wait` it is fulfilled when
   * the message is taken; it rejects with {@linkcode MailboxFullError} or
   * {@linkcode ActorStoppedError} when it was refused, or as the actor refuses messages. Not awaiting it is safe:
   * what was refused is a dead letter as well.
   *
   * @throws {OptionError} the options make no sense
   */
  tell(message: Message, options?: DeliveryOptions): void | Promise<void> {
    return this.#address.mailbox.offer(options === undefined ? message : this.#letter(message, options));
  }

  /** Sends if there is room now; `false` means that the message is still yours. */
  tryTell(message: Message, options?: DeliveryOptions): boolean {
    return this.#address.mailbox.tryOffer(options === undefined ? message : this.#letter(message, options));
  }

  /**
   * Sends and waits for the answer.
   *
   * An ask that is given up (timeout, abort) before the actor took it is never
   * handed over; an answer that comes later is a dead letter. With `detailed: true`
   * the answer says which incarnation it is of, as the errors do.
   *
   * @throws {AskTimeoutError} no reply in time
   * @throws the reason of `signal`, when that aborted
   * @throws {IncarnationEndedError} the incarnation that had the message ended; `cause` says of what
   * @throws {MailboxFullError | MessageDroppedError} by the overflow policy
   * @throws {ActorStoppedError} it has ended for good
   */
  ask<Frames extends AsyncIterable<unknown>>(
    this: ActorRef<Message, Frames, Published>,
    message: Message,
    options: DetailedAskOptions & IdleOption,
  ): Promise<Answer<Frames>>;
  /** Sends and waits for an answer of many frames. */
  ask<Frames extends AsyncIterable<unknown>>(
    this: ActorRef<Message, Frames, Published>,
    message: Message,
    options: AskOptions & IdleOption,
  ): Promise<Frames>;
  /** Sends and waits for the answer, and which incarnation it is of. */
  ask(message: Message, options: DetailedAskOptions): Promise<Answer<Value>>;
  /** Sends and waits for the answer, which is the mere value. */
  ask(message: Message, options?: AskOptions): Promise<Value>;
  ask(
    message: Message,
    options?: (AskOptions | DetailedAskOptions) & IdleOption,
  ): Promise<Value | Answer<Value>> {
    const address = this.#address;
    const { mailbox } = address;
    return new Promise((resolve, reject) => {
      const ask = new Ask<Message, Value>(message, address, { resolve, reject });
      if (options !== undefined) {
        ask.begin(options);
        if (!ask.isOpen) return;
      }
      const room = mailbox.offer(ask);
      if (room === undefined && mailbox.isPrompt) mailbox.isUntimed = true;
      else ask.time();
    });
  }

  /**
   * Subscribes to what the actor publishes from now on, by any incarnation: across restarts, also those by hand,
   * after it was terminated or out of quarantine. It ends when the actor has ended by itself and is not started again
   * by its restart type, when it is removed from the tree, and when the tree has ended.
   *
   * @throws {OptionError} an option that is unknown or wrong
   */
  subscribe(options?: SubscribeOptions): Subscription<Published> {
    return this.#address.subscriptions.subscribe(options) as Subscription<Published>;
  }

  /**
   * The values that the actor publishes from now on, as {@linkcode ActorRef.subscribe} yields them, as a web stream.
   * The actor waits for a reader that is behind; `cancel` ends the subscription.
   */
  readable(options?: SubscribeOptions): ReadableStream<Published> {
    return readableOf(this.subscribe(options));
  }

  /**
   * The actor's input as a stream of the web: each chunk is a message. A write is done when the message was taken: by a
   * sidecar's stdin, by the mailbox of any other actor. For a sidecar, closing it ends stdin, and the stream fails when
   * the process ends before that: it belongs to the incarnation that runs, or to the next one.
   */
  writable(): WritableStream<Message> {
    return writableOf(this.#address);
  }

  /**
   * Input and output of a sidecar, for `pipeThrough`: what is written goes to stdin, the end of it ends stdin, and what
   * the process publishes comes out until the process ends. Both streams belong to one incarnation, and fail with it.
   * A chunk that can't be sent fails both, and ends the input.
   * One transform at a time: for many, {@linkcode https://jsr.io/@outrider/outrider/doc/actors/filter | filter}
   * starts a process for each.
   *
   * @throws {OptionError} it is not a sidecar with a protocol, or another transform has it
   *
   * @example
   * ```ts
   * import { launch, sidecar } from "@outrider/outrider";
   *
   * const gzip = sidecar("gzip", { command: "gzip", protocol: "bytes", restart: "temporary" });
   * await using app = await launch(gzip);
   * const packed = new Response("hello").body!.pipeThrough(app.ref(gzip).transform());
   * console.log(await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text()); // hello
   * ```
   */
  transform(): ActorTransform<Message, Published> {
    return transformOf(this.#address, () => this.subscribe());
  }

  /** @ignore For cells; whether an end can follow. */
  addWatcher(watcher: Watcher): boolean {
    const { watchers, lastExit, generation, isGone } = this.#address;
    const onEnd = (generation: number, exit: Exit) => watcher.onTerminated(this, generation, exit);
    if (!isGone) watchers.set(watcher, { onEnd, onGone: () => watcher.onGone(this) });
    if (lastExit !== undefined) watcher.onTerminated(this, generation, lastExit);
    return !isGone;
  }

  /** @ignore Calls `listener` with the reason whenever it takes no messages until it is started again; gives what takes it
   * back. For pools and sessions. */
  onClosed(listener: (why: WhyStopped) => void): () => void {
    const { closeListeners } = this.#address;
    closeListeners.add(listener);
    return () => void closeListeners.delete(listener);
  }

  /** @ignore For cells. */
  removeWatcher(watcher: Watcher): void {
    this.#address.watchers.delete(watcher);
  }

  #letter(message: Message, options: DeliveryOptions): Tell {
    checkKeys(`Cannot tell '${this.path}'`, options, DELIVERY_KEYS);
    return new Tell(message, checkedDelivery(options));
  }
}
