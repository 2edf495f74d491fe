/**
 * The context of one incarnation, as far as it concerns its address and the tree. `cell.ts` adds the loop and the life.
 */

import { type Context, INJECTED, type TakenMessage } from "./behavior.ts";
import type { Reply } from "./asks/options.ts";
import { PendingReplies } from "./asks/pending_replies.ts";
import type { Clock } from "../time/clock.ts";
import type { Delivery, DeliveryOptions } from "./mailbox/delivery.ts";
import { checkedSize } from "./mailbox/options.ts";
import type { EmittedEvent, EventPayload, Frequency } from "./events/event.ts";
import type { Exit } from "./exit.ts";
import type { Address } from "./address.ts";
import type { ActorRef, AnyRef } from "./ref.ts";
import type { ActorSystem } from "./system.ts";
import { Watches } from "./watches.ts";

/** See `Context`, which says what each member promises. */
export abstract class CellContext<Message, Value, Published> implements Context<Message, Value, Published> {
  readonly path: string;
  readonly generation: number;
  readonly clock: Clock;
  protected readonly pending: PendingReplies;
  protected readonly watches: Watches;
  /**
   * "waiting": for `started`, or for the promise of a handler. An end that was asked for waits for that, and for a run that
   * it comes from within.
   */
  protected state: "waiting" | "idle" | "queued" | "running" | "done" = "waiting";
  readonly #address: Address;
  readonly #system: ActorSystem;

  constructor(address: Address, system: ActorSystem, delivery: Delivery) {
    this.#address = address;
    this.#system = system;
    this.path = address.path;
    this.clock = system.clock;
    this.generation = address.generation;
    this.pending = new PendingReplies(address, delivery, (thrown) => this.crash(thrown));
    this.watches = new Watches(this);
  }

  abstract readonly signal: AbortSignal;
  abstract deferReply(): Reply<Value> | undefined;
  abstract taken(): TakenMessage;
  abstract exit(exit: Exit): void;
  /** Wakes it, as there is a message or a notice to take. */
  abstract wake(): void;
  /** Ends it, as code of a user's failed. */
  protected abstract crash(thrown: unknown): void;

  get [INJECTED](): object {
    return this.#system.injected;
  }

  get subscribers(): number {
    return this.#address.subscriptions.size;
  }

  get self(): ActorRef<Message, Value, Published> {
    return this.#system.ref(this.path);
  }

  // deno-lint-ignore no-explicit-any -- see Context.ref
  ref<M = any, V = any, P = any>(path: string): ActorRef<M, V, P> {
    return this.#system.ref(path);
  }

  watch(ref: AnyRef): void {
    this.watches.watch(ref);
  }

  unwatch(ref: AnyRef): void {
    this.watches.unwatch(ref);
  }

  get delivery(): DeliveryOptions | undefined {
    return this.pending.delivery;
  }

  abandon(taken: readonly TakenMessage[]): void {
    this.pending.abandon(taken);
  }

  giveBack(taken: readonly TakenMessage[]): void {
    this.pending.giveBack(taken);
  }

  refuseMessages(refusal: () => Error): void {
    if (this.state !== "done") this.#address.mailbox.close("it takes no messages", refusal);
  }

  deadLetter(reason: "refused" | "unclaimed", message: unknown): void {
    this.pending.deadLetter(reason, message);
  }

  noteDropped(kind: string, describe: () => string): void {
    this.pending.noteDropped(kind, describe);
  }

  get dropped(): readonly string[] {
    return this.pending.droppedSince(0);
  }

  explainTimeouts(explain: (reply: Reply<unknown>) => string | undefined): void {
    this.pending.explain = explain;
  }

  publish(item: Published, size = 0): void | Promise<void> {
    // One size that is none would make the sum of all sizes none, and every publisher wait for ever.
    if (this.state !== "done") {
      return this.#address.subscriptions.publish(item, checkedSize(this.path, size));
    }
  }

  isObserved(type: string): boolean {
    return this.#address.isObserved(type);
  }

  emit<Event extends EventPayload>(event: Event, frequency?: Frequency): void {
    if (this.state !== "done") this.#address.emit(event, frequency);
  }

  redact<Event extends EmittedEvent>(clean: (event: Event) => Event): void {
    this.#address.redact = clean as unknown as Address["redact"];
  }
}
