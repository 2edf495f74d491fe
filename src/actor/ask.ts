/**
 * A message that somebody waits to have answered.
 *
 * It travels through the mailbox in place of its message, is settled exactly
 * once, and keeps who waits, until when, and which incarnation owes the reply.
 *
 * @module
 */

import type { Deadlines, Expiring, Lane } from "./deadlines.ts";
import { checkedDelivery, Tell } from "./delivery.ts";
import type { DeliveryOptions } from "./delivery.ts";
import { AskAbortedError, AskTimeoutError } from "./errors.ts";
import type { IncarnationEndedError } from "./errors.ts";

/** Milliseconds that `ask` waits where nothing else is said: the same as `gen_server:call` in Erlang/OTP. */
export const DEFAULT_ASK_TIMEOUT_MS = 5_000;

/** Options of `ask`. */
export interface AskOptions extends DeliveryOptions {
  /** Milliseconds to wait for the reply; `Infinity` for no limit. Default {@linkcode DEFAULT_ASK_TIMEOUT_MS}. */
  readonly timeout?: number;
  /** Gives the ask up when it aborts. */
  readonly signal?: AbortSignal;
  /** See {@linkcode DetailedAskOptions}. */
  readonly detailed?: false | undefined;
}

/** Options of an `ask` that wants to know who answered it. */
export interface DetailedAskOptions extends Omit<AskOptions, "detailed"> {
  /** The promise is fulfilled with an {@linkcode Answer}, not with the mere value. */
  readonly detailed: true;
}

/** A reply, and whose it is. */
export interface Answer<Value> {
  /** What the actor answered. */
  readonly value: Value;
  /** The incarnation that had the message, counted from 1. */
  readonly generation: number;
}

/** What a behaviour answers an ask with, when not by its return value. Settled once; later calls are dead letters. */
export interface Reply<Value> {
  /** Whether the caller still waits. */
  readonly open: boolean;
  /** Answers. */
  resolve(value: Value): void;
  /** Refuses: the caller's promise rejects with `error`. */
  reject(error: Error): void;
  /**
   * Called once, at that moment, when the caller gives up (timeout, abort) while the reply is still owed: whoever works
   * on it may stop. Not called once the reply was settled, nor because the incarnation ends; a caller that had given up
   * before this was set is not told of any more, `open` is `false` then. What it throws ends the incarnation.
   */
  onGivenUp?: (() => void) | undefined;
}

/** What an ask needs to know of where it was sent. */
export interface AskOrigin {
  readonly path: string;
  readonly deadlines: Deadlines;
  /** Told of a reply that came when nobody waited any more. */
  late(value: unknown): void;
  /** Told that the caller waits no more, and why. */
  gaveUp(): void;
}

/** What only some asks have to keep. */
interface Particulars {
  readonly detailed: boolean;
  readonly signal: AbortSignal | undefined;
  readonly delivery: DeliveryOptions | undefined;
  /** How many incarnations had the message and ended. */
  readonly had: number;
  /** The end of the last of them. */
  readonly death: IncarnationEndedError | undefined;
  onGivenUp: (() => void) | undefined;
  unlisten: (() => void) | undefined;
}

const NONE: Particulars = {
  detailed: false,
  signal: undefined,
  delivery: undefined,
  had: 0,
  death: undefined,
  onGivenUp: undefined,
  unlisten: undefined,
};

/** An ask on its way. */
export class Ask<Message, Value> implements Reply<Value>, Expiring {
  readonly message: Message;
  /** Whether somebody still waits. */
  open = true;
  /** The incarnation that has the message, or had it last; 0 before the first. */
  generation = 0;
  /** When it was taken, for one that is owed a reply; see {@linkcode Mailbox.taken}. */
  turn = 0;
  /** The cell's list of asks that it owes a reply, see {@linkcode Owed}. */
  owner: Owed | undefined = undefined;
  previous: Ask<unknown, unknown> | undefined = undefined;
  following: Ask<unknown, unknown> | undefined = undefined;
  // For the deadlines.
  lane: Lane | undefined = undefined;
  addedAt = 0;
  before: Expiring | undefined = undefined;
  after: Expiring | undefined = undefined;
  readonly #origin: AskOrigin;
  readonly #resolve: (value: Value) => void;
  readonly #reject: (error: Error) => void;
  /** Most asks have none. */
  #particulars: Particulars | undefined = undefined;

  /** `settle` are the ends of the promise that the caller has. */
  constructor(
    message: Message,
    origin: AskOrigin,
    settle: { readonly resolve: (value: Value) => void; readonly reject: (error: Error) => void },
  ) {
    this.message = message;
    this.#origin = origin;
    this.#resolve = settle.resolve;
    this.#reject = settle.reject;
  }

  /** From now on it can be given up. */
  begin(options: AskOptions | DetailedAskOptions | undefined): void {
    const { deadlines } = this.#origin;
    if (options === undefined) return deadlines.add(this, DEFAULT_ASK_TIMEOUT_MS);
    const { timeout = DEFAULT_ASK_TIMEOUT_MS, detailed = false, signal, onDeath, attempts } = options;
    if (detailed || signal !== undefined || onDeath !== undefined || attempts !== undefined) {
      this.#particulars = { ...NONE, detailed, signal, delivery: checkedDelivery(options) };
    }
    deadlines.add(this, timeout);
    if (signal !== undefined) this.#listen(signal);
  }

  /** What its sender wants done when an incarnation dies of it. */
  get delivery(): DeliveryOptions | undefined {
    return this.#particulars?.delivery;
  }

  /** How many incarnations had the message and ended. */
  get had(): number {
    return this.#particulars?.had ?? 0;
  }

  /** The end of the last incarnation that had the message, if one had. */
  get death(): IncarnationEndedError | undefined {
    return this.#particulars?.death;
  }

  /**
   * The same ask for whoever takes it next, in the same place among the deadlines. This one is settled by that: an
   * incarnation that still holds it can't answer for the next. `death` is the end of the one that had the message,
   * if it ended; else the message goes back as if it had not been taken.
   */
  renewed(death?: IncarnationEndedError): Ask<Message, Value> {
    const settle = { resolve: this.#resolve, reject: this.#reject };
    const fresh = new Ask<Message, Value>(this.message, this.#origin, settle);
    fresh.generation = this.generation;
    this.lane?.replace(this, fresh);
    const { detailed, signal, delivery, had, death: earlier } = this.#particulars ?? NONE;
    this.#settle();
    if (death !== undefined) {
      fresh.#particulars = { ...NONE, detailed, signal, delivery, had: had + 1, death };
    } else if (this.#particulars) {
      fresh.#particulars = { ...NONE, detailed, signal, delivery, had, death: earlier };
    }
    if (signal !== undefined) fresh.#listen(signal);
    return fresh;
  }

  get onGivenUp(): (() => void) | undefined {
    return this.#particulars?.onGivenUp;
  }

  set onGivenUp(told: (() => void) | undefined) {
    if (this.open) (this.#particulars ??= { ...NONE }).onGivenUp = told;
  }

  resolve(value: Value): void {
    if (!this.open) return this.#origin.late(value);
    this.#settle();
    if (this.#particulars?.detailed !== true) return this.#resolve(value);
    const answer: Answer<Value> = { value, generation: this.generation };
    this.#resolve(answer as Value); // who asked for details has the promise of them
  }

  reject(error: Error): void {
    if (!this.open) return this.#origin.late(error);
    this.#settle();
    this.#reject(error);
  }

  /** For {@linkcode Deadlines}. */
  expire(timeout: number): void {
    const { generation, death: cause } = this;
    this.#giveUp(new AskTimeoutError(this.#origin.path, timeout, { generation, cause }));
  }

  #giveUp(why: Error): void {
    const { owner, onGivenUp } = this;
    this.#origin.gaveUp();
    this.reject(why);
    try {
      onGivenUp?.();
    } catch (thrown) {
      owner?.onFailed(thrown);
    }
  }

  #settle(): void {
    this.open = false;
    this.lane?.remove(this);
    this.owner?.remove(this as Ask<unknown, unknown>);
    const particulars = this.#particulars;
    if (particulars === undefined) return;
    particulars.unlisten?.();
    particulars.onGivenUp = particulars.unlisten = undefined;
  }

  #listen(signal: AbortSignal): void {
    const abort = () => this.#giveUp(new AskAbortedError(this.#origin.path, signal.reason, this));
    if (signal.aborted) return abort();
    this.#particulars!.unlisten = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort, { once: true });
  }
}

/** The asks that an incarnation has taken and not answered yet, in the order in which it took them. */
export class Owed {
  #first: Ask<unknown, unknown> | undefined;
  #last: Ask<unknown, unknown> | undefined;
  /** Told of what a {@linkcode Reply.onGivenUp} threw. */
  readonly onFailed: (thrown: unknown) => void;

  constructor(onFailed: (thrown: unknown) => void) {
    this.onFailed = onFailed;
  }

  /** From now on `ask` is owed a reply. */
  add(ask: Ask<unknown, unknown>): void {
    ask.owner = this;
    ask.previous = this.#last;
    if (this.#last === undefined) this.#first = ask;
    else this.#last.following = ask;
    this.#last = ask;
  }

  /** Lets go of `ask`. */
  remove(ask: Ask<unknown, unknown>): void {
    if (ask.previous === undefined) this.#first = ask.following;
    else ask.previous.following = ask.following;
    if (ask.following === undefined) this.#last = ask.previous;
    else ask.following.previous = ask.previous;
    ask.owner = ask.previous = ask.following = undefined;
  }

  /** Lets go of all that is owed, in order. */
  *takeAll(): Iterable<Ask<unknown, unknown>> {
    while (this.#first !== undefined) {
      const ask = this.#first;
      this.remove(ask);
      yield ask;
    }
  }
}

/** What somebody sent, out of what is queued for it. */
export function messageOf(item: unknown): unknown {
  return item instanceof Ask || item instanceof Tell ? item.message : item;
}
