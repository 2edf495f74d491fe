/**
 * One server behind the gateway: its handshake, and the requests that are under way to it.
 *
 * Ids and progress tokens of clients are replaced by its own on the way there and put back on the way back, so that
 * several clients can share it. The invariant: each request that is forwarded is answered once: by the server, with
 * the reason why it can't be, or not at all where its client has cancelled it.
 */

import { type HangOptions, HangProbe } from "./hang_probe.ts";
import { Ring } from "../time/ring.ts";
import {
  CODES,
  type ErrorBody,
  errorBodyOf,
  type Forwarded,
  hasFields,
  type McpMessage,
  type MessageId,
  type MessageParams,
  objectOf,
  type ReplyBody,
  RequestFailure,
  soundReply,
} from "./messages.ts";
import type { PeerTransport } from "./transport.ts";

/** Milliseconds for the gateway's own requests, such as those for lists: one server must not hold up all others. */
export const OWN_REQUEST_MS = 10_000;

/** A server as the gateway is told of it. */
export interface UpstreamOptions {
  /** What the names of its tools begin with. */
  readonly name: string;
  /** Makes a connection; another one only when the one before is closed. */
  readonly connect: () => PeerTransport;
  /** Milliseconds without an answer or progress, after which a request has failed. Default: none, its client decides. */
  readonly timeout?: number | undefined;
  /** How many requests it gets at a time; others wait. Default: any number. */
  readonly concurrency?: number | undefined;
  /** What becomes of it when it hangs. Default: nothing. */
  readonly hang?: HangOptions | undefined;
  /** Tools that are not shown, by their own names. */
  readonly disabledTools?: readonly string[] | undefined;
}

/** What a server does by itself. */
export interface UpstreamListener {
  /** It asks for something. */
  onRequest(upstream: Upstream, message: McpMessage): void | Promise<void>;
  /** It tells something; progress is not among it. */
  onNotification(upstream: Upstream, message: McpMessage): void | Promise<void>;
  /** It has failed in a way that is not the answer to a request. */
  onError(upstream: Upstream, error: Error): void;
  /** A request of that method was not answered in its time; `count`: how many were not, so far. */
  onTimeout(upstream: Upstream, method: string, count: number): void;
  /** No answer will come any more. */
  onClose(upstream: Upstream): void;
}

interface Pending extends Forwarded {
  readonly id: number;
  /** The client's. */
  readonly token: unknown;
  state: "queued" | "sent" | "over";
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The server. */
export class Upstream {
  readonly name: string;
  readonly options: UpstreamOptions;
  readonly #listener: UpstreamListener;
  readonly #pending = new Map<number, Pending>();
  readonly #queue = new Ring<Pending>();
  #sent = 0;
  #timedOut = 0;
  readonly #probe: HangProbe | undefined;
  #lastId = 0;
  #transport: PeerTransport | undefined;
  #isClosed = false;

  constructor(options: UpstreamOptions, listener: UpstreamListener) {
    this.name = options.name;
    this.options = options;
    this.#listener = listener;
    const ask = (method: string, timeout: number) => this.request(method, {}, { timeout, isUrgent: true });
    this.#probe = options.hang && new HangProbe(options.hang, ask);
  }

  /** How many requests are under way or wait. */
  get load(): number {
    return this.#pending.size;
  }

  /** Whether the connection is closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Connects, where it is not connected yet. */
  async connect(): Promise<void> {
    if (this.#transport !== undefined) return;
    await this.#use(this.options.connect()).start();
  }

  /** Forgets a connection that is closed: `connect` makes another one. */
  renew(): void {
    this.#isClosed = false;
    this.#transport = undefined;
  }

  /** Has the connection pass through what `wrap` makes of it. */
  wrap(wrap: (transport: PeerTransport) => PeerTransport): void {
    if (this.#transport !== undefined) this.#use(wrap(this.#transport));
  }

  #use(transport: PeerTransport): PeerTransport {
    transport.onmessage = (message: McpMessage) => this.#take(message);
    transport.onerror = (error) => this.#listener.onError(this, error);
    transport.onclose = () => this.#close();
    return this.#transport = transport;
  }

  /** Ends the connection; the process is not its business. */
  async close(): Promise<void> {
    await this.#transport?.close();
    this.#close();
  }

  /** Sends a request on; gives what cancels it. */
  forward(request: Forwarded): (reason?: unknown) => void {
    const id = ++this.#lastId;
    const token = objectOf(request.params?._meta).progressToken;
    const pending: Pending = { ...request, id, token, state: "queued", timer: undefined };
    this.#pending.set(id, pending);
    if (this.#isClosed || this.#transport === undefined) {
      this.#fail(pending, { code: CODES.CLOSED, message: `Connection closed: '${this.name}' has ended` });
    } else if (request.isOpenEnded || this.#sent < (this.options.concurrency ?? Infinity)) {
      this.#send(pending);
    } else this.#queue.push(pending);
    return (reason) => this.#cancel(pending, reason);
  }

  /** Asks for something on the gateway's own behalf; what is urgent waits for no place. @throws {RequestFailure} */
  request(
    method: string,
    params: MessageParams = {},
    { timeout = OWN_REQUEST_MS, isUrgent = false }: { timeout?: number; isUrgent?: boolean } = {},
  ): Promise<MessageParams> {
    return new Promise((resolve, reject) => {
      // A server that answers at once does so before there is a timer.
      const waiting: { timer?: ReturnType<typeof setTimeout> } = {};
      let isOver = false;
      const cancel = this.forward({
        method,
        params,
        isOwn: true,
        isOpenEnded: isUrgent,
        onReply({ result, error }) {
          isOver = true;
          clearTimeout(waiting.timer);
          if (error === undefined) resolve(objectOf(result));
          else reject(new RequestFailure(error.code, error.message, error.data));
        },
      });
      if (timeout === Infinity || isOver) return;
      waiting.timer = setTimeout(() => {
        cancel("it takes too long");
        reject(
          new RequestFailure(CODES.TIMEOUT, `'${this.name}' has not answered '${method}' in ${timeout} ms`),
        );
      }, timeout);
    });
  }

  /** Sends a notification. */
  notify(method: string, params?: MessageParams): void {
    this.#write({ jsonrpc: "2.0", method, ...params && { params } });
  }

  /** Answers a request of the server. */
  answer(id: MessageId, reply: ReplyBody): void {
    this.#write({ jsonrpc: "2.0", id, ...reply });
  }

  #send(pending: Pending): void {
    const { id, method, params, token } = pending;
    pending.state = "sent";
    if (!pending.isOpenEnded) this.#sent++;
    this.#time(pending);
    const sent = token === undefined
      ? params
      : { ...params, _meta: { ...objectOf(params?._meta), progressToken: id } };
    const message: McpMessage = sent === undefined
      ? { jsonrpc: "2.0", id, method }
      : { jsonrpc: "2.0", id, method, params: sent };
    this.#transport!.send(message)?.catch((error) => {
      this.#fail(pending, {
        code: CODES.CLOSED,
        message: `Connection closed: ${errorBodyOf(error).message}`,
      });
    });
  }

  /** Also after each sign of life of a request: its time is that without any. */
  #time(pending: Pending): void {
    const { timeout } = this.options;
    if (timeout === undefined || pending.isOpenEnded || pending.isOwn) return;
    clearTimeout(pending.timer);
    pending.timer = setTimeout(() => {
      this.#cancel(pending, "it takes too long");
      this.#listener.onTimeout(this, pending.method, ++this.#timedOut);
      void pending.onReply({
        jsonrpc: "2.0",
        error: {
          code: CODES.TIMEOUT,
          message: `Request timed out: '${this.name}' has not answered within ${timeout} ms`,
          data: { reason: "timeout", server: this.name, timeout },
        },
      });
    }, timeout);
  }

  #take(message: McpMessage): void | Promise<void> {
    if (Array.isArray(message)) { // a batch, which the revision 2025-03-26 has
      for (const each of message) if (!Array.isArray(each)) void this.#take(each);
      return;
    }
    if (!hasFields(message)) return;
    const { id, method } = message;
    if (method === undefined) {
      const pending = this.#pending.get(Number(id));
      if (pending === undefined) return;
      this.#over(pending);
      return pending.onReply(soundReply(message, this.name));
    }
    if (id !== undefined) return this.#listener.onRequest(this, message);
    if (method !== "notifications/progress") return this.#listener.onNotification(this, message);
    const params = objectOf(message.params);
    const pending = this.#pending.get(Number(params.progressToken));
    if (pending === undefined) return;
    this.#time(pending);
    return pending.onProgress?.({ ...params, progressToken: pending.token });
  }

  #cancel(pending: Pending, reason: unknown): void {
    const wasSent = pending.state === "sent";
    if (pending.state === "over") return;
    this.#over(pending);
    if (wasSent) {
      if (!pending.isOwn && !pending.isOpenEnded) void this.#probe?.look();
      this.notify("notifications/cancelled", {
        requestId: pending.id,
        ...reason !== undefined && { reason },
      });
    }
  }

  #fail(pending: Pending, error: ErrorBody): void {
    if (pending.state === "over") return;
    this.#over(pending);
    void pending.onReply({ jsonrpc: "2.0", error });
  }

  /** Nothing of it is wanted any more, and what waits for its place is sent. */
  #over(pending: Pending): void {
    clearTimeout(pending.timer);
    this.#pending.delete(pending.id);
    if (pending.state === "sent" && !pending.isOpenEnded) this.#sent--;
    pending.state = "over";
    if (this.#isClosed) return;
    const { concurrency = Infinity } = this.options;
    while (this.#sent < concurrency && this.#queue.size > 0) {
      const next = this.#queue.shift()!;
      if (next.state === "queued") this.#send(next);
    }
  }

  #write(message: McpMessage): void {
    if (this.#isClosed) return;
    this.#transport?.send(message)?.catch((error) => this.#listener.onError(this, error));
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const error = { code: CODES.CLOSED, message: `Connection closed: '${this.name}' has ended` };
    // Those that wait are no exception: closed, it sends nothing more.
    for (const pending of [...this.#pending.values()]) this.#fail(pending, error);
    this.#listener.onClose(this);
  }
}
