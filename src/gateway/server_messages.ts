/**
 * What the gateway does with what servers send by themselves: their requests go to a client that can answer them, their
 * notifications to those whom they concern.
 */

import type { Backend } from "./backend.ts";
import type { GatewayClient } from "./client.ts";
import { LIST_KINDS, type ListKind, LISTS } from "./lists/catalog.ts";
import type { ResourceListeners } from "./lists/resource_listeners.ts";
import {
  CODES,
  isMessageId,
  type McpMessage,
  messageFault,
  type MessageParams,
  methodNotFound,
  objectOf,
} from "./messages.ts";
import type { ModernEra } from "./modern_era.ts";
import type { Upstream } from "./upstream.ts";

/** Whom it is passed on to. */
export interface ServerMessageParts {
  readonly clients: ReadonlySet<GatewayClient>;
  readonly subscriptions: ResourceListeners;
  readonly modern: ModernEra;
  readonly tellChanged: (...kinds: readonly ListKind[]) => void;
  /** Takes what an operator should know. */
  readonly warn: (message: string) => void;
}

/** The messages of servers. Where a promise is given, the server waits: a client does not keep up. */
export class ServerMessages {
  readonly #parts: ServerMessageParts;
  /** Those that have sent what can't be passed on: to say so once is enough. */
  readonly #faulty = new Set<Backend>();

  constructor(parts: ServerMessageParts) {
    this.#parts = parts;
  }

  /** Takes a request: the client gets it that waits for this server, else the one that came last. */
  onRequest(backend: Backend, message: McpMessage): void | Promise<void> {
    const { id, method } = message;
    const fault = this.#faultOf(backend, message);
    if (fault !== undefined) {
      const error = { code: CODES.INVALID_REQUEST, message: `Invalid request: ${fault}` };
      return isMessageId(id) ? backend.upstream.answer(id, { error }) : undefined;
    }
    if (method === "ping") return backend.upstream.answer(id!, { result: {} });
    const able = this.#clients((client) => client.canAnswer(method!));
    const client = able.find((client) => client.waitsFor(backend)) ?? able.at(-1);
    if (client !== undefined) return client.ask(backend, message);
    backend.upstream.answer(id!, { error: methodNotFound(method!) });
  }

  /** Takes a notification; progress is not among them. */
  onNotification(backend: Backend, message: McpMessage): void | Promise<void> {
    if (this.#faultOf(backend, message) !== undefined) return;
    const { method, params } = message;
    const kinds = LIST_KINDS.filter((kind) => LISTS[kind].changed === method);
    if (kinds.length > 0) {
      backend.forget(...kinds);
      return this.#parts.tellChanged(...kinds);
    }
    const { requestId, reason } = objectOf(params);
    switch (method) {
      case "notifications/cancelled":
        return all(this.#clients(() => true).map((client) => client.unask(backend, requestId, reason)));
      case "notifications/message":
        return this.#passLog(backend, objectOf(params));
      case "notifications/resources/updated":
        return this.#passUpdate(backend, objectOf(params));
      case "notifications/subscriptions/acknowledged":
        return; // of the gateway's own
      default:
        return all(this.#clients(() => true).map((client) => client.notify(method!, params)));
    }
  }

  /** A server has failed in a way that is not the answer to a request. */
  onError(name: string, error: Error): void {
    // That it is held back is told where it becomes absent.
    if ((error as { readonly code?: unknown }).code === "session_held") return;
    this.#parts.warn(`The server '${name}': ${error.message}`);
  }

  /** A request was not answered in its time, as the one of that `count`. */
  onTimeout({ name, options }: Upstream, method: string, count: number): void {
    // At powers of two: a server that hangs is told of, and does not fill the log.
    if ((count & (count - 1)) !== 0) return;
    const more = count === 1 ? "" : `; ${count} requests have timed out so far`;
    this.#parts.warn(`The server '${name}' has not answered '${method}' within ${options.timeout} ms${more}`);
  }

  #faultOf(backend: Backend, message: McpMessage): string | undefined {
    const fault = messageFault(message);
    if (fault !== undefined && !this.#faulty.has(backend)) {
      this.#faulty.add(backend);
      this.#parts.warn(`The server '${backend.name}' has sent an invalid message: ${fault}`);
    }
    return fault;
  }

  #passLog(backend: Backend, params: MessageParams): Promise<void> | void {
    const logger = typeof params.logger === "string" ? `${backend.name}/${params.logger}` : backend.name;
    const wanting = this.#clients((client) => client.wantsLog(params.level));
    return all(wanting.map((client) => client.notify("notifications/message", { ...params, logger })));
  }

  #passUpdate(backend: Backend, params: MessageParams): Promise<void> | void {
    const { modern, subscriptions } = this.#parts;
    modern.tellUpdate(backend, params);
    return all(
      subscriptions.of(backend, params.uri).map(([client, uri]) =>
        client.notify("notifications/resources/updated", { ...params, uri })
      ),
    );
  }

  #clients(are: (client: GatewayClient) => boolean): readonly GatewayClient[] {
    return [...this.#parts.clients].filter(are);
  }
}

/** One promise for those among `sent` that are any, so that a sender waits only where it has to. */
function all(sent: readonly (void | Promise<void>)[]): Promise<void> | void {
  const waiting = sent.filter((each) => each !== undefined);
  return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => {});
}
