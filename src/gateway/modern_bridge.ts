/**
 * A server that speaks the revision 2026-07-28 alone, behind a client of an older one: to the gateway it looks like one of
 * the older ones.
 *
 * The invariant: each request is answered once. What such a server wants to know meanwhile, it answers the request with;
 * that is asked of the client, and the request is sent again with the answers.
 */

import { MODERN_VERSIONS, SERVER_INFO } from "./hello.ts";
import {
  CODES,
  type ErrorBody,
  type McpMessage,
  type MessageId,
  type MessageParams,
  methodNotFound,
  objectOf,
} from "./messages.ts";
import type { PeerTransport } from "./transport.ts";

/** How often a server may ask for more before it answers. */
const MAX_ROUNDS = 16;

const META = "io.modelcontextprotocol/";

interface Bridged {
  readonly method: string;
  readonly params: MessageParams;
  readonly rounds: number;
}

/** The connection, as the gateway sees it. */
export class ModernBridge implements PeerTransport {
  onmessage?: PeerTransport["onmessage"];
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  readonly #inner: PeerTransport;
  readonly #requests = new Map<MessageId, Bridged>();
  /** What the client is asked for, by the ids that stand for that. */
  readonly #asked = new Map<MessageId, (reply: McpMessage) => void>();
  /** The resources that are listened to, with the ids of what listens. */
  readonly #listening = new Map<unknown, string>();
  /** What each message has with it. */
  #meta: MessageParams = {};
  #lastId = 0;

  /** Takes over a connection that is open. */
  constructor(inner: PeerTransport) {
    this.#inner = inner;
    inner.onmessage = (message: McpMessage) => this.#take(message);
    inner.onclose = () => this.onclose?.();
    inner.onerror = (error) => this.onerror?.(error);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  send(message: McpMessage): void | Promise<void> {
    const { id, method, params = {} } = message;
    if (method === undefined) return this.#answered(message);
    switch (method) {
      case "initialize":
        this.#meta = metaOf(params);
        return this.#request(id!, { method: "server/discover", params, rounds: 0 });
      case "notifications/initialized":
        return this.#listen("lists", {
          toolsListChanged: true,
          promptsListChanged: true,
          resourcesListChanged: true,
        });
      case "logging/setLevel":
        this.#meta = { ...this.#meta, [`${META}logLevel`]: params.level };
        return this.#reply(id!, { result: {} });
      case "resources/subscribe": {
        const own = `resource:${++this.#lastId}`;
        this.#listening.set(params.uri, own);
        void this.#reply(id!, { result: {} });
        return this.#listen(own, { resourceSubscriptions: [params.uri] });
      }
      case "resources/unsubscribe": {
        const own = this.#listening.get(params.uri);
        this.#listening.delete(params.uri);
        void this.#reply(id!, { result: {} });
        return own === undefined ? undefined : this.#cancel(own, "unsubscribed");
      }
      case "notifications/cancelled":
        this.#requests.delete(params.requestId as MessageId);
        return this.#cancel(params.requestId, params.reason);
    }
    // There are no other notifications in this era: of roots and progress a server hears nothing.
    if (id !== undefined) return this.#request(id, { method, params, rounds: 0 });
  }

  #request(id: MessageId, request: Bridged): void | Promise<void> {
    this.#requests.set(id, request);
    const params = request.method === "server/discover" ? {} : request.params;
    return this.#write({ id, method: request.method, params });
  }

  #listen(id: string, notifications: MessageParams): void | Promise<void> {
    return this.#write({ id, method: "subscriptions/listen", params: { notifications } });
  }

  #cancel(requestId: unknown, reason: unknown): void | Promise<void> {
    const params = { requestId, ...reason !== undefined && { reason } };
    return this.#write({ method: "notifications/cancelled", params });
  }

  #write({ params, ...message }: Omit<McpMessage, "jsonrpc">): void | Promise<void> {
    const meta = { ...objectOf(params?._meta), ...this.#meta };
    return this.#inner.send({ jsonrpc: "2.0", ...message, params: { ...params, _meta: meta } });
  }

  #take(message: McpMessage): void | Promise<void> {
    const { id, method, result, error } = message;
    if (method !== undefined) return this.onmessage?.(message);
    const request = this.#requests.get(id!);
    if (request === undefined) return; // of what listens
    this.#requests.delete(id!);
    if (error !== undefined) return this.#reply(id!, { error });
    const { resultType, inputRequests, requestState, ...rest } = objectOf(result);
    if (request.method === "server/discover") {
      return this.#reply(id!, { result: introduction(rest, request) });
    }
    if (resultType !== "input_required") return this.#reply(id!, { result: rest });
    void this.#askMore(id!, request, { inputRequests: objectOf(inputRequests), requestState });
  }

  /** Asks the client for all that the server wants, and sends the request again with the answers. */
  async #askMore(
    id: MessageId,
    request: Bridged,
    { inputRequests, requestState }: {
      readonly inputRequests: MessageParams;
      readonly requestState: unknown;
    },
  ): Promise<void> {
    this.#requests.set(id, request); // until it goes on, it may be cancelled
    const answers = await Promise.all(
      Object.entries(inputRequests).map(async ([name, wanted]) =>
        [name, await this.#ask(objectOf(wanted))] as const
      ),
    );
    if (!this.#requests.delete(id)) return;
    const failed = answers.find(([, { error }]) => error !== undefined)?.[1].error;
    if (failed !== undefined) return void this.#reply(id, { error: failed });
    if (request.rounds === MAX_ROUNDS) {
      const message = `The server has asked for more ${MAX_ROUNDS} times, and has not answered`;
      return void this.#reply(id, { error: { code: CODES.INTERNAL, message } });
    }
    const inputResponses = Object.fromEntries(answers.map(([name, { result }]) => [name, result]));
    const params = {
      ...request.params,
      inputResponses,
      ...requestState !== undefined && { requestState },
    };
    await this.#request(id, { ...request, params, rounds: request.rounds + 1 });
  }

  #ask({ method, params }: MessageParams): Promise<McpMessage> {
    if (typeof method !== "string") {
      return Promise.resolve({ jsonrpc: "2.0", error: methodNotFound(String(method)) });
    }
    const id = `input:${++this.#lastId}`;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      void this.onmessage?.({ jsonrpc: "2.0", id, method, params: objectOf(params) });
    });
  }

  #answered(reply: McpMessage): void {
    this.#asked.get(reply.id!)?.(reply);
    this.#asked.delete(reply.id!);
  }

  #reply(
    id: MessageId,
    body: { readonly result: unknown } | { readonly error: ErrorBody },
  ): void | Promise<void> {
    return this.onmessage?.({ jsonrpc: "2.0", id, ...body });
  }
}

/** What a client's `initialize` says, as each request of this era has it. */
function metaOf({ clientInfo, capabilities }: MessageParams): MessageParams {
  const { elicitation, ...rest } = objectOf(capabilities);
  // Without a word about the way, it is that of forms.
  const isPlain = elicitation !== undefined && Object.keys(objectOf(elicitation)).length === 0;
  return {
    [`${META}protocolVersion`]: MODERN_VERSIONS[0],
    [`${META}clientInfo`]: clientInfo,
    [`${META}clientCapabilities`]: {
      ...rest,
      ...elicitation !== undefined && { elicitation: isPlain ? { form: {} } : elicitation },
    },
  };
}

/** What a server says of itself, as the answer to `initialize`. */
function introduction(discovered: MessageParams, { params }: Bridged): MessageParams {
  return {
    protocolVersion: params.protocolVersion,
    capabilities: objectOf(discovered.capabilities),
    serverInfo: objectOf(discovered._meta)[SERVER_INFO] ?? {},
    ...discovered.instructions !== undefined && { instructions: discovered.instructions },
  };
}
