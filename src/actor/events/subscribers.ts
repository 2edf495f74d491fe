/**
 * The subscriptions to one address.
 */

import { whenAborted } from "../../options/abort_signal.ts";
import { checkOptions } from "../../options/check.ts";
import { subscribeOptions } from "../../options/fields/running.ts";
import { type SubscribeOptions, Subscription } from "./subscription.ts";

export class Subscribers<Item> {
  readonly #path: string;
  #subscriptions: readonly Subscription<Item>[] = [];
  #isClosed = false;

  constructor(path: string) {
    this.#path = path;
  }

  get size(): number {
    return this.#subscriptions.length;
  }

  /** Publishes `item`, of `size` bytes, to each subscription; a promise means: wait before you publish more. */
  publish(item: Item, size = 0): void | Promise<void> {
    if (this.#subscriptions.length === 1) return this.#subscriptions[0]!.push(item, size);
    let wait: Promise<void> | undefined;
    for (const subscription of this.#subscriptions) {
      const room = subscription.push(item, size);
      if (room !== undefined) wait = wait === undefined ? room : Promise.all([wait, room]).then(() => {});
    }
    return wait;
  }

  /** Adds a subscription to what is published from now on, by any incarnation of the actor. */
  subscribe(options: SubscribeOptions = {}): Subscription<Item> {
    const what = `Cannot subscribe to '${this.#path}'`;
    const { signal, ...bounds } = checkOptions<SubscribeOptions>(what, subscribeOptions, options);
    let unlisten: (() => void) | undefined;
    const leave = () => {
      this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
      unlisten?.();
    };
    const subscription = new Subscription<Item>(this.#path, bounds, leave);
    if (signal?.aborted || this.#isClosed) subscription.end();
    else {
      this.#subscriptions = [...this.#subscriptions, subscription];
      unlisten = whenAborted(signal, () => void subscription.return());
    }
    return subscription;
  }

  /** Ends all subscriptions, behind what is still unread, and those to come at once. */
  close(): void {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions) subscription.end();
  }

  /** Takes subscribers again after a {@linkcode Subscribers.close}. */
  reopen(): void {
    this.#isClosed = false;
  }
}
