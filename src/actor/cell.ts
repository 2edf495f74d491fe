/**
 * One incarnation of an actor: the loop that takes one message at a time from
 * the place's mailbox and hands it to the behaviour.
 *
 * Its way: starting → running → closing → ended. Whatever ends it (a failure, a
 * request, force, its own wish), the first end counts, `stopped` is called once,
 * and everything it still owes an answer is refused with the cause.
 *
 * @module
 */

import { Ask, messageOf } from "./ask.ts";
import type { Reply } from "./ask.ts";
import { IGNORE } from "./behavior.ts";
import type { Behavior, Context, Taken, Terminated } from "./behavior.ts";
import { sleep } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { Debts, DEFAULT_DELIVERY } from "./debts.ts";
import { Tell } from "./delivery.ts";
import type { Delivery, DeliveryOptions } from "./delivery.ts";
import { ActorStoppedError } from "./errors.ts";
import type { Happening } from "./event.ts";
import { asError, causeOf } from "./exit.ts";
import type { Exit } from "./exit.ts";
import { KILL_FENCE_MS } from "./incarnation.ts";
import type { Incarnation, Started } from "./incarnation.ts";
import type { Consumer, Mailbox } from "./mailbox.ts";
import type { Place } from "./place.ts";
import type { Returned } from "./queue.ts";
import type { ActorRef, AnyRef, Watcher } from "./ref.ts";
import { nextTurn, schedule } from "./scheduler.ts";
import type { Runnable } from "./scheduler.ts";
import type { ActorSystem } from "./system.ts";

/** What is in hand where no message is. */
const NOTHING = new Tell(undefined, undefined);
NOTHING.spent = true;

/** See the module. */
export class Cell<Message, Value, Published>
  implements Incarnation, Context<Message, Value, Published>, Consumer, Runnable, Watcher {
  readonly path: string;
  readonly generation: number;
  readonly clock: Clock;
  readonly started: Promise<Started>;
  readonly ended: Promise<Exit>;
  readonly #system: ActorSystem;
  readonly #cleanUp: number;
  readonly #place: Place;
  readonly #mailbox: Mailbox;
  readonly #behavior: Behavior<Message, Value, Published>;
  readonly #abort = new AbortController();
  readonly #debts: Debts;
  readonly #watched = new Set<AnyRef>();
  /** Notices not yet handed over; at most one for each watched place and end. */
  #notices: Terminated[] = [];
  readonly #settleEnded: (exit: Exit) => void;
  readonly #onReturned = (value: unknown) => this.#returned(value);
  readonly #onFailed = (thrown: unknown) => this.#failed(thrown);
  /** The message being handled, or an {@linkcode Ask} or a {@linkcode Tell} of it. */
  #current: unknown = NOTHING;
  #deferred = false;
  #busy = true;
  #queued = false;
  #taking = false;
  #exit: Exit | undefined;
  #done = false;
  #idle: (() => void) | undefined;
  #killed: (() => void) | undefined;

  /**
   * Starts at once, as the generation that `place` has begun. `cleanUp`: how many ms `stopped` may take after an end
   * that nobody asked for; one that was asked for is bounded by whoever asked. `delivery`: what happens to messages in
   * flight at the end that say nothing themselves.
   */
  constructor(
    behavior: Behavior<Message, Value, Published>,
    place: Place,
    { system, cleanUp, delivery = DEFAULT_DELIVERY }: {
      system: ActorSystem;
      cleanUp: number;
      delivery?: Delivery;
    },
  ) {
    this.#cleanUp = cleanUp;
    this.#debts = new Debts(place, delivery, (thrown) => {
      this.#end({ reason: "crash", cause: asError(thrown) }, true);
    });
    this.#behavior = behavior;
    this.#place = place;
    this.#mailbox = place.mailbox;
    this.#system = system;
    this.path = place.path;
    this.clock = system.clock;
    this.generation = place.generation;
    const ended = Promise.withResolvers<Exit>();
    this.ended = ended.promise;
    this.#settleEnded = ended.resolve;
    this.started = this.#start();
  }

  get provided(): Readonly<Record<string, unknown>> {
    return this.#system.provided;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get subscribers(): number {
    return this.#place.topic.size;
  }

  get self(): ActorRef<Message, Value, Published> {
    return this.#system.ref(this.path);
  }

  // --- For the supervisor -------------------------------------------------

  stop(): void {
    this.#end({ reason: "shutdown" }, true);
  }

  kill(): void {
    if (this.#done) return;
    this.#end({ reason: "killed", abandoned: false }, true);
    try {
      this.#behavior.kill?.();
    } catch (thrown) {
      this.#exit = { reason: "crash", cause: asError(thrown) };
    }
    this.#killed?.();
  }

  // --- The context --------------------------------------------------------

  // deno-lint-ignore no-explicit-any -- see Context.ref
  ref<M = any, V = any, P = any>(path: string): ActorRef<M, V, P> {
    return this.#system.ref(path);
  }

  watch(ref: AnyRef): void {
    if (this.#exit !== undefined) return;
    this.#watched.add(ref);
    ref.addWatcher(this);
  }

  unwatch(ref: AnyRef): void {
    this.#watched.delete(ref);
    this.#notices = this.#notices.filter((notice) => notice.ref !== ref);
    ref.removeWatcher(this);
  }

  deferReply(): Reply<Value> | undefined {
    if (!(this.#current instanceof Ask)) return undefined;
    if (!this.#deferred) this.#owe();
    this.#deferred = true;
    return this.#current;
  }

  get delivery(): DeliveryOptions | undefined {
    const current = this.#current;
    return current instanceof Ask || current instanceof Tell ? current.delivery : undefined;
  }

  taken(): Taken {
    return this.#held() as unknown as Taken;
  }

  abandon(taken: readonly Taken[]): void {
    for (const item of taken as readonly unknown[]) {
      if (!(item instanceof Tell) || item.spent) continue;
      this.#debts.lose(item);
      this.#letGo(item);
    }
  }

  giveBack(taken: readonly Taken[]): void {
    if (this.#done) return this.abandon(taken);
    const returned: Returned[] = [];
    for (const item of taken as readonly unknown[]) {
      if (item instanceof Ask && item.open) {
        const turn = item.pending?.owed === undefined ? this.#mailbox.taken : item.pending.turn;
        returned.push({ item: item.renewed(), turn });
      } else if (item instanceof Tell && !item.spent) {
        item.spent = true;
        returned.push({ item: item.again(0), turn: item.turn });
      }
      this.#letGo(item);
    }
    this.#mailbox.giveBack(returned);
  }

  /** The message in hand, as what can be let go of once. */
  #held(): Ask<Message, Value> | Tell {
    const current = this.#current;
    if (current instanceof Ask) return current;
    if (current === NOTHING) return NOTHING;
    const tell = current instanceof Tell ? current : new Tell(current, undefined);
    if (!this.#done) tell.turn = this.#mailbox.taken;
    this.#current = tell;
    return tell;
  }

  /** Nothing is in hand any more, if it was `item`. */
  #letGo(item: unknown): void {
    if (item === this.#current) this.#current = NOTHING;
  }

  publish(item: Published, size = 0): void | Promise<void> {
    if (!this.#done) return this.#place.topic.publish(item, size);
  }

  emit(happening: Happening): void {
    if (!this.#done) this.#place.emit(happening);
  }

  deadLetter(reason: "refused" | "unclaimed", message: unknown): void {
    if (message instanceof Tell) {
      if (message.spent) return;
      message.spent = true;
    }
    this.#place.deadLetter(reason, messageOf(message));
  }

  exit(exit: Exit): void {
    this.#end(exit, false);
  }

  // --- Waking up ----------------------------------------------------------

  wake(): void {
    if (this.#queued || this.#busy) return;
    this.#queued = true;
    schedule(this);
  }

  onTerminated(ref: AnyRef, generation: number, exit: Exit): void {
    if (this.#exit !== undefined) return;
    // A newer end of the same actor takes the place of an older one: so there is one for each watch, at most.
    this.#notices = this.#notices.filter((notice) => notice.ref !== ref);
    this.#notices.push({ ref, generation, exit });
    this.wake();
  }

  /** For the scheduler. */
  pause(): void {
    this.#mailbox.pause();
  }

  /** For the scheduler. */
  run(limit: number): number {
    this.#queued = false;
    const mailbox = this.#mailbox;
    let handled = 0;
    while (handled < limit && !this.#busy) {
      if (this.#notices.length > 0) {
        handled++;
        this.#notify(this.#notices.shift()!);
        continue;
      }
      if (!this.#taking) return Math.max(1, handled);
      if (mailbox.size === 0) {
        mailbox.prompt = true;
        return Math.max(1, handled);
      }
      handled++;
      this.#handle(mailbox.take());
    }
    if (!this.#busy) this.wake();
    return Math.max(1, handled);
  }

  // --- One message at a time ----------------------------------------------

  #handle(item: unknown): void {
    let message = item;
    if (item instanceof Ask) {
      if (!item.open) return;
      item.taken(this.generation);
      message = item.message;
    } else if (item instanceof Tell) message = item.message;
    this.#current = item;
    try {
      const value = this.#behavior.receive(message as Message, this);
      if (value instanceof Promise) this.#await(value);
      else this.#finish(value);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #notify(notice: Terminated): void {
    try {
      const result = this.#behavior.terminated?.(notice, this);
      if (result instanceof Promise) this.#await(result);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #await(promise: Promise<unknown>): void {
    this.#busy = true;
    this.#mailbox.pause();
    if (!this.#deferred) this.#owe();
    promise.then(this.#onReturned, this.#onFailed);
  }

  #returned(value: unknown): void {
    this.#finish(value);
    if (this.#done) return;
    this.#busy = false;
    this.#idle?.();
    if (this.#exit === undefined && (this.#notices.length > 0 || this.#mailbox.size > 0)) this.wake();
  }

  /** The message in hand gets its answer later, if at all: it is kept account of. Most are answered before that. */
  #owe(): void {
    const ask = this.#current;
    if (ask instanceof Ask) this.#debts.owe(ask);
  }

  #finish(value: unknown): void {
    const current = this.#current;
    this.#current = NOTHING;
    if (this.#deferred) this.#deferred = false;
    else if (current instanceof Ask) current.resolve(value);
  }

  #failed(thrown: unknown): void {
    if (this.#done) return;
    this.#owe();
    this.#loseCurrent();
    this.#current = NOTHING;
    this.#deferred = false;
    this.#busy = false;
    this.#idle?.();
    const exit: Exit = { reason: "crash", cause: asError(thrown) };
    // A failure while the actor is being stopped is not kept quiet.
    if (this.#exit !== undefined && this.#exit.reason !== "crash") this.#exit = exit;
    else this.#end(exit, true);
  }

  // --- Beginning and end --------------------------------------------------

  async #start(): Promise<Started> {
    try {
      // A hook that hangs is left behind when the incarnation is ended by force.
      const outcome = await Promise.race([this.#behavior.started?.(this), this.ended.then(() => undefined)]);
      if (outcome === IGNORE) this.exit({ reason: "normal" });
      else if (this.#exit === undefined) {
        this.#busy = false;
        this.#taking = true;
        this.#mailbox.attach(this);
        if (this.#notices.length > 0) this.wake();
        return "ok";
      }
      this.#release();
      await this.ended;
      if (outcome === IGNORE) return "ignore";
    } catch (thrown) {
      this.#end({ reason: "crash", cause: asError(thrown) }, true);
      this.#release();
      await this.ended;
    }
    throw causeOf(this.#exit!) ??
      new ActorStoppedError(this.path, `it ended (${this.#exit!.reason}) before it was ready`);
  }

  /** What `started` was waiting for has come to rest: `stopped` may run. */
  #release(): void {
    this.#busy = false;
    this.#idle?.();
  }

  /** The first end counts; force overrides a request. `orderly`: the call in progress is waited for. */
  #end(exit: Exit, orderly: boolean): void {
    if (this.#exit !== undefined) {
      if (exit.reason === "killed" && this.#exit.reason === "shutdown") this.#exit = exit;
      return;
    }
    this.#exit = exit;
    this.#taking = false;
    this.#notices = [];
    this.#mailbox.detach();
    this.#abort.abort(causeOf(exit) ?? exit.reason);
    void this.#close(orderly);
  }

  async #close(orderly: boolean): Promise<void> {
    const killed = new Promise<void>((resolve) => this.#killed = resolve);
    const closed = this.#callStopped(orderly).then(() => true);
    if (this.#exit!.reason === "normal" || this.#exit!.reason === "crash") this.#limitCleanUp();
    let complete = await Promise.race([closed, killed]);
    if (!complete) {
      // What has a way to be ended by force is given time for it; of anything else, what is at rest is enough.
      const fence = new AbortController();
      const patience = this.#behavior.kill === undefined
        ? nextTurn()
        : sleep(this.clock, KILL_FENCE_MS, fence.signal);
      complete = await Promise.race([closed, patience]);
      fence.abort("over");
    }
    if (!complete && this.#exit!.reason === "killed") this.#exit = { reason: "killed", abandoned: true };
    // A handler that is still at it was not done with its message.
    this.#loseCurrent();
    this.#done = true;
    this.#busy = true;
    const exit = this.#exit!;
    this.#debts.settle(exit);
    for (const ref of this.#watched) ref.removeWatcher(this);
    this.#settleEnded(exit);
  }

  /** The tell in hand, if one is, came to nothing. An ask is owed its reply, and is seen to with the others. */
  #loseCurrent(): void {
    const held = this.#held();
    if (held instanceof Tell) this.#debts.lose(held);
  }

  #limitCleanUp(): void {
    const timer = this.clock.setTimeout(() => this.kill(), this.#cleanUp);
    void this.ended.then(() => this.clock.clearTimeout(timer));
  }

  async #callStopped(orderly: boolean): Promise<void> {
    if (orderly && this.#busy) await new Promise<void>((resolve) => this.#idle = resolve);
    // Declared over meanwhile, by force: the next incarnation may be alive already.
    if (this.#done) return;
    try {
      await this.#behavior.stopped?.(this.#exit!, this);
    } catch (thrown) {
      if (this.#exit!.reason !== "crash") this.#exit = { reason: "crash", cause: asError(thrown) };
    }
  }
}
