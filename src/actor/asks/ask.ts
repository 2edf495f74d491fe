/**
 * A message whose sender waits for the reply.
 *
 * It travels through the mailbox in place of its message, is settled exactly
 * once, and holds the caller's promise, its deadline and the incarnation that has it.
 */

import { checkSignal, whenAborted } from "../../options/abort_signal.ts";
import { checkKeys } from "../../options/call_options.ts";
import { durationOption } from "../../options/units.ts";
import type { DeadlineEntry, Deadlines, Lane } from "../../time/deadlines.ts";
import { checkedDelivery, type DeliveryOptions, Tell } from "../mailbox/delivery.ts";
import { AskTimeoutError, type IncarnationEndedError } from "../actor_errors.ts";
import { asError } from "../exit.ts";
import { FramesWithin, hasFrames } from "./frames_within.ts";
import { ProgressDeadline } from "./progress_deadline.ts";
import { isThenable, onRejection } from "../user_value.ts";
import {
  type Answer,
  ASK_KEYS,
  type AskOptions,
  DEFAULT_ASK_TIMEOUT_MS,
  DEFAULT_MAX_TOTAL_TIMEOUT_MS,
  type DetailedAskOptions,
  type IdleOption,
  type Reply,
} from "./options.ts";

/** The part of an address that an ask needs. */
interface AskOrigin {
  readonly path: string;
  readonly deadlines: Deadlines;
  /** Reports a reply that came after the caller had given up. */
  late(value: unknown): void;
  /** Notes that the caller has given up. */
  gaveUp(): void;
}

/** The part of `PendingReplies` that an ask in its list needs. */
interface InFlight {
  readonly generation: number;
  readonly onFailed: (thrown: unknown) => void;
  remove(pending: WaitingAsk): void;
  droppedSince(sequence: number): readonly string[];
  readonly explain: ((reply: Reply<unknown>) => string | undefined) | undefined;
}

/** Fields that few asks need. */
interface Particulars {
  readonly detailed: boolean;
  /** Milliseconds for each further frame. */
  readonly idle: number;
  readonly signal: AbortSignal | undefined;
  readonly delivery: DeliveryOptions | undefined;
  readonly attempts: number;
  /** The end of the last of them. */
  readonly death: IncarnationEndedError | undefined;
  /** The incarnation that has the message, or had it last; 0 before the first. */
  generation: number;
  /** The ask that was made to answer this one. */
  passedTo: WaitingAsk | undefined;
  /** Where progress moves its deadline. */
  progress: ProgressDeadline | undefined;
  /** Reports progress to the ask that this one is made to answer. */
  readonly above: Reply<unknown>["reportProgress"];
  onGivenUp: (() => void) | undefined;
  unlisten: (() => void) | undefined;
}

const NONE: Particulars = {
  detailed: false,
  idle: Infinity,
  signal: undefined,
  delivery: undefined,
  attempts: 0,
  death: undefined,
  generation: 0,
  passedTo: undefined,
  progress: undefined,
  above: undefined,
  onGivenUp: undefined,
  unlisten: undefined,
};

/**
 * An ask on its way. It has few fields, as most asks are answered at once: what is only needed until a late answer, or
 * by few, is kept beside it.
 */
export class Ask<Message, Value> implements Reply<Value> {
  readonly message: Message;
  /** Whether the caller still waits. */
  isOpen = true;
  /** Set once the ask was not answered at once. */
  pending: WaitingAsk | undefined = undefined;
  readonly #origin: AskOrigin;
  readonly #resolve: PromiseWithResolvers<Value>["resolve"];
  readonly #reject: (reason: unknown) => void;
  /** Most asks have none. */
  #particulars: Particulars | undefined = undefined;

  /** Not `instanceof`: a message may be a proxy, which would be asked, and may throw. */
  static is(item: unknown): item is Ask<unknown, unknown> {
    return typeof item === "object" && item !== null && #origin in item;
  }

  /** `resolve` and `reject` are the ends of the promise that the caller has. */
  constructor(
    message: Message,
    origin: AskOrigin,
    { resolve, reject }: Pick<PromiseWithResolvers<Value>, "resolve" | "reject">,
  ) {
    this.message = message;
    this.#origin = origin;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Options other than the defaults; from now on it can be given up. @throws {OptionError} they make no sense */
  begin(options: (AskOptions | DetailedAskOptions) & IdleOption): void {
    checkKeys(`Cannot ask '${this.#origin.path}'`, options, ASK_KEYS);
    const { detailed = false, signal, inAnswerTo, onDeath, attempts, resetTimeoutOnProgress } = options;
    if (signal !== undefined) checkSignal(`Cannot ask '${this.#origin.path}'`, signal);
    const timeout = durationOption("timeout", options.timeout, DEFAULT_ASK_TIMEOUT_MS);
    const idle = durationOption("idle", options.idle, Infinity);
    const max = durationOption("maxTotalTimeout", options.maxTotalTimeout, DEFAULT_MAX_TOTAL_TIMEOUT_MS);
    const above = Ask.is(inAnswerTo) ? inAnswerTo.reportProgress : undefined;
    const isPlain = !detailed && idle === Infinity && signal === undefined && above === undefined;
    if (!isPlain || onDeath !== undefined || attempts !== undefined || resetTimeoutOnProgress) {
      this.#particulars = { ...NONE, detailed, idle, signal, delivery: checkedDelivery(options), above };
    }
    this.#wait(timeout);
    if (Ask.is(inAnswerTo)) inAnswerTo.#passTo(this);
    if (resetTimeoutOnProgress) {
      const { deadlines } = this.#origin;
      this.#particulars!.progress = new ProgressDeadline(this.pending!, { deadlines, timeout, max });
    }
    if (signal !== undefined) this.#listen(signal);
  }

  #passTo(asked: { readonly pending: WaitingAsk | undefined }): void {
    if (this.isOpen) (this.#particulars ??= { ...NONE }).passedTo = asked.pending;
  }

  get reportProgress(): Reply<unknown>["reportProgress"] {
    const { progress, above } = this.#particulars ?? NONE;
    if (progress === undefined) return above;
    return (isUnderWay = false) => {
      progress.restart(isUnderWay);
      above?.(isUnderWay);
    };
  }

  /** Starts the timeout, if it does not run yet: the ask is not answered within this turn of the event loop. */
  time(): void {
    if (this.isOpen && this.pending === undefined) this.#wait(DEFAULT_ASK_TIMEOUT_MS);
  }

  #wait(timeout: number): void {
    this.pending = new WaitingAsk(this as Ask<unknown, unknown>);
    this.#origin.deadlines.add(this.pending, timeout);
  }

  /** Notes that incarnation `generation` has the message from now on. */
  taken(generation: number): void {
    // Few callers ask for the generation of an immediate answer; a pending one has it in its list.
    if (this.#particulars !== undefined) this.#particulars.generation = generation;
  }

  /** The incarnation that has the message, or had it last; 0 before the first. */
  get generation(): number {
    return this.#particulars?.generation || (this.pending?.inFlight?.generation ?? 0);
  }

  get delivery(): DeliveryOptions | undefined {
    return this.#particulars?.delivery;
  }

  get attempts(): number {
    return this.#particulars?.attempts ?? 0;
  }

  get death(): IncarnationEndedError | undefined {
    return this.#particulars?.death;
  }

  /**
   * Makes the same ask for the next incarnation, with the same deadline. It settles this one, so that an incarnation that
   * still holds it can't answer for the next. `death` is the error of the incarnation that had the message, if it ended;
   * without one the message goes back as if it had not been taken.
   */
  renewed(death?: IncarnationEndedError): Ask<Message, Value> {
    const fresh = new Ask<Message, Value>(this.message, this.#origin, {
      resolve: this.#resolve,
      reject: this.#reject,
    });
    const { generation } = this;
    fresh.#particulars = {
      ...this.#particulars ?? NONE,
      generation,
      passedTo: undefined,
      onGivenUp: undefined,
      unlisten: undefined,
    };
    const { signal, attempts } = fresh.#particulars;
    if (death !== undefined) fresh.#particulars = { ...fresh.#particulars, attempts: attempts + 1, death };
    if (this.#particulars !== undefined) this.#particulars.progress = undefined; // it goes on
    this.time();
    const pending = this.pending!;
    pending.inFlight?.remove(pending);
    pending.ask = fresh as Ask<unknown, unknown>;
    fresh.pending = pending;
    this.pending = undefined;
    this.#settle();
    if (signal !== undefined) fresh.#listen(signal);
    return fresh;
  }

  get onGivenUp(): (() => void) | undefined {
    return this.#particulars?.onGivenUp;
  }

  set onGivenUp(callback: (() => void) | undefined) {
    if (this.isOpen) (this.#particulars ??= { ...NONE }).onGivenUp = callback;
  }

  resolve(value: Value | PromiseLike<Value>): void {
    // A text, or a number, needs no closer look.
    if ((typeof value === "object" || typeof value === "function") && isThenable(value)) this.#follow(value);
    else this.answer(value);
  }

  /** {@linkcode Ask.resolve} with what is known not to be a promise. */
  answer(value: Value): void {
    if (!this.isOpen) return this.#origin.late(value);
    const answer = this.#particulars === undefined ? value : this.#asWanted(value, this.#particulars);
    this.#settle();
    this.#resolve(answer);
  }

  /** The answer as the options have it. */
  #asWanted(value: Value, { detailed, idle }: Particulars): Value {
    const given = idle !== Infinity && hasFrames(value) ? this.#framesWithin(idle, value) as Value : value;
    // Who asked for details has the promise of them.
    return detailed ? { value: given, generation: this.generation } satisfies Answer<Value> as Value : given;
  }

  #framesWithin(idle: number, frames: AsyncIterable<unknown>): FramesWithin {
    const { generation } = this;
    const { path, deadlines } = this.#origin;
    const { inFlight, sequence = 0 } = this.pending ?? {};
    const late = () => {
      const dropped = inFlight?.droppedSince(sequence);
      return new AskTimeoutError(path, idle, { missing: "further frame", generation, dropped });
    };
    return new FramesWithin(frames, { deadlines, idle, late });
  }

  reject(error: Error): void {
    if (!this.isOpen) return this.#origin.late(error);
    this.#fail(asError(error));
  }

  #fail(reason: unknown): void {
    this.#settle();
    this.#reject(reason);
  }

  /** The caller's own promise must not follow `value`: its time would not run any more. */
  #follow(value: PromiseLike<Value>): void {
    this.time();
    new Promise<Value>((resolve) => resolve(value)).then(
      (value) => this.answer(value),
      (thrown) => this.reject(thrown),
    );
  }

  /** For {@linkcode Deadlines}. */
  expire(timeout: number): void {
    const { generation, death: cause, pending } = this;
    const dropped = pending && [...pending.dropped, ...this.#particulars?.passedTo?.dropped ?? []];
    const waiting = this.#particulars?.passedTo ?? pending;
    const why = waiting?.inFlight?.explain?.(waiting.ask);
    this.#giveUp(new AskTimeoutError(this.#origin.path, timeout, { generation, cause, dropped, why }));
  }

  /** `why` may be any value: it is the caller's own reason. */
  #giveUp(why: unknown): void {
    const { onGivenUp } = this;
    const inFlight = this.pending?.inFlight;
    this.#origin.gaveUp();
    this.#fail(why);
    if (onGivenUp === undefined) return;
    const failed = (thrown: unknown) => inFlight?.onFailed(thrown);
    try {
      onRejection(onGivenUp(), failed);
    } catch (thrown) {
      failed(thrown);
    }
  }

  #settle(): void {
    this.isOpen = false;
    this.pending?.settle();
    const particulars = this.#particulars;
    if (particulars === undefined) return;
    particulars.unlisten?.();
    particulars.progress?.end();
    particulars.onGivenUp = particulars.unlisten = particulars.passedTo = undefined;
  }

  #listen(signal: AbortSignal): void {
    const abort = () => this.#giveUp(signal.reason);
    if (signal.aborted) return abort();
    this.#particulars!.unlisten = whenAborted(signal, abort);
  }
}

/**
 * An ask that is not answered within the turn of the event loop in which it was made: its entry in the deadlines and in
 * the list of an incarnation, for one allocation.
 */
export class WaitingAsk implements DeadlineEntry {
  /** The ask; a new one after a replay. */
  ask: Ask<unknown, unknown>;
  /** The incarnation's list that it is in. */
  inFlight: InFlight | undefined = undefined;
  /** The sequence number of the message, for one in a list; see `Mailbox.taken`. */
  sequence = 0;
  previous: WaitingAsk | undefined = undefined;
  following: WaitingAsk | undefined = undefined;
  // For the deadlines.
  lane: Lane | undefined = undefined;
  addedIn = 0;
  before: DeadlineEntry | undefined = undefined;
  after: DeadlineEntry | undefined = undefined;

  constructor(ask: Ask<unknown, unknown>) {
    this.ask = ask;
  }

  /** What the incarnation that has the message dropped since. */
  get dropped(): readonly string[] {
    return this.inFlight?.droppedSince(this.sequence) ?? [];
  }

  /** For {@linkcode Deadlines}. */
  expire(timeout: number): void {
    this.ask.expire(timeout);
  }

  settle(): void {
    this.lane?.remove(this);
    this.inFlight?.remove(this);
  }
}

export function unwrapMessage(item: unknown): unknown {
  return Ask.is(item) || Tell.is(item) ? item.message : item;
}
