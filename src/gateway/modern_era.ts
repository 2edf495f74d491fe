/**
 * What the gateway answers a client of the revision 2026-07-28 and later: there is no `initialize`, each request says
 * what its client is and can do, and what changes is told to those who listen.
 *
 * The invariant: it is spoken only where all servers that run speak it; else the client is told, and goes back to
 * `initialize`.
 */

import type { Backend } from "./backend.ts";
import type { GatewayClient, Handled } from "./client.ts";
import { type Hello, MODERN_VERSIONS, modernHello, SERVER_INFO, SUBSCRIPTION_ID } from "./hello.ts";
import type { MergedLists } from "./lists/merged_lists.ts";
import {
  CODES,
  type McpMessage,
  type MessageId,
  type MessageParams,
  methodNotFound,
  objectOf,
  RequestFailure,
} from "./messages.ts";
import type { OwnedResource } from "./lists/resource_listeners.ts";

/** Where a request says which revision it is of. */
const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";

/** Whether a request is of this era. */
export function isModernRequest({ method, params }: McpMessage): boolean {
  return method === "server/discover" || objectOf(params?._meta)[VERSION_KEY] !== undefined;
}

/** The methods that this era has no more. */
const GONE = ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"];

/** What may be listened to, besides single resources, by the notification that tells it. */
const TOPICS: Readonly<Record<string, string>> = {
  "notifications/tools/list_changed": "toolsListChanged",
  "notifications/prompts/list_changed": "promptsListChanged",
  "notifications/resources/list_changed": "resourcesListChanged",
};

/** What the answers are made from. */
export interface ModernParts {
  readonly backends: readonly Backend[];
  readonly lists: MergedLists;
  readonly serverInfo: MessageParams;
  readonly capabilities: MessageParams;
  /** What it says to a model. */
  readonly instructions: () => string;
  /** Greets all servers. */
  readonly open: (hello: Hello) => Promise<void>;
}

interface Listening {
  readonly topics: readonly string[];
  readonly resources: readonly (OwnedResource & { readonly shown: string })[];
  readonly cancel: () => void;
}

/** The era. */
export class ModernEra {
  readonly #parts: ModernParts;
  readonly #listening = new Map<GatewayClient, Map<MessageId, Listening>>();
  #isOpen = false;

  constructor(parts: ModernParts) {
    this.#parts = parts;
  }

  /** Takes a request; `handle` answers those that both eras have. @throws {RequestFailure} */
  onRequest(client: GatewayClient, message: McpMessage, handle: () => Handled): Handled {
    const { method, params } = message;
    const meta = objectOf(params?._meta);
    const version = meta[VERSION_KEY];
    if (!MODERN_VERSIONS.includes(version as string)) {
      throw new RequestFailure(CODES.VERSION, `Unsupported protocol version: ${version}`, {
        supported: MODERN_VERSIONS,
        requested: version,
      });
    }
    if (GONE.includes(method!)) throw RequestFailure.of(methodNotFound(method!));
    if (method === "server/discover" || !this.#isOpen) return this.#opened(client, message, handle);
    if (method === "subscriptions/listen") return this.#listen(client, message);
    const handled = handle();
    return handled instanceof Promise
      ? handled.then((result) => this.#answer(result))
      : this.#answer(handled);
  }

  /** Has the gateway hear what changes at `backend`. */
  follow({ upstream, introduction }: Backend): void {
    if (!this.#isOpen || introduction === undefined) return;
    const notifications = Object.fromEntries(Object.values(TOPICS).map((topic) => [topic, true]));
    upstream.forward({
      method: "subscriptions/listen",
      params: { ...this.#own, notifications },
      isOpenEnded: true,
      onReply() {},
    });
  }

  /** Tells those who listen that a list has changed. */
  tellChanged(method: string): void {
    const topic = TOPICS[method]!;
    for (const [client, id] of this.#heardBy(({ topics }) => topics.includes(topic))) {
      void client.notify(method, { _meta: { [SUBSCRIPTION_ID]: id } });
    }
  }

  /** Tells those who listen that a resource of `backend` has changed. */
  tellUpdate(backend: Backend, params: MessageParams): void {
    const found = ({ resources }: Listening) =>
      resources.find((resource) => resource.backend === backend && resource.uri === params.uri);
    for (const [client, id, listening] of this.#heardBy((each) => found(each) !== undefined)) {
      const meta = { ...objectOf(params._meta), [SUBSCRIPTION_ID]: id };
      void client.notify("notifications/resources/updated", {
        ...params,
        uri: found(listening)!.shown,
        _meta: meta,
      });
    }
  }

  /** A client has cancelled a request: it may be one that listens. */
  cancel(client: GatewayClient, id: unknown): void {
    const all = this.#listening.get(client);
    all?.get(id as MessageId)?.cancel();
    all?.delete(id as MessageId);
  }

  /** A client has gone. */
  leave(client: GatewayClient): void {
    for (const { cancel } of this.#listening.get(client)?.values() ?? []) cancel();
    this.#listening.delete(client);
  }

  #own: MessageParams = {};

  async #opened(
    client: GatewayClient,
    { method, params }: McpMessage,
    handle: () => Handled,
  ): Promise<MessageParams | undefined> {
    const { backends, open, capabilities, instructions } = this.#parts;
    if (!this.#isOpen) {
      const hello = modernHello(objectOf(params));
      this.#own = hello.own;
      this.#isOpen = true;
      client.opening = open(hello);
      await client.opening;
      client.opening = undefined;
      // One that has not answered is as good as older: with all of those, `initialize` can be spoken.
      if (backends.some(({ isOpen, isRunning }) => isRunning && !isOpen)) {
        this.#isOpen = false;
        client.era = undefined;
        throw RequestFailure.of(methodNotFound(method!));
      }
    }
    if (method !== "server/discover") return await this.#answer(await handle());
    return this.#answer({ supportedVersions: MODERN_VERSIONS, capabilities, instructions: instructions() });
  }

  async #listen(client: GatewayClient, { id, params }: McpMessage): Promise<undefined> {
    const filter = objectOf(params?.notifications);
    const topics = Object.values(TOPICS).filter((topic) => filter[topic] === true);
    const shown = Array.isArray(filter.resourceSubscriptions) ? filter.resourceSubscriptions.map(String) : [];
    const resources = await Promise.all(
      shown.map(async (shown) => ({ ...await this.#parts.lists.ownerOf(shown), shown })),
    );
    const cancels = [...Map.groupBy(resources, ({ backend }) => backend)].map(([{ upstream }, own]) =>
      upstream.forward({
        method: "subscriptions/listen",
        params: { ...this.#own, notifications: { resourceSubscriptions: own.map(({ uri }) => uri) } },
        isOpenEnded: true,
        onReply() {},
      })
    );
    const all = this.#listening.get(client) ?? new Map<MessageId, Listening>();
    this.#listening.set(client, all);
    all.set(id!, { topics, resources, cancel: () => cancels.forEach((cancel) => cancel()) });
    client.keepOpen(id!);
    const honored = {
      ...Object.fromEntries(topics.map((topic) => [topic, true])),
      ...shown.length > 0 && { resourceSubscriptions: shown },
    };
    void client.notify("notifications/subscriptions/acknowledged", {
      notifications: honored,
      _meta: { [SUBSCRIPTION_ID]: id },
    });
    return undefined;
  }

  /** What the gateway answers by itself; nothing for what a server answers. */
  #answer(result: MessageParams | undefined): MessageParams | undefined {
    if (result === undefined) return undefined;
    const meta = { ...objectOf(result._meta), [SERVER_INFO]: this.#parts.serverInfo };
    return { ...result, resultType: "complete", ttlMs: 0, cacheScope: "private", _meta: meta };
  }

  #heardBy(fits: (listening: Listening) => boolean): (readonly [GatewayClient, MessageId, Listening])[] {
    return [...this.#listening].flatMap(([client, all]) =>
      [...all].filter(([, listening]) => fits(listening)).map(([id, each]) => [client, id, each] as const)
    );
  }
}
