/**
 * One client of the gateway: its requests, on their way to servers, and the requests of servers, on their way to it.
 *
 * The invariant: each request of the client is answered once, unless the client has cancelled it; what servers have
 * asked it is answered also when it leaves.
 */

import type { Backend } from "./backend.ts";
import { ClientOutput } from "./client_output.ts";
import type { Era } from "./hello.ts";
import {
  CODES,
  errorBodyOf,
  hasFields,
  isMessageId,
  type McpMessage,
  messageFault,
  type MessageId,
  type MessageParams,
  objectOf,
  type ReplyBody,
  replyBodyOf,
} from "./messages.ts";
import type { PeerTransport } from "./transport.ts";

/** The most requests of one client at a time: more would only wait, and a client that goes on for ever has a fault. */
export const MAX_REQUESTS = 4_096;

/** The levels of logs, from the least of importance. */
export const LOG_LEVELS_OF_MCP: readonly string[] = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
];

/** The capability of a client that each request of a server needs. */
const NEEDED: Readonly<Record<string, string>> = {
  "sampling/createMessage": "sampling",
  "elicitation/create": "elicitation",
  "roots/list": "roots",
};

/** The result of a request, sooner or later; `undefined`: it was passed on, and its server answers it. */
export type Handled = MessageParams | undefined | Promise<MessageParams | undefined>;

/** What a client's messages are given to. */
export interface ClientListener {
  /** Takes a request. @throws {RequestFailure} as its answer; so does the promise */
  onRequest(client: GatewayClient, message: McpMessage): Handled;
  onNotification(client: GatewayClient, message: McpMessage): void;
  onClose(client: GatewayClient): void;
  /** A client does not read: what comes of it, as a clause. */
  onUnread(what: string): void;
}

interface Requested {
  backend?: Backend;
  cancel?: (reason?: unknown) => void;
  /** Whether it is to stay open. */
  isOpenEnded?: boolean;
}

interface Asked {
  readonly backend: Backend;
  /** The server's. */
  readonly id: MessageId;
  readonly token: unknown;
}

/** The client. */
export class GatewayClient {
  readonly #transport: PeerTransport;
  readonly #output: ClientOutput;
  readonly #listener: ClientListener;
  /** Its requests, by its ids; those that a server has can be cancelled there. */
  readonly #requests = new Map<MessageId, Requested>();
  /** The requests of servers, by the ids that it knows them by. */
  readonly #asked = new Map<MessageId, Asked>();
  #lastAsked = 0;
  #isClosed = false;
  /** Chosen by its first message. */
  era: Era | undefined;
  /** What it can do. */
  capabilities: MessageParams = {};
  /** While servers are greeted for it. */
  opening: Promise<void> | undefined;
  /** Whether it has said that it is ready to be told things. */
  isReady = false;
  /** The level of logs that it wants. */
  logLevel: string | undefined;

  constructor(transport: PeerTransport, listener: ClientListener, maxUnread?: number) {
    this.#transport = transport;
    this.#listener = listener;
    this.#output = new ClientOutput(transport, {
      onLeftOut: () => listener.onUnread("log messages and progress are left out"),
      onCut: (why) => {
        listener.onUnread(`it is cut off, as ${why}`);
        this.#close();
      },
    }, maxUnread);
  }

  /** How many of its requests wait for an answer. */
  get load(): number {
    return [...this.#requests.values()].filter(({ isOpenEnded }) => !isOpenEnded).length;
  }

  /** One of its requests has no answer before it is cancelled. */
  keepOpen(id: MessageId): void {
    const request = this.#requests.get(id);
    if (request !== undefined) request.isOpenEnded = true;
  }

  /** Begins to read. */
  async start(): Promise<void> {
    this.#transport.onmessage = (message: McpMessage) => this.#take(message);
    this.#transport.onclose = () => this.#close();
    // The transport has said what it could not read; the client goes on.
    this.#transport.onerror = () => {};
    await this.#transport.start();
  }

  /** Ends the connection; what it waits for is answered before, with the reason `why`. */
  async close(why: string): Promise<void> {
    for (const [id, { cancel, isOpenEnded }] of [...this.#requests]) {
      if (isOpenEnded) continue;
      cancel?.(why);
      void this.reply(id, { error: { code: CODES.CLOSED, message: `Connection closed: ${why}` } });
    }
    await this.#transport.close();
    this.#close();
  }

  /** Whether it can answer this request of a server. */
  canAnswer(method: string): boolean {
    const needed = NEEDED[method];
    return needed !== undefined && this.capabilities[needed] !== undefined;
  }

  /** Whether it waits for an answer of this server. */
  waitsFor(backend: Backend): boolean {
    return [...this.#requests.values()].some((request) => request.backend === backend);
  }

  /** Sends one of its requests on, with other params. */
  forward(id: MessageId, backend: Backend, method: string, params: MessageParams | undefined): void {
    const request = this.#requests.get(id);
    if (request === undefined) return; // cancelled meanwhile
    if (!backend.isOpen) return void this.reply(id, { error: backend.absentError });
    request.backend = backend;
    request.cancel = backend.upstream.forward({
      method,
      params,
      onReply: (reply) => this.#pass(id, reply),
      onProgress: (params) => this.#send({ jsonrpc: "2.0", method: "notifications/progress", params }, id),
    });
  }

  /** Answers one of its requests. */
  reply(id: MessageId, reply: ReplyBody): void | Promise<void> {
    if (this.#requests.delete(id)) return this.#send({ jsonrpc: "2.0", id, ...reply }, id);
  }

  /** Sends a notification. */
  notify(method: string, params?: MessageParams): void | Promise<void> {
    return this.#send({ jsonrpc: "2.0", method, ...params && { params } });
  }

  /** Whether it wants logs of `level`. */
  wantsLog(level: unknown): boolean {
    if (this.logLevel === undefined) return true;
    return LOG_LEVELS_OF_MCP.indexOf(String(level)) >= LOG_LEVELS_OF_MCP.indexOf(this.logLevel);
  }

  /** Passes a request of a server on. */
  ask(backend: Backend, { id, method, params }: McpMessage): void | Promise<void> {
    const own = `${backend.name}:${++this.#lastAsked}`;
    const meta = objectOf(params?._meta);
    const token = meta.progressToken;
    this.#asked.set(own, { backend, id: id!, token });
    const sent = token === undefined ? params : { ...params, _meta: { ...meta, progressToken: own } };
    // Over HTTP it goes into the stream of a request that waits for this server: there may be no other.
    const [related] = [...this.#requests].find(([, request]) => request.backend === backend) ?? [];
    return this.#send(
      { jsonrpc: "2.0", id: own, method, ...sent && { params: sent } },
      related,
    );
  }

  /** A server has taken its request back. */
  unask(backend: Backend, id: unknown, reason: unknown): void | Promise<void> {
    for (const [own, asked] of this.#asked) {
      if (asked.backend !== backend || asked.id !== id) continue;
      this.#asked.delete(own);
      const params = { requestId: own, ...reason !== undefined && { reason } };
      return this.notify("notifications/cancelled", params);
    }
  }

  #take(message: McpMessage): void | Promise<void> {
    if (Array.isArray(message)) { // a batch, which the revision 2025-03-26 has
      for (const each of message) if (!Array.isArray(each)) void this.#take(each);
      return;
    }
    if (!hasFields(message)) return;
    const { id, method } = message;
    if (method === undefined) return this.#takeReply(message);
    const fault = messageFault(message);
    if (fault !== undefined) {
      if (id === undefined) return;
      const error = { code: CODES.INVALID_REQUEST, message: `Invalid request: ${fault}` };
      // JSON-RPC has `null` for an id that can't be told.
      return this.#send({ jsonrpc: "2.0", id: isMessageId(id) ? id : null as never, error }, id);
    }
    if (id === undefined) return this.#takeNotification(message);
    if (this.#requests.has(id)) {
      const text = `Invalid request: the id ${JSON.stringify(id)} is that of a request under way`;
      return this.#send({ jsonrpc: "2.0", id, error: { code: CODES.INVALID_REQUEST, message: text } }, id);
    }
    this.#requests.set(id, {});
    if (this.#requests.size > MAX_REQUESTS) {
      const text = `More than ${MAX_REQUESTS} requests are under way; wait for their answers`;
      return this.reply(id, { error: { code: CODES.CLOSED, message: text, data: { reason: "busy" } } });
    }
    try {
      const result = this.#listener.onRequest(this, message);
      if (result === undefined) return;
      if (!(result instanceof Promise)) return this.reply(id, { result });
      result.then(
        (result) => result !== undefined && this.reply(id, { result }),
        (error) => this.#refuse(id, error),
      );
    } catch (error) {
      return this.#refuse(id, error);
    }
  }

  #refuse(id: MessageId, error: unknown): void | Promise<void> {
    return this.reply(id, { error: errorBodyOf(error) });
  }

  #takeReply(message: McpMessage): void {
    const asked = this.#asked.get(message.id!);
    if (asked === undefined) return;
    this.#asked.delete(message.id!);
    asked.backend.upstream.answer(asked.id, replyBodyOf(message, "The client"));
  }

  #takeNotification(message: McpMessage): void {
    const params = objectOf(message.params);
    if (message.method === "notifications/cancelled") {
      const request = this.#requests.get(params.requestId as MessageId);
      this.#requests.delete(params.requestId as MessageId);
      request?.cancel?.(params.reason);
    } else if (message.method === "notifications/progress") {
      const asked = this.#asked.get(params.progressToken as MessageId);
      asked?.backend.upstream.notify(message.method, { ...params, progressToken: asked.token });
      return;
    }
    this.#listener.onNotification(this, message);
  }

  /** Of the hot path: the answer is the server's own object, with the client's id. */
  #pass(id: MessageId, reply: McpMessage): void | Promise<void> {
    if (!this.#requests.delete(id)) return;
    (reply as { id?: MessageId }).id = id;
    return this.#send(reply, id);
  }

  #send(message: McpMessage, relatedRequestId?: MessageId): Promise<void> | void {
    if (!this.#isClosed) return this.#output.send(message, relatedRequestId);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const { cancel } of requests) cancel?.("the client has gone");
    for (const { backend, id } of this.#asked.values()) {
      backend.upstream.answer(id, {
        error: { code: CODES.CLOSED, message: "Connection closed: the client has gone" },
      });
    }
    this.#asked.clear();
    this.#listener.onClose(this);
  }
}
