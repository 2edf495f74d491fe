/**
 * One MCP server in front of many: clients connect to it, and it passes what they ask on to the server whose it is.
 *
 * Used by `outrider mcp`. It knows no processes: servers come as connections, and whether they are there is told to it.
 * The invariant: a client keeps its session whatever becomes of the servers; what changes for it, it is told.
 */

import { Backend, type Showing } from "./backend.ts";
import { LIST_KINDS, type ListKind, LISTS } from "./lists/catalog.ts";
import { type ClientListener, GatewayClient } from "./client.ts";
import { ClientRequests } from "./client_requests.ts";
import { agreedVersion, type Era, type Hello, legacyHello } from "./hello.ts";
import { instructionsOf } from "./instructions.ts";
import { type GatewayOptions, OPEN_WITHIN_MS } from "./gateway_options.ts";
import { collisionsOf, MergedLists } from "./lists/merged_lists.ts";
import { CODES, type MessageParams, methodNotFound, objectOf, RequestFailure } from "./messages.ts";
import { nameMatcher } from "./lists/names.ts";
import { ResourceListeners } from "./lists/resource_listeners.ts";
import type { PeerTransport } from "./transport.ts";
import type { Upstream, UpstreamListener } from "./upstream.ts";
import { ServerMessages } from "./server_messages.ts";
import { isModernRequest, ModernEra } from "./modern_era.ts";

/** What the gateway can do, whatever its servers can: one that comes later may. */
const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
};

/** The gateway. */
export class Gateway {
  readonly backends: readonly Backend[];
  readonly #options: GatewayOptions;
  readonly #byUpstream = new Map<Upstream, Backend>();
  readonly #clients = new Set<GatewayClient>();
  readonly #lists: MergedLists;
  readonly #modern: ModernEra;
  readonly #requests: ClientRequests;
  readonly #messages: ServerMessages;
  #hello: Hello | undefined;
  #changed = new Set<ListKind>();
  #isClosed = false;
  /** Why each server is not shown that can't be spoken with, as it was told last. */
  readonly #refusals = new Map<string, string>();

  /** Nothing is connected before the first client comes. */
  constructor(options: GatewayOptions) {
    this.#options = options;
    const isAllowed = options.allow === undefined ? () => true : nameMatcher(options.allow);
    const isDenied = nameMatcher(options.deny ?? []);
    const showing: Showing = {
      isBare: options.bareNames ?? false,
      isHidden: (shown) => !isAllowed(shown) || isDenied(shown),
    };
    this.backends = options.servers.map((server) => new Backend(server, showing, this.#upstreamListener));
    for (const backend of this.backends) this.#byUpstream.set(backend.upstream, backend);
    this.#lists = new MergedLists(this.backends, {
      isBare: showing.isBare,
      allow: options.allow,
      deny: options.deny,
      localTools: options.localTools,
      warn: (message) => this.#warn(message),
    });
    this.#modern = new ModernEra({
      backends: this.backends,
      lists: this.#lists,
      serverInfo: this.#serverInfo,
      capabilities: CAPABILITIES,
      instructions: () => this.#instructions(),
      open: (hello) => this.#open(hello),
    });
    const clients = this.#clients;
    const subscriptions = new ResourceListeners();
    this.#requests = new ClientRequests({
      backends: this.backends,
      clients,
      lists: this.#lists,
      subscriptions,
      localTools: options.localTools,
      initialize: (client, params) => this.#initialize(client, params),
    });
    this.#messages = new ServerMessages({
      clients,
      subscriptions,
      modern: this.#modern,
      tellChanged: (...kinds) => this.#tellChanged(...kinds),
      warn: (message) => this.#warn(message),
    });
  }

  /** Why each server is not shown that is not, by name. */
  unshown(): ReadonlyMap<string, string> {
    return new Map(
      this.backends.flatMap(({ name, unshown }) => unshown === undefined ? [] : [[name, unshown]]),
    );
  }

  /** How clients speak with it; unknown before the first. */
  get era(): Era | undefined {
    return this.#hello?.era;
  }

  /** How many requests of clients are not answered yet. */
  get load(): number {
    return [...this.#clients].reduce((sum, { load }) => sum + load, 0);
  }

  /** Takes a client. */
  async connect(transport: PeerTransport): Promise<GatewayClient> {
    const client = new GatewayClient(transport, this.#clientListener, this.#options.maxUnread);
    this.#clients.add(client);
    await client.start();
    return client;
  }

  /** A server is there again, or a new incarnation of it, which may have other lists. */
  present(name: string): void {
    const backend = this.#backend(name);
    const wasGone = !backend.isRunning;
    backend.absence = undefined;
    backend.forget();
    // Its session could not go on with the new incarnation: another one begins.
    if (backend.upstream.isClosed && !this.#isClosed) backend.renew();
    if (this.#hello === undefined) return;
    if (backend.introduction === undefined) void this.#greet(backend, this.#hello);
    else this.#tellChanged(...LIST_KINDS);
    if (wasGone) this.#tellAgain(name);
  }

  /** A server is not there, and is not about to be. */
  absent(name: string, why: string): void {
    const backend = this.#backend(name);
    if (this.#isClosed || backend.absence === why) return;
    backend.absence = why;
    backend.forget();
    this.#tellLog("warning", `The server '${name}' is not available: ${why}`);
    this.#tellChanged(...LIST_KINDS);
  }

  /** Ends all connections, for the reason `why`. */
  async close(why: string): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#clients].map((client) => client.close(why)));
    await Promise.all(this.backends.map((backend) => backend.close()));
  }

  readonly #clientListener: ClientListener = {
    onRequest: (client, message) => {
      const handle = () => this.#requests.handle(client, message);
      // One that does not wait for the answer to its first message gets all answers all the same.
      if (client.opening !== undefined && message.method !== "ping") {
        return client.opening.then(handle, handle);
      }
      if (client.era === "legacy" || !isModernRequest(message)) return handle();
      // The servers have been greeted in the older way, for another client.
      if (this.era === "legacy") throw RequestFailure.of(methodNotFound(message.method!));
      client.era = "modern";
      return this.#modern.onRequest(client, message, handle);
    },
    onNotification: (client, { method, params }) => {
      if (method === "notifications/initialized") client.isReady = true;
      else if (method === "notifications/cancelled") this.#modern.cancel(client, params?.requestId);
      else for (const { isOpen, upstream } of this.backends) if (isOpen) upstream.notify(method!, params);
    },
    onClose: (client) => {
      this.#clients.delete(client);
      this.#modern.leave(client);
      this.#requests.leave(client);
    },
    onUnread: (what) => this.#warn(`A client does not read what it is sent: ${what}`),
  };

  readonly #upstreamListener: UpstreamListener = {
    onRequest: (upstream, message) => this.#messages.onRequest(this.#of(upstream), message),
    onNotification: (upstream, message) => this.#messages.onNotification(this.#of(upstream), message),
    onError: ({ name }, error) => this.#messages.onError(name, error),
    onTimeout: (upstream, method, count) => this.#messages.onTimeout(upstream, method, count),
    onClose: (upstream) => this.absent(upstream.name, this.#of(upstream).absence ?? "it has ended"),
  };

  async #initialize(client: GatewayClient, params: MessageParams): Promise<MessageParams> {
    if (client.era !== undefined) {
      throw new RequestFailure(CODES.INVALID_REQUEST, "Invalid request: it is initialized already");
    }
    if (this.era === "modern" && this.#clients.size > 1) {
      throw new RequestFailure(
        CODES.INVALID_REQUEST,
        "Another client speaks a later revision of MCP with these servers",
      );
    }
    client.era = "legacy";
    client.capabilities = objectOf(params.capabilities);
    client.opening = this.#open(this.era === "legacy" ? this.#hello! : legacyHello(params));
    await client.opening;
    client.opening = undefined;
    if (this.#options.bareNames) await this.#refuseCollisions();
    return {
      protocolVersion: agreedVersion(params.protocolVersion),
      capabilities: CAPABILITIES,
      serverInfo: this.#serverInfo,
      instructions: this.#instructions(),
    };
  }

  /** Greets all servers, and waits for those that are there or are about to be, but not for ever. */
  async #open(hello: Hello): Promise<void> {
    if ((this.era ?? hello.era) !== hello.era) {
      for (const each of this.backends) each.reset();
    }
    const isFirst = this.#hello !== hello;
    this.#hello = hello;
    const { openWithin = OPEN_WITHIN_MS } = this.#options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => void (timer = setTimeout(resolve, openWithin)));
    for (const backend of this.backends) void this.#greet(backend, hello);
    await Promise.race([late, Promise.all(this.backends.map((backend) => backend.settled()))]);
    clearTimeout(timer);
    // In the later era, a client begins anew where one is late.
    if (!isFirst || hello.era !== "legacy") return;
    const why = `has not answered within ${openWithin} ms; it is waited for`;
    for (const { name, isAwaited } of this.backends) if (isAwaited) this.#warn(`The server '${name}' ${why}`);
  }

  async #greet(backend: Backend, hello: Hello): Promise<void> {
    await backend.open(hello);
    if (this.#hello !== hello || this.#isClosed) return;
    const { name, refusal } = backend;
    if (refusal !== undefined && !backend.upstream.isClosed) {
      if (refusal !== this.#refusals.get(name)) this.#warn(`The server '${name}' is not shown: ${refusal}`);
      this.#refusals.set(name, refusal);
      if (backend.mayRelent) backend.later(() => void this.#greet(backend, hello));
    }
    if (backend.isOpen) {
      if (this.#refusals.delete(name)) this.#tellAgain(name);
      this.#modern.follow(backend);
      this.#tellChanged(...LIST_KINDS);
    }
  }

  /** To all clients that are ready, once for what changes in the same turn. */
  #tellChanged(...kinds: readonly ListKind[]): void {
    const isFirst = this.#changed.size === 0;
    for (const kind of kinds) this.#changed.add(kind);
    if (!isFirst) return;
    queueMicrotask(() => {
      const methods = new Set([...this.#changed].map((kind) => LISTS[kind].changed));
      this.#changed = new Set();
      this.#lists.forget();
      for (const method of methods) {
        this.#modern.tellChanged(method);
        for (const client of this.#clients) {
          if (client.era === "legacy" && client.isReady) void client.notify(method);
        }
      }
    });
  }

  #tellAgain(name: string): void {
    this.#tellLog("notice", `The server '${name}' is available again`);
  }

  #tellLog(level: "notice" | "warning", data: string): void {
    this.#warn(data);
    for (const client of this.#clients) {
      if (!client.isReady || !client.wantsLog(level)) continue;
      void client.notify("notifications/message", { level, logger: "outrider", data });
    }
  }

  async #refuseCollisions(): Promise<void> {
    const [collision] = await collisionsOf(this.backends);
    if (collision === undefined) return;
    const message = `Cannot show bare names: ${collision}; leave out --bare-names`;
    this.#options.onRefused?.(message);
    throw new RequestFailure(CODES.INVALID_REQUEST, message);
  }

  get #serverInfo(): MessageParams {
    const { name, version } = this.#options;
    return { name: "outrider", title: name, version };
  }

  #instructions(): string {
    return instructionsOf(this.backends, { isBare: this.#options.bareNames ?? false });
  }

  #backend(name: string): Backend {
    return this.backends.find((backend) => backend.name === name)!;
  }

  #of(upstream: Upstream): Backend {
    return this.#byUpstream.get(upstream)!;
  }

  #warn(message: string): void {
    this.#options.warn?.(message);
  }
}
