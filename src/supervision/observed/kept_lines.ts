/**
 * Lines of output that are kept for readers who may come later, and are as slow as they like.
 *
 * Used by `ChildRef`. The invariant: the newest are kept, up to a bound; a reader that is behind it misses the oldest.
 */

import { cancellable } from "../../actor/events/cancellable.ts";

/** Lines that are kept, at most. */
export const KEPT_LINES = 4_096;

/** Characters of the lines that are kept, at most; one longer than that is kept alone. */
export const KEPT_CHARACTERS = 1_048_576;

/** The newest lines, and those who wait for the next. */
export class KeptLines {
  readonly #lines: string[] = [];
  /** How many there were before the first that is kept. */
  #gone = 0;
  #characters = 0;
  #isOver = false;
  #arrival = Promise.withResolvers<void>();

  push(line: string): void {
    this.#lines.push(line);
    this.#characters += line.length;
    while (this.#lines.length > 1 && this.#isFull()) {
      this.#characters -= this.#lines.shift()!.length;
      this.#gone++;
    }
    this.#wake();
  }

  last(count: number): readonly string[] {
    return this.#lines.slice(-count);
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Those that are kept, and those to come, to the end. */
  read(): AsyncIterableIterator<string> {
    let hasLeft = false;
    const leave = () => {
      hasLeft = true;
      this.#wake();
    };
    return cancellable(this.#each(() => hasLeft), leave);
  }

  async *#each(hasLeft: () => boolean): AsyncGenerator<string, void, void> {
    for (let number = 0; !hasLeft(); number++) {
      while (number >= this.#gone + this.#lines.length) {
        if (this.#isOver || hasLeft()) return;
        await this.#arrival.promise;
      }
      number = Math.max(number, this.#gone);
      yield this.#lines[number - this.#gone]!;
    }
  }

  #isFull(): boolean {
    return this.#lines.length > KEPT_LINES || this.#characters > KEPT_CHARACTERS;
  }

  #wake(): void {
    this.#arrival.resolve();
    this.#arrival = Promise.withResolvers();
  }
}
