/**
 * Async generators that their reader can cancel at any time.
 *
 * A plain one answers a `return()` only behind a `next()` that still waits, so a reader who wants to leave while nothing
 * comes is stuck.
 */

/**
 * @ignore `generator`, but that `leave` is called as soon as the reader leaves. It has to end what the generator waits
 * @ignore Calls `leave` as soon as the reader of `generator` cancels. It has to end what the generator waits for, whose
 */
export function cancellable<Item>(
  generator: AsyncGenerator<Item, void, void>,
  leave: () => void,
): AsyncGenerator<Item, void, void> {
  return {
    next: () => generator.next(),
    return() {
      leave();
      return generator.return();
    },
    throw(error) {
      leave();
      return generator.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return();
    },
  };
}
