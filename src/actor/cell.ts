/**
 * One incarnation of an actor: the loop that takes one message at a time from
 * the mailbox of its address and hands it to the behaviour.
 *
 * Its states: starting → running → closing → ended. Whatever ends it (a failure, a
 * request, force, its own exit) begins its `closing.ts`; after that `pending_replies.ts`
 * refuses every pending ask with the cause. What a behaviour can do with it is in `cell_context.ts`.
 */

import { GuardedAbort } from "./asks/abort.ts";
import { Ask } from "./asks/ask.ts";
import type { Reply } from "./asks/options.ts";
import { type Behavior, IGNORE, type TakenMessage } from "./behavior.ts";
import { CellContext } from "./cell_context.ts";
import { Closing } from "./closing.ts";
import { DEFAULT_DELIVERY } from "./asks/pending_replies.ts";
import { type Delivery, Tell } from "./mailbox/delivery.ts";
import { ActorStoppedError, MessageRefusedError } from "./actor_errors.ts";
import { asError, asExit, causeOf, type Exit } from "./exit.ts";
import type { Incarnation, StartOutcome } from "./incarnation.ts";
import type { Consumer, Mailbox } from "./mailbox/mailbox.ts";
import type { Address } from "./address.ts";
import { type Runnable, schedule } from "./scheduler.ts";
import { StreamStep, type StreamTaking } from "./streams.ts";
import type { ActorSystem } from "./system.ts";
import { isThenable } from "./user_value.ts";

const PROMISE_THEN: unknown = Promise.prototype.then;

export class Cell<Message, Value, Published> extends CellContext<Message, Value, Published>
  implements Incarnation, Consumer, Runnable {
  readonly started: Promise<StartOutcome>;
  readonly ended: Promise<Exit>;
  readonly #cleanUp: number;
  readonly #mailbox: Mailbox;
  readonly #behavior: Behavior<Message, Value, Published>;
  readonly #abort = new GuardedAbort((thrown) => this.#endOf(thrown));
  readonly #settleEnded: (exit: Exit) => void;
  readonly #onReturned = (value: unknown) => this.#returned(value);
  readonly #onFailed = (thrown: unknown) => this.#failed(thrown);
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
    super(address, system, delivery);
    this.#cleanUp = cleanUp;
    this.#behavior = behavior;
    this.#mailbox = address.mailbox;
    const ended = Promise.withResolvers<Exit>();
    this.ended = ended.promise;
    this.#settleEnded = ended.resolve;
    this.started = this.#start();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  // --- For the supervisor -------------------------------------------------

  stop(): void {
    this.#end({ reason: "shutdown" }, true);
  }

  kill(): void {
    if (this.state === "done") return;
    this.#end({ reason: "killed", abandoned: false }, true);
    this.#closing!.force();
  }

  describeStart(within: number): Error | string | undefined {
    return this.#behavior.describeStart?.(within);
  }

  // --- For the behaviour --------------------------------------------------

  deferReply(): Reply<Value> | undefined {
    return this.pending.defer();
  }

  taken(): TakenMessage {
    return this.pending.take() as unknown as TakenMessage;
  }

  exit(exit: Exit): void {
    this.#end(asExit(exit), false);
  }

  protected override crash(thrown: unknown): void {
    this.#end({ reason: "crash", cause: asError(thrown) }, true);
  }

  // --- Waking up ----------------------------------------------------------

  wake(): void {
    if (this.state !== "idle") return;
    this.state = "queued";
    schedule(this);
  }

  pause(): void {
    this.#mailbox.pause();
  }

  /** For the scheduler: a run threw. */
  fault(thrown: unknown): void {
    if (this.state === "running") this.state = "idle";
    this.#failed(thrown);
  }

  run(limit: number): number {
    if (this.state === "done") return 1;
    this.state = "running";
    const mailbox = this.#mailbox;
    let handled = 0;
    while (handled < limit && this.state === "running") {
      if (this.watches.size > 0) {
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
    if (this.state === "running") {
      this.state = "idle";
      if (handled >= limit) this.wake();
    }
    return Math.max(1, handled);
  }

  // --- One message at a time ----------------------------------------------

  #handle(item: unknown): void {
    let message = item;
    let step: StreamStep | undefined;
    if (Ask.is(item)) {
      if (!item.isOpen) return;
      item.taken(this.generation);
      message = item.message;
    } else if (Tell.is(item)) {
      message = item.message;
      if (item instanceof StreamStep) step = item;
    }
    this.pending.current = item;
    const behavior = this.#behavior;
    try {
      const value = step === undefined
        ? behavior.receive(message as Message, this)
        : (behavior as unknown as StreamTaking).takeStep(step);
      if (value !== undefined && isThenable(value)) this.#await(value);
      else this.pending.finish(value);
    } catch (thrown) {
      const isMute = typeof behavior.receive !== "function";
      this.#failed(isMute ? new MessageRefusedError(this.path, "its behavior has no 'receive'") : thrown);
    }
  }

  #notify(): void {
    const notice = this.watches.take();
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
    this.state = "waiting";
    this.#mailbox.pause();
    this.pending.wait();
    promise.then(this.#onReturned, this.#onFailed);
  }

  #returned(value: unknown): void {
    this.pending.finish(value);
    if (this.state === "done") return;
    this.state = "idle";
    this.#idle?.();
    if (this.#closing === undefined && (this.watches.size > 0 || this.#mailbox.size > 0)) this.wake();
  }

  #failed(thrown: unknown): void {
    if (this.state === "done") return;
    this.pending.failCurrent();
    if (this.state === "waiting") this.state = "idle";
    this.#idle?.();
    if (this.#closing !== undefined) this.#closing.failed(thrown);
    else this.crash(thrown);
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
        this.state = "idle";
        this.#isTaking = true;
        this.#mailbox.isPrompt = true;
        this.#mailbox.attach(this);
        if (this.watches.size > 0) this.wake();
        return "ok";
      }
    } catch (thrown) {
      this.crash(thrown);
    }
    // What `started` was waiting for has come to rest: `stopped` may run.
    if (this.state === "waiting") this.state = "idle";
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
      this.watches.close();
      this.#mailbox.detach();
    } catch (thrown) {
      // A custom clock may throw; the end goes on all the same.
      closing.failed(thrown);
    }
    this.#abort.abort(causeOf(exit) ?? exit.reason);
    void closing.run(
      orderly && (this.state === "waiting" || this.state === "running")
        ? new Promise((resolve) => this.#idle = resolve)
        : undefined,
    );
  }

  /** Handles an error of a listener of the signal, mostly at the end. */
  #endOf(thrown: unknown): void {
    if (this.#closing !== undefined) this.#closing.failed(thrown);
    else this.crash(thrown);
  }

  #over(exit: Exit): void {
    let reported = exit;
    try {
      this.pending.settle(exit);
    } catch (thrown) {
      // Functions of users size and redact messages. Whatever they do, the exit is reported.
      if (exit.reason !== "crash") reported = { reason: "crash", cause: asError(thrown) };
    } finally {
      this.state = "done";
      this.#settleEnded(reported);
    }
  }
}
