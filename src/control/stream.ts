/**
 * One stream to a client: an item is written when there is credit for it.
 *
 * Used by `ControlConnection`. The invariant: of a client that gives no credit, one item waits and none is made behind it.
 */

import { MAX_CREDIT, type ReplyLine, type RequestId, type ServerLine } from "./protocol.ts";

/** Makes the items; its return value is the result. */
export type ItemSource = (signal: AbortSignal) => AsyncGenerator<unknown, unknown>;

export class ItemStream {
  readonly #id: RequestId;
  readonly #over = new AbortController();
  #credit: number;
  #more: PromiseWithResolvers<void> | undefined;

  constructor(id: RequestId, credit: number) {
    this.#id = id;
    this.#credit = Math.min(credit, MAX_CREDIT);
  }

  /** Lets so many items more be made. */
  give(items: number): void {
    this.#credit = Math.min(this.#credit + items, MAX_CREDIT);
    this.#wake();
  }

  /** Makes no more items. */
  cancel(): void {
    this.#over.abort();
    this.#wake();
  }

  /** Writes the items as they are made and credited; the last line. Rejects with what the source throws. */
  async run(source: ItemSource, write: (line: ServerLine) => Promise<void>): Promise<ReplyLine> {
    const { signal } = this.#over;
    const items = source(signal);
    // Asked for also without credit: the result may come next.
    for (;;) {
      const next = await items.next();
      if (next.done) return { id: this.#id, result: next.value ?? null };
      while (this.#credit === 0 && !signal.aborted) {
        await (this.#more = Promise.withResolvers<void>()).promise;
      }
      if (signal.aborted) break;
      this.#credit--;
      await write({ id: this.#id, item: next.value });
    }
    await items.return(undefined);
    return { id: this.#id, result: null };
  }

  #wake(): void {
    this.#more?.resolve();
    this.#more = undefined;
  }
}
