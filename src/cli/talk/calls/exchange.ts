/**
 * JSON-RPC with a child in both directions: calls in, and everything that comes back out, in the order in which it came.
 *
 * Used by `pipe`, and by a runtime for it. The invariant: each request has one item, answered or not.
 */

import type { AnyRef } from "../../../actor/ref.ts";
import type { Subscription } from "../../../actor/events/subscription.ts";
import { errorMessage, readField } from "../../../actor/user_value.ts";
import { asError } from "../../../actor/exit.ts";
import { JsonRpcError } from "../../../sidecar/json_rpc/types.ts";

/** A call, by the number of its line. */
export interface ExchangedCall {
  readonly number: number;
  readonly method: string;
  readonly params?: unknown;
  /** Whether it is answered; else it is a notification. */
  readonly isRequest: boolean;
}

/** What came back; it is JSON. */
export type ExchangedItem =
  | { readonly notification: { readonly method: string; readonly params?: unknown } }
  /** The result of the request of that number; left out where it is null. */
  | { readonly number: number; readonly result?: unknown }
  /** The error that it was answered with. */
  | {
    readonly number: number;
    readonly error: { readonly code: number | null; readonly message: string; readonly data?: unknown };
  }
  /** Why it is not answered; without a number: why nothing more comes. */
  | { readonly number?: number; readonly failure: ExchangeFailure };

/** Why there is no reply. */
export interface ExchangeFailure {
  /** Of the error. */
  readonly code: string;
  readonly message: string;
}

/** A talk in calls. */
export interface Exchange {
  /** What comes back, until it is closed, or the child has ended for good. */
  readonly received: AsyncIterable<ExchangedItem>;
  /** Sends a call; a promise is fulfilled when there is room for more, and rejects if it was refused. */
  send(call: ExchangedCall): Promise<void> | undefined;
  /** Gives a request up. */
  cancel(number: number): void;
  /** Gives up what is not answered. */
  close(): void;
}

/** The code of the failure of a request that was given up. */
export const CANCELLED = "cancelled";

/** Items that wait for their reader before no more notifications are taken. */
const MAX_WAITING = 1_024;

/** The place of an item that has come, before it can be read. */
interface Place {
  item: ExchangedItem | undefined;
}

/** A talk with a child of this process. */
export class LocalExchange implements Exchange {
  readonly #ref: AnyRef;
  readonly #timeout: number;
  readonly #explain: (error: Error) => string;
  readonly #notifications: Subscription<unknown>;
  readonly #requests = new Map<number, AbortController>();
  #places: Place[] = [];
  #news = Promise.withResolvers<void>();
  #room: PromiseWithResolvers<void> | undefined;
  #hasEnded = false;
  readonly received: AsyncIterable<ExchangedItem>;

  /** `timeout` is in milliseconds, for each reply; `explain` says why there is none. */
  constructor(
    ref: AnyRef,
    { timeout, explain }: { readonly timeout: number; readonly explain: (error: Error) => string },
  ) {
    this.#ref = ref;
    this.#timeout = timeout;
    this.#explain = explain;
    this.#notifications = ref.subscribe();
    this.received = this.#read();
    void this.#follow();
  }

  send({ number, method, params, isRequest }: ExchangedCall): Promise<void> | undefined {
    const call = { method, params };
    if (!isRequest) return this.#ref.tell(call) ?? undefined;
    const abort = new AbortController();
    const place: Place = { item: undefined };
    let hasPlace = false;
    const take = () => {
      if (!hasPlace) this.#add(place);
      hasPlace = true;
    };
    this.#requests.set(number, abort);
    const options = { timeout: this.#timeout, signal: abort.signal };
    this.#ref.ask({ ...call, onReply: take }, options).then(
      (result: unknown): ExchangedItem => ({ number, result }),
      (thrown: unknown): ExchangedItem => this.#failed(number, thrown),
    ).then((item) => {
      this.#requests.delete(number);
      take();
      place.item = item;
      this.#news.resolve();
    });
    return undefined;
  }

  cancel(number: number): void {
    this.#requests.get(number)?.abort(new CancelledError());
  }

  close(): void {
    void this.#notifications.return();
    for (const abort of this.#requests.values()) abort.abort(new CancelledError());
  }

  #failed(number: number, thrown: unknown): ExchangedItem {
    if (!(thrown instanceof JsonRpcError)) return { number, failure: this.#failureOf(thrown) };
    const { code, message, data } = thrown;
    return { number, error: { code, message, ...data !== undefined && { data } } };
  }

  #failureOf(thrown: unknown): ExchangeFailure {
    const error = asError(thrown);
    const code = readField(error, "code");
    return typeof code === "string"
      ? { code, message: this.#explain(error) }
      : { code: "failed", message: errorMessage(error) };
  }

  /** Behind what was published until now. */
  #add(place: Place): void {
    for (const item of this.#notifications.takeUnread().items) this.#places.push({ item: notified(item) });
    this.#places.push(place);
    this.#news.resolve();
  }

  async #follow(): Promise<void> {
    try {
      for await (const items of this.#notifications.batches()) {
        for (const item of items) this.#places.push({ item: notified(item) });
        this.#news.resolve();
        if (this.#places.length > MAX_WAITING) await (this.#room = Promise.withResolvers()).promise;
      }
    } catch (thrown) {
      this.#places.push({ item: { failure: this.#failureOf(thrown) } });
    }
    this.#hasEnded = true;
    this.#news.resolve();
  }

  async *#read(): AsyncGenerator<ExchangedItem, void> {
    for (;;) {
      this.#news = Promise.withResolvers();
      const isOver = this.#hasEnded && this.#requests.size === 0;
      const open = this.#places.findIndex(({ item }) => item === undefined);
      const settled = this.#places.splice(0, open < 0 ? this.#places.length : open);
      if (this.#places.length <= MAX_WAITING) this.#room?.resolve();
      for (const { item } of settled) yield item!;
      if (isOver) return;
      if (settled.length === 0) await this.#news.promise;
    }
  }
}

/** The caller has given a request up. */
class CancelledError extends Error {
  readonly code = CANCELLED;
}

function notified(item: unknown): ExchangedItem {
  const { method, params } = item as { method: string; params?: unknown };
  return { notification: { method, ...params !== undefined && { params } } };
}
