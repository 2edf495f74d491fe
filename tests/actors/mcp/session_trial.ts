/**
 * A session of MCP with a server by hand, and a client by hand.
 *
 * @module
 */
import { type ChildSpec, NO_BACKOFF } from "@outrider/outrider";
import {
  type JsonRpcMessage,
  mcpSession,
  type McpSessionOptions,
  type McpTransport,
  type SessionRef,
} from "@outrider/outrider/actors/mcp";
import { Planted } from "../planted.ts";

// deno-lint-ignore no-explicit-any -- answers as they come
type Any = any;

const FAKE = new URL("./fake_server.ts", import.meta.url).pathname;
export const VERSION = "2025-11-25";

/** A client that keeps all it hears. */
export class Client {
  readonly transport: McpTransport;
  readonly told: JsonRpcMessage[] = [];
  readonly errors: Error[] = [];
  readonly answers = new Map<unknown, PromiseWithResolvers<Any>>();
  readonly closed = Promise.withResolvers<void>();
  /** Answers a request of the server. */
  onRequest: (request: Any) => unknown = () => ({});
  #wake: (() => void) | undefined;
  #next = 0;

  constructor(transport: McpTransport) {
    this.transport = transport;
    transport.onmessage = (message: JsonRpcMessage) => this.#take(message);
    transport.onerror = (error) => {
      this.errors.push(error);
      this.#wake?.();
    };
    transport.onclose = () => this.closed.resolve();
  }

  #take(message: JsonRpcMessage): void {
    const { id, method } = message;
    if (method === undefined) return this.answers.get(id)?.resolve(message);
    this.told.push(message);
    this.#wake?.();
    if (id === undefined) return;
    const result = this.onRequest(message) as Any;
    if (result !== undefined) void this.transport.send({ jsonrpc: "2.0", id, result });
  }

  /** Fulfilled when `fits` is so, looked at whenever something was told. */
  async until<T>(fits: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = fits();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** The whole answer to a request. */
  async request(method: string, params: Any = {}, id: unknown = this.#next++): Promise<Any> {
    const answer = Promise.withResolvers<Any>();
    this.answers.set(id, answer);
    await this.transport.send({ jsonrpc: "2.0", id: id as number, method, params });
    return await answer.promise;
  }

  async call(name: string, given?: unknown, id?: unknown): Promise<Any> {
    return await this.request("tools/call", { name, arguments: given }, id);
  }

  notify(method: string, params?: Any): Promise<void> {
    return this.transport.send({ jsonrpc: "2.0", method, ...params && { params } });
  }

  async connect(): Promise<Any> {
    await this.transport.start();
    const { result } = await this.request("initialize", { protocolVersion: VERSION, capabilities: {} });
    await this.notify("notifications/initialized");
    return result;
  }

  /** The methods of what was told so far. */
  get methods(): readonly unknown[] {
    return this.told.map(({ method }) => method);
  }
}

export class Trial implements AsyncDisposable {
  readonly planted: Planted;
  readonly ref: SessionRef;
  readonly #transport: () => McpTransport;
  readonly #file: string;

  private constructor(
    file: string,
    behaviour: readonly object[],
    more: Partial<McpSessionOptions>,
    under?: (session: ChildSpec) => ChildSpec,
  ) {
    this.#file = file;
    const session = mcpSession("s", {
      command: Deno.execPath(),
      args: [
        "run",
        "--no-config",
        `--allow-read=${file}`,
        `--allow-write=${file}`,
        FAKE,
        JSON.stringify({ starts: file, by: behaviour }),
      ],
      backoff: NO_BACKOFF,
      stop: { drain: 0, stdin: 0, term: 5_000 },
      ...more,
    });
    this.planted = new Planted([under?.(session) ?? session]);
    this.ref = this.planted.system.ref(under === undefined ? "s" : "g/s") as Any;
    this.#transport = () => session.transport(this.ref);
  }

  static async start(
    behaviour: readonly object[] = [{}],
    more: Partial<McpSessionOptions> = {},
    under?: (session: ChildSpec) => ChildSpec,
  ): Promise<Trial> {
    const trial = new Trial(await Deno.makeTempFile(), behaviour, more, under);
    await trial.planted.system.start();
    return trial;
  }

  client(): Client {
    return new Client(this.#transport());
  }

  async connected(): Promise<Client> {
    const client = this.client();
    await client.connect();
    return client;
  }

  /** Kills the process, and waits for the next. */
  async kill(client: Client): Promise<void> {
    const { generation } = this.ref;
    Deno.kill(client.transport.pid!, "SIGKILL");
    await this.planted.event("ready", (event) => event.path === "s" && event.generation > generation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.planted[Symbol.asyncDispose]();
    await Deno.remove(this.#file);
  }
}
