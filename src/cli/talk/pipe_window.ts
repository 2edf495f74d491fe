/**
 * Messages that were sent and not answered: bounded in number and size, their results in the order of the messages.
 */

/** Messages under way at a time, at most. */
export const MAX_IN_FLIGHT = 1_024;
/** Characters and bytes of messages, and of replies that wait for their turn, at most; one message is let in alone. */
export const MAX_IN_FLIGHT_BYTES = 16_777_216;

/** The result of a message. */
export type PipeResult =
  /** Answered, with this to be written. */
  | { readonly reply: string | Uint8Array }
  /** Not answered, and why. */
  | { readonly error: unknown };

/** A message under way. */
export interface InFlightEntry {
  readonly number: number;
  /** Of the message, and later of its reply. */
  size: number;
  result: PipeResult | undefined;
}

/** The window of messages in flight. */
export class InFlightWindow {
  readonly #limit: number;
  readonly #onResult: (result: PipeResult & { readonly number: number }) => void;
  readonly #slots: (InFlightEntry | undefined)[];
  #first = 0;
  #count = 0;
  #bytes = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #empty: PromiseWithResolvers<void> | undefined;

  /** For `limit` messages; `onResult` gets the result of each, in the order of the messages. */
  constructor(limit: number, onResult: (result: PipeResult & { readonly number: number }) => void) {
    this.#limit = limit;
    this.#onResult = onResult;
    this.#slots = new Array(limit).fill(undefined);
  }

  /** Messages without a reported result. */
  get size(): number {
    return this.#count;
  }

  /** Whether to wait for {@linkcode InFlightWindow.room} before sending more. */
  get isFull(): boolean {
    return this.#count >= this.#limit || this.#bytes >= MAX_IN_FLIGHT_BYTES;
  }

  /** Fulfilled when there may be room. */
  room(): Promise<void> {
    return (this.#room ??= Promise.withResolvers()).promise;
  }

  /** Settles when every sent message has a reported result. */
  empty(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : (this.#empty ??= Promise.withResolvers()).promise;
  }

  /** Adds message `number`, of `size`; only where the window is not full. Settle the returned entry. */
  send(number: number, size: number): InFlightEntry {
    const entry: InFlightEntry = { number, size, result: undefined };
    this.#slots[(this.#first + this.#count++) % this.#limit] = entry;
    this.#bytes += size;
    return entry;
  }

  /** Records the result of a message. */
  settle(entry: InFlightEntry, result: PipeResult): void {
    entry.result = result;
    this.#resize(entry, "reply" in result ? result.reply.length : 0);
    if (this.#slots[this.#first] === entry) this.#reportResults();
  }

  #resize(entry: InFlightEntry, size: number): void {
    this.#bytes += size - entry.size;
    entry.size = size;
  }

  #reportResults(): void {
    for (;;) {
      const entry = this.#slots[this.#first];
      if (entry?.result === undefined) break;
      this.#slots[this.#first] = undefined;
      this.#first = (this.#first + 1) % this.#limit;
      this.#count--;
      this.#resize(entry, 0);
      this.#onResult({ number: entry.number, ...entry.result });
    }
    this.#room?.resolve();
    this.#room = undefined;
    if (this.#count > 0) return;
    this.#empty?.resolve();
    this.#empty = undefined;
  }
}
