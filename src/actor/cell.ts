/**
 * One incarnation of an actor: the loop that takes one message at a time from
 * the mailbox of its address and hands it to the behaviour.
 *
 * Its states: starting → running → closing → ended. Whatever ends it (a failure, a
 * request, force, its own exit) begins its `closing.ts`; after that `pending_replies.ts`
 * refuses every pending ask with the cause.
 *
 * @module
 */

import { GuardedAbort } from "./asks/abort.ts";
import { asExit } from "./as_exit.ts";
import { Ask, type Reply, unwrapMessage } from "./asks/ask.ts";
import { type Behavior, type Context, IGNORE, type TakenMessage } from "./behavior.ts";
import type { Clock } from "../time/clock.ts";
import { Closing } from "./closing.ts";
import { DEFAULT_DELIVERY, PendingReplies } from "./asks/pending_replies.ts";
import { type Delivery, type DeliveryOptions, Tell } from "./mailbox/delivery.ts";
import { ActorStoppedError, MessageRefusedError } from "./actor_errors.ts";
import type { EmittedEvent, EventPayload, Frequency } from "./events/event.ts";
import { asError, causeOf, type Exit } from "./exit.ts";
import type { Incarnation, StartOutcome } from "./incarnation.ts";
import { INJECTED } from "./injected.ts";
import type { Consumer, Mailbox } from "./mailbox/mailbox.ts";
import type { Address } from "./address.ts";
import type { ActorRef, AnyRef } from "./ref.ts";
import { type Runnable, schedule } from "./scheduler.ts";
import { checkedSize } from "./mailbox/options.ts";
import type { ActorSystem } from "./system.ts";
import { isThenable } from "./user_value.ts";
import { Watches } from "./watches.ts";

const PROMISE_THEN: unknown = Promise.prototype.then;

/** The current message where there is none. */
const NOTHING = new Tell(undefined, undefined);
NOTHING.isSettled = true;

/** Runs one incarnation of an actor. */
export class Cell<Message, Value, Published>
  implements Incarnation, Context<Message, Value, Published>, Consumer, Runnable {
  readonly path: string;
  readonly generation: number;
  readonly clock: Clock;
  readonly started: Promise<StartOutcome>;
  readonly ended: Promise<Exit>;
  readonly #system: ActorSystem;
  readonly #cleanUp: number;
  readonly #address: Address;
  readonly #mailbox: Mailbox;
  readonly #behavior: Behavior<Message, Value, Published>;
  readonly #abort = new GuardedAbort((thrown) => this.#endOf(thrown));
  readonly #pendingReplies: PendingReplies;
  readonly #watches = new Watches(this);
  readonly #settleEnded: (exit: Exit) => void;
  readonly #onReturned = (value: unknown) => this.#returned(value);
  readonly #onFailed = (thrown: unknown) => this.#failed(thrown);
  /** The message being handled, or an {@linkcode Ask} or a {@linkcode Tell} of it. */
  #current: unknown = NOTHING;
  #isDeferred = false;
  /**
   * "waiting": for `started`, or for the promise of a handler. An end that was asked for waits for that, and for a run that
   * it comes from within.
   */
  #state: "waiting" | "idle" | "queued" | "running" | "done" = "waiting";
  #isTaking = false;
  /** Set from when it is to end. */
  #closing: Closing<Message, Value, Published> | undefined;
  #idle: (() => void) | undefined;

  /**
   * Starts at once, as the generation that `address` has begun. `cleanUp`: how many ms `stopped` may take after an end
   * without a request; the shutdown time bounds a requested one. `delivery`: the default delivery options of messages in
   * flight at the end.
   */
  constructor(
    behavior: Behavior<Message, Value, Published>,
    address: Address,
    { system, cleanUp, delivery = DEFAULT_DELIVERY }: {
      system: ActorSystem;
      cleanUp: number;
      delivery?: Delivery;
    },
  ) {
    this.#cleanUp = cleanUp;
    this.#pendingReplies = new PendingReplies(address, delivery, (thrown) => {
      this.#end({ reason: "crash", cause: asError(thrown) }, true);
    });
    this.#behavior = behavior;
    this.#address = address;
    this.#mailbox = address.mailbox;
    this.#system = system;
    this.path = address.path;
    this.clock = system.clock;
    this.generation = address.generation;
    const ended = Promise.withResolvers<Exit>();
    this.ended = ended.promise;
    this.#settleEnded = ended.resolve;
    this.started = this.#start();
  }

  get [INJECTED](): object {
    return this.#system.injected;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get subscribers(): number {
    return this.#address.subscriptions.size;
  }

  get self(): ActorRef<Message, Value, Published> {
    return this.#system.ref(this.path);
  }

  // --- For the supervisor -------------------------------------------------

  stop(): void {
    this.#end({ reason: "shutdown" }, true);
  }

  kill(): void {
    if (this.#state === "done") return;
    this.#end({ reason: "killed", abandoned: false }, true);
    this.#closing!.force();
  }

  // --- The context --------------------------------------------------------

  // deno-lint-ignore no-explicit-any -- see Context.ref
  ref<M = any, V = any, P = any>(path: string): ActorRef<M, V, P> {
    return this.#system.ref(path);
  }

  watch(ref: AnyRef): void {
    this.#watches.watch(ref);
  }

  unwatch(ref: AnyRef): void {
    this.#watches.unwatch(ref);
  }

  deferReply(): Reply<Value> | undefined {
    const current = this.#current;
    if (!Ask.is(current)) return undefined;
    if (!this.#isDeferred) this.#addPending();
    this.#isDeferred = true;
    return current;
  }

  get delivery(): DeliveryOptions | undefined {
    const current = this.#current;
    return Ask.is(current) || Tell.is(current) ? current.delivery : undefined;
  }

  taken(): TakenMessage {
    return this.#takeCurrent() as unknown as TakenMessage;
  }

  abandon(taken: readonly TakenMessage[]): void {
    for (const item of taken as readonly unknown[]) {
      if (!Tell.is(item) || item.isSettled) continue;
      this.#pendingReplies.fail(item);
      this.#release(item);
    }
  }

  giveBack(taken: readonly TakenMessage[]): void {
    if (this.#state === "done") return this.abandon(taken);
    for (const item of taken) this.#release(item);
    this.#pendingReplies.giveBack(taken);
  }

  /** The current message, as an item that settles once. */
  #takeCurrent(): Ask<unknown, unknown> | Tell {
    const current = this.#current;
    if (Ask.is(current)) return current;
    if (current === NOTHING) return NOTHING;
    const tell = Tell.is(current) ? current : new Tell(current, undefined);
    if (this.#state !== "done") tell.sequence = this.#mailbox.taken;
    this.#current = tell;
    return tell;
  }

  /** Clears the current message, if it is `item`. */
  #release(item: unknown): void {
    if (item === this.#current) this.#current = NOTHING;
  }

  publish(item: Published, size = 0): void | Promise<void> {
    // One size that is none would make the sum of all sizes none, and every publisher wait for ever.
    if (this.#state !== "done") {
      return this.#address.subscriptions.publish(item, checkedSize(this.path, size));
    }
  }

  emit<Event extends EventPayload>(event: Event, frequency?: Frequency): void {
    if (this.#state !== "done") this.#address.emit(event, frequency);
  }

  redact<Event extends EmittedEvent>(clean: (event: Event) => Event): void {
    this.#address.redact = clean as unknown as Address["redact"];
  }

  deadLetter(reason: "refused" | "unclaimed", message: unknown): void {
    if (Tell.is(message)) {
      if (message.isSettled) return;
      message.isSettled = true;
    }
    this.#address.deadLetter(reason, unwrapMessage(message));
  }

  exit(exit: Exit): void {
    this.#end(asExit(exit), false);
  }

  // --- Waking up ----------------------------------------------------------

  wake(): void {
    if (this.#state !== "idle") return;
    this.#state = "queued";
    schedule(this);
  }

  /** For the scheduler. */
  pause(): void {
    this.#mailbox.pause();
  }

  /** For the scheduler: a run threw. */
  fault(thrown: unknown): void {
    if (this.#state === "running") this.#state = "idle";
    this.#failed(thrown);
  }

  /** For the scheduler. */
  run(limit: number): number {
    if (this.#state === "done") return 1;
    this.#state = "running";
    const mailbox = this.#mailbox;
    let handled = 0;
    while (handled < limit && this.#state === "running") {
      if (this.#watches.size > 0) {
        handled++;
        this.#notify();
        continue;
      }
      if (!this.#isTaking) {
        // The message that it has just handled ended it.
        this.#idle?.();
        break;
      }
      if (mailbox.size === 0) {
        mailbox.isPrompt = true;
        break;
      }
      handled++;
      this.#handle(mailbox.take());
    }
    if (this.#state === "running") {
      this.#state = "idle";
      if (handled >= limit) this.wake();
    }
    return Math.max(1, handled);
  }

  // --- One message at a time ----------------------------------------------

  #handle(item: unknown): void {
    let message = item;
    if (Ask.is(item)) {
      if (!item.isOpen) return;
      item.taken(this.generation);
      message = item.message;
    } else if (Tell.is(item)) message = item.message;
    this.#current = item;
    try {
      const value = this.#behavior.receive(message as Message, this);
      if (value !== undefined && isThenable(value)) this.#await(value);
      else this.#finish(value);
    } catch (thrown) {
      const isMute = typeof this.#behavior.receive !== "function";
      this.#failed(isMute ? new MessageRefusedError(this.path, "its behavior has no 'receive'") : thrown);
    }
  }

  #notify(): void {
    const notice = this.#watches.take();
    try {
      const result = this.#behavior.terminated?.(notice, this);
      if (isThenable(result)) this.#await(result);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #await(outcome: PromiseLike<unknown>): void {
    // A foreign `then` may throw, or call back more than once; that of a native promise does not.
    const promise = outcome.then === PROMISE_THEN ? outcome : new Promise((resolve) => resolve(outcome));
    this.#state = "waiting";
    this.#mailbox.pause();
    if (!this.#isDeferred) this.#addPending();
    promise.then(this.#onReturned, this.#onFailed);
  }

  #returned(value: unknown): void {
    this.#finish(value);
    if (this.#state === "done") return;
    this.#state = "idle";
    this.#idle?.();
    if (this.#closing === undefined && (this.#watches.size > 0 || this.#mailbox.size > 0)) this.wake();
  }

  /** Adds the current ask to the pending replies: it is answered later, if at all. Most are answered before that. */
  #addPending(): void {
    const ask = this.#current;
    if (Ask.is(ask)) this.#pendingReplies.add(ask);
  }

  #finish(value: unknown): void {
    const current = this.#current;
    this.#current = NOTHING;
    if (this.#isDeferred) this.#isDeferred = false;
    else if (Ask.is(current)) current.answer(value);
  }

  #failed(thrown: unknown): void {
    if (this.#state === "done") return;
    this.#addPending();
    this.#failCurrent();
    this.#current = NOTHING;
    this.#isDeferred = false;
    if (this.#state === "waiting") this.#state = "idle";
    this.#idle?.();
    if (this.#closing !== undefined) this.#closing.failed(thrown);
    else this.#end({ reason: "crash", cause: asError(thrown) }, true);
  }

  // --- Beginning and end --------------------------------------------------

  async #start(): Promise<StartOutcome> {
    let ignored = false;
    try {
      // A hook that hangs is left behind when the incarnation is ended by force.
      const outcome = await Promise.race([this.#behavior.started?.(this), this.ended.then(() => undefined)]);
      ignored = outcome === IGNORE;
      if (ignored) this.exit({ reason: "normal" });
      else if (this.#closing === undefined) {
        this.#state = "idle";
        this.#isTaking = true;
        this.#mailbox.isPrompt = true;
        this.#mailbox.attach(this);
        if (this.#watches.size > 0) this.wake();
        return "ok";
      }
    } catch (thrown) {
      this.#end({ reason: "crash", cause: asError(thrown) }, true);
    }
    // What `started` was waiting for has come to rest: `stopped` may run.
    if (this.#state === "waiting") this.#state = "idle";
    this.#idle?.();
    const exit = await this.ended;
    if (ignored) return "ignore";
    throw causeOf(exit) ?? new ActorStoppedError(this.path, `it ended (${exit.reason}) before it was ready`);
  }

  /** `orderly`: the call in progress is waited for. */
  #end(exit: Exit, orderly: boolean): void {
    if (this.#closing !== undefined) return this.#closing.overrule(exit);
    const closing = this.#closing = new Closing(exit, {
      behavior: this.#behavior,
      context: this,
      cleanUp: this.#cleanUp,
      onOver: (exit) => this.#over(exit),
    });
    this.#isTaking = false;
    try {
      this.#watches.close();
      this.#mailbox.detach();
    } catch (thrown) {
      // A custom clock may throw; the end goes on all the same.
      closing.failed(thrown);
    }
    this.#abort.abort(causeOf(exit) ?? exit.reason);
    void closing.run(
      orderly && (this.#state === "waiting" || this.#state === "running")
        ? new Promise((resolve) => this.#idle = resolve)
        : undefined,
    );
  }

  /** Handles an error of a listener of the signal, mostly at the end. */
  #endOf(thrown: unknown): void {
    if (this.#closing !== undefined) this.#closing.failed(thrown);
    else this.#end({ reason: "crash", cause: asError(thrown) }, true);
  }

  #over(exit: Exit): void {
    let reported = exit;
    try {
      // A handler that is still at it was not done with its message.
      this.#failCurrent();
      this.#state = "done";
      this.#pendingReplies.settle(exit);
    } catch (thrown) {
      // Functions of users size and redact messages. Whatever they do, the exit is reported.
      if (exit.reason !== "crash") reported = { reason: "crash", cause: asError(thrown) };
    } finally {
      this.#state = "done";
      this.#settleEnded(reported);
    }
  }

  /** Fails the current tell, if there is one. An ask is pending, and is settled with the others. */
  #failCurrent(): void {
    const current = this.#takeCurrent();
    if (Tell.is(current)) this.#pendingReplies.fail(current);
  }
}
