/**
 * JSON-RPC with a child of a running tree, over its control socket: the stream `exchange`, and `send` beside it.
 */

import type { ControlClient } from "../../../control/client.ts";
import type { Exchange, ExchangedCall, ExchangedItem } from "./exchange.ts";

export class RemoteExchange implements Exchange {
  readonly #client: ControlClient;
  readonly #over = new AbortController();
  /** Its number at the runtime. */
  readonly #opened = Promise.withResolvers<number>();
  readonly received: AsyncIterable<ExchangedItem>;

  /** With the child at `path`; `timeout` is in milliseconds, for each reply. */
  constructor(client: ControlClient, { path, timeout }: { readonly path: string; readonly timeout: number }) {
    this.#client = client;
    this.#opened.promise.catch(() => {}); // senders get its error
    const request = { method: "exchange", child: path, ...timeout !== Infinity && { timeout } };
    this.received = this.#read(client.stream(request, { signal: this.#over.signal }));
  }

  async send(call: ExchangedCall): Promise<void> {
    const exchange = await this.#opened.promise;
    await this.#client.call({ method: "send", ...{ exchange, call } }, Infinity);
  }

  cancel(number: number): void {
    void this.#opened.promise.then((exchange) =>
      this.#client.call({ method: "send", ...{ exchange, cancel: number } }, Infinity)
    ).catch(() => {}); // it ends with the connection
  }

  close(): void {
    this.#over.abort();
  }

  async *#read(items: AsyncGenerator<ExchangedItem | { readonly exchange: number }>) {
    try {
      for await (const item of items) {
        if ("exchange" in item) this.#opened.resolve(item.exchange);
        else yield item;
      }
    } catch (error) {
      this.#opened.reject(error);
      throw error;
    }
  }
}
