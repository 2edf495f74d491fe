/** A gateway with clients and servers of its tests: no processes, messages as they are. */

import { Gateway } from "../../src/gateway/gateway.ts";
import type { GatewayOptions } from "../../src/gateway/gateway_options.ts";
import type { ErrorBody, McpMessage, MessageParams } from "../../src/gateway/messages.ts";
import type { PeerTransport } from "../../src/gateway/transport.ts";
import type { UpstreamOptions } from "../../src/gateway/upstream.ts";

/** One end of a connection, in this process. */
class Peer implements PeerTransport {
  onmessage?: PeerTransport["onmessage"];
  onclose?: () => void;
  onerror?: (error: Error) => void;
  /** All that the gateway has sent to it. */
  readonly received: McpMessage[] = [];
  /** Of each of these, the request into whose stream it goes. */
  readonly related = new Map<McpMessage, string | number | undefined>();
  #waiting: (() => void)[] = [];

  start(): Promise<void> {
    return Promise.resolve();
  }

  send(message: McpMessage, options?: { readonly relatedRequestId?: string | number }): Promise<void> {
    // As a pipe does: the other end gets a copy, later.
    const copy = JSON.parse(JSON.stringify(message));
    return Promise.resolve().then(() => {
      this.received.push(copy);
      this.related.set(copy, options?.relatedRequestId);
      this.take(copy);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  close(): Promise<void> {
    this.onclose?.();
    return Promise.resolve();
  }

  /** Sends a message to the gateway. */
  say(message: Omit<McpMessage, "jsonrpc" | "id"> & { readonly id?: string | number | undefined }): void {
    void this.onmessage?.(JSON.parse(JSON.stringify({ jsonrpc: "2.0", ...message })));
  }

  /** The first message, past or to come, that fits. */
  async message(fits: (message: McpMessage) => boolean): Promise<McpMessage> {
    for (;;) {
      const found = this.received.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The first message of that method. */
  told(method: string): Promise<McpMessage> {
    return this.message((message) => message.method === method);
  }

  protected take(_: McpMessage): void {}
}

/** What a server of a test does. */
export interface ServerScript {
  /** Where it is empty, there is one, `x`. */
  readonly tools?: readonly MessageParams[];
  readonly prompts?: readonly MessageParams[];
  readonly resources?: readonly MessageParams[];
  readonly templates?: readonly MessageParams[];
  readonly instructions?: string;
  readonly capabilities?: MessageParams;
  readonly version?: string;
  /** Whether it speaks the revision 2026-07-28. */
  readonly isModern?: boolean;
  /** Whether it speaks no other. */
  readonly isModernAlone?: boolean;
  /** Answers any other request, or these in another way; what it throws is an error, `undefined`: no answer. */
  readonly answer?: (message: McpMessage, server: ServerPeer) => MessageParams | undefined;
}

const UNSUPPORTED = {
  code: -32022,
  message: "Unsupported protocol version",
  data: { supported: ["2026-07-28"], requested: "2025-11-25" },
};

/** A server of a test. */
export class ServerPeer extends Peer {
  readonly #script: ServerScript;

  constructor(script: ServerScript) {
    super();
    this.#script = script;
  }

  protected override take(message: McpMessage): void {
    const { id, method } = message;
    if (id === undefined || method === undefined) return;
    try {
      const own = this.#script.answer?.(message, this);
      const result = own ?? this.#usual(message);
      if (result !== undefined) this.say({ id, result });
    } catch (error) {
      if (error !== undefined) this.say({ id, error: error as ErrorBody });
    }
  }

  #usual({ method, params }: McpMessage): MessageParams | undefined {
    const { tools, prompts, resources, templates, instructions, version, isModern } = this.#script;
    const capabilities = {
      ...tools && { tools: {} },
      ...prompts && { prompts: {} },
      ...(resources ?? templates) && { resources: { subscribe: true } },
      ...this.#script.capabilities,
    };
    switch (method) {
      case "initialize":
        if (this.#script.isModernAlone) throw UNSUPPORTED;
        return {
          protocolVersion: version ?? params!.protocolVersion,
          capabilities,
          serverInfo: { name: "fake", version: "1" },
          instructions,
        };
      case "server/discover":
        if (!isModern && !this.#script.isModernAlone) throw { code: -32601, message: "Method not found" };
        return { supportedVersions: ["2026-07-28"], capabilities, instructions, resultType: "complete" };
      case "subscriptions/listen":
        return undefined;
      case "tools/list":
        return { tools: tools?.length === 0 ? [{ name: "x" }] : tools };
      case "prompts/list":
        return { prompts };
      case "resources/list":
        return { resources: resources ?? [] };
      case "resources/templates/list":
        return { resourceTemplates: templates ?? [] };
      case "tools/call":
        return {
          content: [{ type: "text", text: `${params!.name} ${JSON.stringify(params!.arguments ?? {})}` }],
        };
      case "resources/subscribe":
      case "resources/unsubscribe":
      case "logging/setLevel":
        return {};
      default:
        return undefined;
    }
  }
}

/** A client of a test. */
export class ClientPeer extends Peer {
  #lastId = 0;
  readonly #answers = new Map<string | number, (message: McpMessage) => void>();
  /** Answers requests of servers. */
  answer: (message: McpMessage) => MessageParams | undefined = () => undefined;

  /** Sends a request, and resolves to its answer: `result` or `error`. */
  ask(method: string, params?: MessageParams, id: string | number = ++this.#lastId): Promise<McpMessage> {
    return new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.say({ id, method, ...params !== undefined && { params } });
    });
  }

  /** The result of a request. @throws its error */
  async result(method: string, params?: MessageParams, id?: string | number): Promise<MessageParams> {
    const { result, error } = await this.ask(method, params, id);
    if (error !== undefined) throw error;
    return result as MessageParams;
  }

  /** The names in a list. */
  async names(method: string): Promise<unknown[]> {
    const [items = []] = Object.values(await this.result(method)).filter(Array.isArray);
    return items.map(({ name }: MessageParams) => name);
  }

  /** Makes the handshake. */
  async initialize(capabilities: MessageParams = {}, protocolVersion = "2025-11-25"): Promise<MessageParams> {
    const params = { protocolVersion, capabilities, clientInfo: { name: "test", version: "1" } };
    const result = await this.result("initialize", params, "initialize");
    this.say({ method: "notifications/initialized" });
    return result;
  }

  protected override take(message: McpMessage): void {
    const { id, method } = message;
    if (method === undefined) {
      const resolve = this.#answers.get(id!);
      this.#answers.delete(id!);
      resolve?.(message);
    } else if (id !== undefined) {
      const result = this.answer(message);
      if (result !== undefined) this.say({ id, result });
    }
  }
}

/** A gateway in front of servers with these scripts, by name. */
export function gatewayOf(
  scripts: Readonly<Record<string, ServerScript>>,
  { limits = {}, ...options }: Partial<GatewayOptions> & {
    readonly limits?: Readonly<Record<string, Partial<UpstreamOptions>>>;
  } = {},
) {
  const servers = Object.fromEntries(
    Object.entries(scripts).map(([name, script]) => [name, new ServerPeer(script)]),
  );
  const warnings: string[] = [];
  const gateway = new Gateway({
    name: "test",
    version: "1",
    openWithin: 2_000,
    warn: (message) => void warnings.push(message),
    ...options,
    servers: Object.entries(servers).map(([name, server]) => ({
      name,
      connect: () => server,
      ...limits[name],
    })),
  });
  const connect = async () => {
    const client = new ClientPeer();
    await gateway.connect(client);
    return client;
  };
  return { gateway, servers, warnings, connect };
}

/** Lets a request go unanswered. */
export function hang(): never {
  throw undefined;
}
