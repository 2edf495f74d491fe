/**
 * Forwards the published values of the copies to the pool's own subscribers.
 *
 * While a subscriber is there nothing is lost: published values are forwarded at the pace of the slowest reader,
 * also when the copy has ended, was replaced or was taken away; and where the pool itself ends, without waiting.
 */

import { type AnyRef, asError, SubscriptionLaggedError } from "@outrider/outrider/actor";
import type { Context, Subscription } from "@outrider/outrider";
import type { PoolSettings } from "./options.ts";

/** Whether values that the pool has no subscriber for are of use all the same, as they are logged lines. */
type Following = Pick<PoolSettings, "isLogged">;
type PoolContext = Context<unknown, unknown, unknown>;

/** The publications of one pool. */
export class Publications {
  readonly #context: PoolContext;
  readonly #settings: Following;
  readonly #followed = new Set<PublicationRelay>();

  /** `context` is the pool's. */
  constructor(context: PoolContext, settings: Following) {
    this.#context = context;
    this.#settings = settings;
  }

  /**
   * Forwards the values that the copy at `ref` publishes from now on, behind those that `before` still has, until its
   * end.
   */
  follow(ref: AnyRef, before: PublicationRelay | undefined): PublicationRelay {
    const following = new PublicationRelay(ref, this.#context, this.#settings);
    before?.supersede();
    this.#followed.add(following);
    following.run(before?.over).then(
      () => this.#followed.delete(following),
      (thrown) => this.#context.exit({ reason: "crash", cause: asError(thrown) }),
    );
    return following;
  }

  /** Forwards values in flight at once, as the pool ends. */
  flush(): void {
    for (const following of this.#followed) following.flush();
  }
}

/** The publications of one copy, until it has ended for good or its place is gone. */
export class PublicationRelay {
  readonly #ref: AnyRef;
  readonly #context: PoolContext;
  readonly #isLogged: boolean;
  readonly #over = Promise.withResolvers<void>();
  #subscription: Subscription<unknown>;
  #items: readonly unknown[] = [];
  #sizes: readonly number[] | undefined;
  /** How many of those were passed on. */
  #at = 0;
  #isSuperseded = false;

  constructor(ref: AnyRef, context: PoolContext, { isLogged }: Following) {
    this.#ref = ref;
    this.#context = context;
    this.#isLogged = isLogged;
    this.#subscription = ref.subscribe();
  }

  /** Fulfilled when nothing more can come and all was passed on. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Whether it no longer receives the values of its copy. */
  get hasEnded(): boolean {
    return this.#subscription.hasEnded;
  }

  /** Another one follows the same copy from now on. */
  supersede(): void {
    this.#isSuperseded = true;
  }

  /** Passes on what comes, once `before` is fulfilled; fulfilled like {@linkcode PublicationRelay.over}. */
  async run(before: Promise<void> | undefined): Promise<void> {
    await before;
    while (!await this.#read());
    this.#over.resolve();
  }

  /** Forwards queued values without waiting; later ones are dropped. */
  flush(): void {
    while (this.#at < this.#items.length) void this.#next();
    this.#take(this.#subscription.takeUnread());
    while (this.#at < this.#items.length) void this.#next();
    void this.#subscription.return();
  }

  /** Whether nothing more can come. */
  async #read(): Promise<boolean> {
    const { path } = this.#ref;
    try {
      for await (const batch of this.#subscription.sizedBatches()) {
        this.#take(batch);
        while (this.#at < this.#items.length) await this.#next();
      }
      return true;
    } catch (error) {
      if (!(error instanceof SubscriptionLaggedError)) throw error;
      const message = `publications of '${path}' were lost, as it made more than was read and did not wait`;
      this.#context.emit({ type: "warning", message });
      if (this.#isSuperseded) return true;
      this.#subscription = this.#ref.subscribe();
      return false;
    }
  }

  #take({ items, sizes }: ReturnType<Subscription<unknown>["takeUnread"]>): void {
    this.#items = items;
    this.#sizes = sizes;
    this.#at = 0;
  }

  #next(): void | Promise<void> {
    const at = this.#at++;
    if (this.#context.subscribers > 0) return this.#context.publish(this.#items[at], this.#sizes?.[at]);
    if (!this.#isLogged) this.#context.deadLetter("unclaimed", this.#items[at]);
  }
}
