/**
 * One incarnation of a pool: a supervisor with the copies, and the actor before
 * it that takes the pool's messages and hands them to the copies.
 *
 * A copy gets a message only while it has room, so waiting messages are in the pool's
 * own mailbox, where any copy can still have it. An ask goes on as an ask without
 * a deadline, as the caller's own is kept here; whatever comes of it goes back.
 */

import { ActorStoppedError, type Behavior, type Exit, OptionError, type Reply } from "@outrider/outrider";
import {
  type AnyRef,
  asError,
  causeOf,
  innerMessage,
  sleep,
  type StartContext,
  type Supervisor,
} from "@outrider/outrider/actor";
import { isWanted, type PoolContext, type PoolCopy, type PoolMessage } from "./copy.ts";
import { PoolCopies } from "./copies.ts";
import { deathOfCopy, decideAfterFailure, RECALLED, resolveDelivery } from "./failure.ts";
import { isStream, PoolStream } from "./pool_stream.ts";
import { KeyedQueue, type PoolQueue, SharedQueue } from "./queues.ts";
import { GROW_PAUSE_MS, type PoolSettings } from "./options.ts";
import { PoolSizer } from "./sizing.ts";

/** The pools that run, by their address. */
const routers = new WeakMap<AnyRef, Router>();

/** The pool that runs at `ref`, if one does. */
export function routerAt(ref: AnyRef): Router | undefined {
  return routers.get(ref);
}

/** The actor in front of a pool's copies. */
export class Router implements Behavior<unknown, unknown, unknown> {
  readonly #settings: PoolSettings;
  readonly #start: StartContext;
  readonly #queue: PoolQueue;
  #context!: PoolContext;
  #self!: AnyRef;
  #copies: PoolCopies | undefined;
  #size: PoolSizer | undefined;
  #numbers = 0;
  #room: PromiseWithResolvers<void> | undefined;
  /** Messages that copies had not handled when the pool was stopped. */
  readonly #onLeave: PoolMessage[] = [];

  /** Not started. */
  constructor(settings: PoolSettings, start: StartContext) {
    this.#settings = settings;
    this.#start = start;
    const copies = () => this.#copies?.copies ?? [];
    const dispatch = (item: PoolMessage, copy: PoolCopy) => this.#dispatch(item, copy);
    const { by } = settings.route;
    this.#queue = by === "hash"
      ? new KeyedQueue({ copies, dispatch })
      : new SharedQueue(by, { copies, dispatch });
  }

  /** Its copies; from the start on. */
  get copies(): PoolCopies | undefined {
    return this.#copies;
  }

  /** The copies' supervisor; from the start on. */
  get supervisor(): Supervisor | undefined {
    return this.#copies?.supervisor;
  }

  /** Messages that no copy has. */
  get waiting(): number {
    return this.#queue.size + this.#self.queued;
  }

  // --- Beginning and end ------------------------------------------------------

  /** For the cell: fulfilled when all copies are ready, or, where failed starts are retried, have had their first attempt. */
  async started(context: PoolContext): Promise<void> {
    this.#context = context;
    this.#self = context.self;
    const copies = this.#copies = new PoolCopies(this.#settings, this.#start, {
      context,
      onChange: (copy) => this.#onCopy(copy),
    });
    this.#size = new PoolSizer({
      clock: context.clock,
      rules: {
        ...this.#settings,
        get min() {
          return copies.min;
        },
        get max() {
          return copies.max;
        },
      },
      pause: GROW_PAUSE_MS,
      measure: () => ({
        copies: copies.size,
        waiting: this.waiting,
        spare: copies.copies.some(({ isIdle }) => isIdle),
      }),
      change: (by) => copies.resize(by),
    });
    context.signal.addEventListener("abort", () => this.#close(), { once: true });
    routers.set(this.#self, this);
    await copies.supervisor.started;
    void copies.supervisor.ended.then((exit) => context.exit(exit));
    this.#size.look();
  }

  /** Stops dispatching: waiting messages go back to the mailbox, the copies are stopped. */
  #close(): void {
    routers.delete(this.#self);
    this.#size?.end();
    this.#context.giveBack(this.#queue.takeAll().map(({ taken }) => taken));
    this.#room?.resolve();
    this.#copies?.supervisor.stop();
  }

  /** Called by the cell: forwards the copies' last answers while they end. */
  async stopped(_exit: Exit, context: PoolContext): Promise<void> {
    const copies = this.#copies;
    if (copies === undefined) return;
    await copies.supervisor.ended;
    // Asks that had reached no copy. Tells are in a copy's mailbox, where the next incarnation finds them.
    const asked = copies.copies.flatMap(({ dispatched }) => [...dispatched]).filter(({ reply }) =>
      reply?.isOpen
    );
    copies.end();
    const left = [...this.#onLeave, ...asked].sort((a, b) => a.number - b.number);
    context.giveBack(left.map(({ taken }) => taken));
    for (const item of asked) if (item.copy!.settle(item)) item.withdrawal!.abort(RECALLED);
  }

  /** For the cell: no more patience. */
  kill(): void {
    this.#copies?.supervisor.kill();
  }

  // --- Messages ---------------------------------------------------------------

  /** For the cell: one message; waits until the next can be looked at. */
  receive(message: unknown, context: PoolContext): void | Promise<void> {
    const reply = context.deferReply();
    let key = "";
    try {
      const { route } = this.#settings;
      if (route.by === "hash") key = checkedKey(route.key(message));
    } catch (thrown) {
      return this.#refuse({ message, reply }, asError(thrown));
    }
    const taken = context.taken();
    const number = this.#numbers++;
    const item: PoolMessage = {
      delivery: resolveDelivery(context.delivery, this.#settings.delivery),
      attempts: 0,
      isStreaming: false,
      message,
      reply,
      taken,
      number,
      key,
      copy: undefined,
      withdrawal: undefined,
      moves: 0,
    };
    if (reply !== undefined) reply.onGivenUp = () => this.#onGivenUp(item);
    this.#queue.add(item);
    this.#onChange();
    if (!this.#queue.isFull) return;
    this.#room = Promise.withResolvers();
    return this.#room.promise;
  }

  #dispatch(item: PoolMessage, copy: PoolCopy): void {
    if (!isWanted(item)) return this.#queue.done(item);
    copy.take(item);
    if (item.reply === undefined) {
      const full = copy.ref.tell(item.message, item.delivery);
      if (full !== undefined) {
        full.then(() => this.#onAnswer(item, undefined), (error) => this.#onFailure(item, error));
      } else if (copy.settle(item)) this.#queue.done(item);
      return;
    }
    const { signal } = item.withdrawal = new AbortController();
    // Here it may be replayed by any copy.
    const onDeath = item.delivery?.onDeath === "replay" ? "fail" : item.delivery?.onDeath;
    copy.ref.ask(item.message, { timeout: Infinity, signal, onDeath, inAnswerTo: item.reply }).then(
      (value) => this.#onAnswer(item, value),
      (error) => this.#onFailure(item, error),
    );
  }

  #onAnswer(item: PoolMessage, value: unknown): void {
    const { reply, copy } = item;
    if (isStream(value) && reply?.isOpen && copy!.dispatched.has(item)) {
      item.isStreaming = true;
      return reply.resolve(new PoolStream(value, () => this.#onDone(item)));
    }
    if (!copy!.dispatched.has(item)) return;
    if (isStream(value)) void value[Symbol.asyncIterator]().return?.(); // it will not be read
    reply?.resolve(value);
    this.#onDone(item);
  }

  #onDone(item: PoolMessage): void {
    if (!item.copy!.settle(item)) return;
    this.#queue.done(item);
    this.#onChange();
  }

  #onFailure(item: PoolMessage, error: Error): void {
    const copy = item.copy!;
    if (!copy.settle(item)) return;
    this.#queue.done(item);
    const death = deathOfCopy(error, copy);
    if (death !== undefined) copy.ended(death.generation, causeOf(death.exit));
    const failure = decideAfterFailure(item, error);
    item.attempts = failure.attempts;
    item.moves = failure.moves;
    if (failure.error !== undefined) this.#refuse(item, failure.error);
    else if (this.#context.signal.aborted) this.#onLeave.push(item);
    else this.#queue.add(item);
    this.#onChange();
  }

  #onGivenUp(item: PoolMessage): void {
    const { copy } = item;
    const { whenGivenUp } = this.#settings;
    if (copy === undefined || !copy.dispatched.has(item)) this.#queue.drop(item);
    else if (whenGivenUp === "cancel") item.withdrawal!.abort();
    else {
      copy.noticed();
      copy.isOwing = this.#settings.holds;
      if (whenGivenUp !== "finish") void this.#withdrawLater(item, whenGivenUp.restart.after);
    }
    this.#onChange();
  }

  /** A copy that has not answered by then learns that its caller has given up, and is restarted for it. */
  async #withdrawLater(item: PoolMessage, after: number): Promise<void> {
    const { clock, signal } = this.#context;
    const { withdrawal } = item;
    await sleep(clock, after, signal);
    if (item.copy!.dispatched.has(item) && item.withdrawal === withdrawal) withdrawal!.abort();
  }

  /** Returns the untaken messages of a copy that is down to their place in the queue, so that the order is kept. */
  #onCopy(copy: PoolCopy): void {
    // The reader of a stream that it has begun learns of the end there.
    if (copy.state !== "up") { for (const item of copy.dispatched) if (item.isStreaming) this.#onDone(item); }
    if (copy.state === "down") {
      for (const { withdrawal } of copy.dispatched) withdrawal?.abort(RECALLED);
    }
    this.#onChange();
  }

  #onChange(): void {
    const copies = this.#copies;
    if (copies === undefined || this.#context.signal.aborted) return;
    this.#queue.pump();
    copies.tidy();
    if (this.#queue.size > 0 && copies.isGone) {
      const error = this.#outOf("none of its copies will be started again");
      for (const item of this.#queue.takeAll()) this.#refuse(item, error);
    }
    if (!this.#queue.isFull) {
      this.#room?.resolve();
      this.#room = undefined;
    }
    this.#size?.look();
  }

  #outOf(why: string): ActorStoppedError {
    const cause = this.#copies?.cause;
    return new ActorStoppedError(
      this.#context.path,
      cause === undefined ? why : `${why}: ${innerMessage(cause)}`,
      cause && { cause },
    );
  }

  #refuse({ message, reply }: { message: unknown; reply: Reply<unknown> | undefined }, error: Error): void {
    if (reply === undefined) this.#context.deadLetter("refused", message);
    else if (reply.isOpen) reply.reject(error);
  }
}

/** Checks a key that a user's function returned; a number counts as its text. @throws {OptionError} it is neither */
function checkedKey(key: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "number") return String(key);
  throw new OptionError(`Cannot route by a key of type ${typeof key}: it takes a string`);
}
