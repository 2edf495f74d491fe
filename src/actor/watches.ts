/**
 * The actors that an incarnation watches, and the exits that it has not handled yet.
 *
 * There is at most one notice for each watched actor, its latest exit; an incarnation that is ending gets none any
 * more.
 */

import type { Terminated } from "./behavior.ts";
import type { Exit } from "./exit.ts";
import type { Consumer } from "./mailbox/mailbox.ts";
import type { AnyRef, Watcher } from "./ref.ts";

/** The actors that one incarnation watches, and the notices that wait for it. */
export class Watches implements Watcher {
  /** The number of notices; a field, as it is read before each message. */
  size = 0;
  readonly #consumer: Consumer;
  readonly #watched = new Set<AnyRef>();
  #notices: Terminated[] = [];
  #isClosed = false;

  /** `consumer` is woken when there is a notice to take. */
  constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  /** The number of watched actors, without those that are gone. */
  get watched(): number {
    return this.#watched.size;
  }

  watch(ref: AnyRef): void {
    if (this.#isClosed) return;
    // First: what is not an address is not to be let go of later, and of one that is gone nothing follows.
    if (ref.addWatcher(this)) this.#watched.add(ref);
  }

  unwatch(ref: AnyRef): void {
    this.#watched.delete(ref);
    this.#keep(this.#notices.filter((notice) => notice.ref !== ref));
    ref.removeWatcher(this);
  }

  onTerminated(ref: AnyRef, generation: number, exit: Exit): void {
    if (this.#isClosed) return;
    this.#keep([...this.#notices.filter((notice) => notice.ref !== ref), { ref, generation, exit }]);
    this.#consumer.wake();
  }

  /** Called by the watched address when it is gone; notices that have come stay. */
  onGone(ref: AnyRef): void {
    this.#watched.delete(ref);
  }

  /** Takes the next notice; there must be one. */
  take(): Terminated {
    const notice = this.#notices[0]!;
    this.#keep(this.#notices.slice(1));
    return notice;
  }

  /** Removes all watches, as the incarnation is to end. */
  close(): void {
    this.#isClosed = true;
    this.#keep([]);
    for (const ref of this.#watched) ref.removeWatcher(this);
    this.#watched.clear();
  }

  #keep(notices: Terminated[]): void {
    this.#notices = notices;
    this.size = notices.length;
  }
}
