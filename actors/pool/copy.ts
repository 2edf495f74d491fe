/**
 * One copy of a pool, as its router sees it: its state and its messages.
 */

import {
  type AnyRef,
  asError,
  causeOf,
  type Incarnation,
  sleep,
  type TakenMessage,
} from "@outrider/outrider/actor";
import type { ChildSpec, Context, DeliveryOptions, Reply } from "@outrider/outrider";
import type { PublicationRelay, Publications } from "./follow.ts";

/** The router's context, as the pool's parts use it. */
export type PoolContext = Context<unknown, unknown, unknown>;

/**
 * The state of a copy. `down`: it starts, or will restart by itself. `gone`: it has ended for good, unless it is
 * started by hand.
 */
export type CopyState = "down" | "up" | "gone";

/** A message on its way through a pool. */
export interface PoolMessage {
  readonly message: unknown;
  /** The pending reply of an ask. */
  readonly reply: Reply<unknown> | undefined;
  /** To give it back to the pool's mailbox. */
  readonly taken: TakenMessage;
  /** In which order messages came. */
  readonly number: number;
  /** The routing key, with `hash`. */
  readonly key: string;
  /** The copy that has it. */
  copy: PoolCopy | undefined;
  /** Decides what happens when the copy ends before it has answered; without it the copy's own options count. */
  readonly delivery: DeliveryOptions | undefined;
  /** Copies that had it and ended, where it is replayed. */
  attempts: number;
  /** Ends the ask to that copy. */
  withdrawal: AbortController | undefined;
  /** Its answer has begun, and has many frames. */
  isStreaming: boolean;
  /** How often it was taken back from a copy that had not handled it. */
  moves: number;
}

/** Whether its sender still waits for a reply, or for more of one. */
export function isWanted({ reply, isStreaming }: PoolMessage): boolean {
  return isStreaming || reply === undefined || reply.isOpen;
}

/** Milliseconds between two looks at the mailbox of a retiring copy: no event reports that it is empty. */
const LOOK_MS = 10;

/** The parts of the pool that a copy needs. */
export interface PoolCopyOptions {
  readonly context: PoolContext;
  readonly publications: Publications;
  readonly perCopy: number;
  /** Called at each change of its state. */
  readonly onChange: (copy: PoolCopy) => void;
  /**
   * How it stands with its supervisor: `there` while it has an incarnation or will have one, `held` back for a while.
   */
  readonly standing: (id: string) => "there" | "held" | "gone";
}

/** One copy of a pool. */
export class PoolCopy {
  readonly id: string;
  readonly path: string;
  /** The spec that its supervisor starts, and that reports each incarnation here. */
  readonly spec: ChildSpec;
  state: CopyState = "down";
  /** Why it ended last. */
  cause: Error | undefined;
  /** It gets no messages: it is about to be replaced or taken away. */
  isResting = false;
  /** It is being replaced under its own name: while it is not there, it is not gone. */
  isReturning = false;
  /**
   * Whether keys are given to it: not before it was ready for the first time, where it came later; not when it is to
   * go.
   */
  isMember: boolean;
  /** It gets no message until it has answered one whose caller has given up. */
  isOwing = false;
  /** Messages that it has not answered. */
  readonly dispatched: Set<PoolMessage> = new Set();
  /** Messages that wait for this copy only, in order; with `hash` only. */
  waiting: PoolMessage[] = [];
  #ref: AnyRef | undefined;
  #following: PublicationRelay | undefined;
  #stopListening: (() => void) | undefined;
  #isOver = false;
  #onSettled: (() => void) | undefined;
  readonly #options: PoolCopyOptions;

  constructor(spec: ChildSpec, { isMember, ...options }: PoolCopyOptions & { readonly isMember: boolean }) {
    this.id = spec.id;
    this.isMember = isMember;
    this.path = options.context.path === "/" ? spec.id : `${options.context.path}/${spec.id}`;
    this.#options = options;
    this.spec = { ...spec, start: (context) => this.#start(() => spec.start(context)) };
  }

  /** Its address. Only to be used of one that was started. */
  get ref(): AnyRef {
    return this.#ref!;
  }

  /** Which incarnation it is, counted from 1. */
  get generation(): number {
    return this.#ref?.generation ?? 0;
  }

  /** The number of unanswered messages, asks and tells, for the choice of a copy. */
  get load(): number {
    return Math.max(this.dispatched.size, this.#ref?.queued ?? 0);
  }

  /** Whether it may have another message now. */
  get hasRoom(): boolean {
    return this.state === "up" && !this.isResting && !this.isOwing &&
      this.dispatched.size < this.#options.perCopy;
  }

  /** Whether it is there and has nothing to do. */
  get isIdle(): boolean {
    return this.state === "up" && this.load === 0 && this.waiting.length === 0;
  }

  /** It has another message. */
  take(item: PoolMessage): void {
    item.copy = this;
    this.dispatched.add(item);
  }

  /** It has answered that, or will not; `false`: that was known. */
  settle(item: PoolMessage): boolean {
    const had = this.dispatched.delete(item);
    if (this.isOwing) this.isOwing = ![...this.dispatched].every(isWanted);
    this.noticed();
    return had;
  }

  /** Records the end of an incarnation, as the fate of a message shows it. */
  ended(generation: number, cause: Error | undefined): void {
    if (this.state === "up" && this.generation === generation) this.#become("down", cause);
  }

  /** Reports a change in its messages. */
  noticed(): void {
    this.#onSettled?.();
  }

  /** Settles when no wanted message is left, or `within` ms have passed, or the pool stops. */
  async drained(within: number): Promise<void> {
    const { clock, signal } = this.#options.context;
    const end = clock.now() + within;
    for (;;) {
      const busy = [...this.dispatched].some(isWanted);
      const left = end - clock.now();
      if (left <= 0 || signal.aborted || !(busy || this.load > this.dispatched.size)) return;
      const noticed = new AbortController();
      this.#onSettled = () => noticed.abort();
      await sleep(
        clock,
        busy ? left : Math.min(left, LOOK_MS),
        AbortSignal.any([noticed.signal, signal]),
      );
    }
  }

  /** It is a member, as it is ready for the first time. */
  admit(): void {
    this.isMember = true;
    this.#options.onChange(this);
  }

  /** How it stands with its supervisor is looked at again. */
  stand(): void {
    if (this.#options.standing(this.id) === "gone") this.#become("gone");
    else this.#options.onChange(this);
  }

  /** It has ended, and will not come back. */
  end(): void {
    this.#isOver = true;
    this.isMember = false;
    this.state = "gone";
    this.#stopListening?.();
    this.#options.onChange(this);
  }

  #start(start: () => Incarnation): Incarnation {
    const ref = this.#options.context.ref(this.path);
    if (ref !== this.#ref) this.#settleAt(ref);
    if (this.#following?.hasEnded !== false) {
      this.#following = this.#options.publications.follow(ref, this.#following);
    }
    this.#become("down");
    const incarnation = start();
    incarnation.started.then(
      (outcome) => outcome === "ok" && this.#become("up"),
      (thrown) => this.#become("down", asError(thrown)),
    );
    void incarnation.ended.then((exit) => this.#become("down", causeOf(exit)));
    return incarnation;
  }

  /** Its place is another one than before, as the one before was removed. */
  #settleAt(ref: AnyRef): void {
    this.#ref = ref;
    this.#stopListening?.();
    this.#stopListening = ref.onClosed(() => queueMicrotask(() => this.#onClosed()));
  }

  /** No incarnation is to follow by itself, unless that has changed since. */
  #onClosed(): void {
    const standing = this.#options.standing(this.id);
    if (standing !== "there") this.#become(standing === "held" ? "down" : "gone");
  }

  #become(state: CopyState, cause: Error | undefined = this.cause): void {
    this.cause = cause;
    if (this.#isOver) return;
    this.state = state === "gone" && this.isReturning ? "down" : state;
    this.#options.onChange(this);
  }
}
