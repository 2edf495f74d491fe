/**
 * What the gateway does with the requests of its clients: some it answers itself, the rest go to the server whose they
 * are.
 */

import type { Backend } from "./backend.ts";
import { type GatewayClient, type Handled, LOG_LEVELS_OF_MCP } from "./client.ts";
import type { MergedLists } from "./lists/merged_lists.ts";
import type { ResourceListeners } from "./lists/resource_listeners.ts";
import type { LocalTools } from "./local_tools.ts";
import {
  CODES,
  type McpMessage,
  type MessageParams,
  methodNotFound,
  objectOf,
  RequestFailure,
  textParam,
} from "./messages.ts";

/** What the answers are made from. */
export interface RequestParts {
  readonly backends: readonly Backend[];
  readonly clients: ReadonlySet<GatewayClient>;
  readonly lists: MergedLists;
  readonly subscriptions: ResourceListeners;
  readonly localTools: LocalTools | undefined;
  /** Answers `initialize`. */
  readonly initialize: (client: GatewayClient, params: MessageParams) => Promise<MessageParams>;
}

/** What a handler gives of a request that it has passed on: its server answers it. */
const PASSED_ON = undefined;

/** The requests of clients. */
export class ClientRequests {
  readonly #parts: RequestParts;

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  /** Answers a request, or passes it on. @throws {RequestFailure} */
  handle(client: GatewayClient, message: McpMessage): Handled {
    const { method, params } = message;
    const { lists } = this.#parts;
    switch (method) {
      case "tools/call":
        return this.#callByName("tools", client, message);
      case "prompts/get":
        return this.#callByName("prompts", client, message);
      case "resources/read":
        return this.#read(client, message);
      case "tools/list":
        return lists.page("tools", params?.cursor);
      case "prompts/list":
        return lists.page("prompts", params?.cursor);
      case "resources/list":
        return lists.page("resources", params?.cursor);
      case "resources/templates/list":
        return lists.page("templates", params?.cursor);
      case "completion/complete":
        return this.#complete(client, message);
      case "resources/subscribe":
        return this.#subscribe(client, textParam(params, "uri"));
      case "resources/unsubscribe":
        return this.#unsubscribe(client, textParam(params, "uri"));
      case "logging/setLevel":
        return this.#setLevel(client, textParam(params, "level"));
      case "initialize":
        return this.#parts.initialize(client, objectOf(params));
      case "ping":
        return {};
      default:
        throw RequestFailure.of(methodNotFound(method!));
    }
  }

  /** A client has gone: what it alone wanted to hear of is not wanted any more. */
  leave(client: GatewayClient): void {
    for (const { backend, uri } of this.#parts.subscriptions.leave(client)) {
      if (backend.isOpen) backend.upstream.request("resources/unsubscribe", { uri }).catch(() => {});
    }
  }

  /** The hot path: no promise, unless the name has to be looked up in a list. */
  #callByName(kind: "tools" | "prompts", client: GatewayClient, message: McpMessage): Handled {
    const { id, method, params } = message;
    const { localTools, lists } = this.#parts;
    const shown = textParam(params, "name");
    if (kind === "tools" && localTools?.has(shown)) {
      return localTools.call(shown, objectOf(params?.arguments));
    }
    const route = lists.route(kind, shown);
    if (!(route instanceof Promise)) {
      client.forward(id!, route.backend, method!, { ...params, name: route.name });
      return PASSED_ON;
    }
    return route.then(({ backend, name }) => {
      client.forward(id!, backend, method!, { ...params, name });
      return PASSED_ON;
    });
  }

  async #read(client: GatewayClient, { id, method, params }: McpMessage): Promise<undefined> {
    const { backend, uri } = await this.#parts.lists.ownerOf(textParam(params, "uri"));
    client.forward(id!, backend, method!, { ...params, uri });
    return PASSED_ON;
  }

  async #complete(client: GatewayClient, { id, method, params }: McpMessage): Promise<undefined> {
    const { lists } = this.#parts;
    const ref = objectOf(params?.ref);
    if (typeof ref.uri === "string") {
      const { backend, uri } = await lists.ownerOf(ref.uri);
      client.forward(id!, backend, method!, { ...params, ref: { ...ref, uri } });
    } else {
      const { backend, name } = await lists.route("prompts", textParam(ref, "name"));
      client.forward(id!, backend, method!, { ...params, ref: { ...ref, name } });
    }
    return PASSED_ON;
  }

  async #subscribe(client: GatewayClient, shown: string): Promise<MessageParams> {
    const { lists, subscriptions } = this.#parts;
    const { backend, uri } = await lists.ownerOf(shown);
    if (!backend.isOpen) throw RequestFailure.of(backend.absentError);
    const isFirst = subscriptions.add(client, { backend, uri, shown });
    if (!isFirst) return {};
    return await backend.upstream.request("resources/subscribe", { uri }).catch((error) => {
      subscriptions.remove(client, { backend, uri });
      throw error;
    });
  }

  async #unsubscribe(client: GatewayClient, shown: string): Promise<MessageParams> {
    const { lists, subscriptions } = this.#parts;
    const { backend, uri } = await lists.ownerOf(shown);
    const wasLast = subscriptions.remove(client, { backend, uri });
    if (!wasLast || !backend.isOpen) return {};
    return await backend.upstream.request("resources/unsubscribe", { uri });
  }

  /** Each server sends what the client that wants most wants; what one of them does not want is left out for it. */
  async #setLevel(client: GatewayClient, level: string): Promise<MessageParams> {
    if (!LOG_LEVELS_OF_MCP.includes(level)) {
      const levels = LOG_LEVELS_OF_MCP.join(", ");
      throw new RequestFailure(CODES.INVALID_PARAMS, `Invalid params: the level is one of ${levels}`);
    }
    client.logLevel = level;
    const { clients, backends } = this.#parts;
    const wanted = [...clients].flatMap(({ logLevel }) => logLevel ?? []);
    const lowest = LOG_LEVELS_OF_MCP.find((level) => wanted.includes(level))!;
    const able = backends.filter((backend) => backend.isOpen && backend.has("logging"));
    await Promise.all(able.map(({ upstream }) =>
      // One that can't goes on as it is.
      upstream.request("logging/setLevel", { level: lowest }).catch(() => {})
    ));
    return {};
  }
}
