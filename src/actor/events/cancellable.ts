/**
 * Async generators that their reader can leave at any time.
 *
 * A plain one answers a `return()` only behind a `next()` that still waits, so a reader who wants to leave while nothing
 * comes is stuck.
 *
 * @module
 */

/**
 * @ignore `generator`, but that `leave` is called as soon as the reader leaves. It has to end what the generator waits
 * for; what that comes to is not read any more.
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
