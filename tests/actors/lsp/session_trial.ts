/**
 * A session of LSP with a server by hand, and a client by hand.
 *
 * @module
 */
import { NO_BACKOFF, supervisor } from "@outrider/outrider";
import type { JsonRpcMessage } from "@outrider/outrider/actors/mcp";
import {
  type LspSession,
  lspSession,
  type LspSessionOptions,
  type LspTransports,
} from "@outrider/outrider/actors/lsp";
import { Planted } from "../planted.ts";

// deno-lint-ignore no-explicit-any -- answers as they come
type Any = any;

export const FAKE = new URL("./fake_server.ts", import.meta.url).pathname;
export const PATH = "g/s";
export const URI = "file:///a";

/** A client by hand. */
export class Client {
  readonly told: Any[] = [];
  readonly closed = Promise.withResolvers<void>();
  readonly transports: LspTransports;
  readonly #answers = new Map<number, (answer: Any) => void>();
  #next = 0;

  /** `listens`: it reads. */
  constructor(transports: LspTransports, listens: boolean) {
    this.transports = transports;
    if (!listens) return;
    transports.reader.onClose(() => this.closed.resolve());
    transports.reader.listen((message: JsonRpcMessage) => {
      if (message.method !== undefined) this.told.push(message);
      else this.#answers.get(message.id as number)?.(message);
    });
  }

  /** The id of the last request. */
  get last(): number {
    return this.#next - 1;
  }

  async request(method: string, params: Any = {}): Promise<Any> {
    const id = this.#next++;
    const answer = new Promise<Any>((resolve) => this.#answers.set(id, resolve));
    await this.transports.writer.write({ jsonrpc: "2.0", id, method, params });
    return await answer;
  }

  notify(method: string, params: Any): void {
    void this.transports.writer.write({ jsonrpc: "2.0", method, params });
  }

  async connect(capabilities: Any = {}): Promise<Any> {
    const { result } = await this.request("initialize", { processId: null, rootUri: null, capabilities });
    this.notify("initialized", {});
    return result;
  }

  open(uri: string, text: string, version = 1): void {
    this.notify("textDocument/didOpen", { textDocument: { uri, languageId: "x", version, text } });
  }

  change(uri: string, version: number, ...contentChanges: Any[]): void {
    this.notify("textDocument/didChange", { textDocument: { uri, version }, contentChanges });
  }
}

export class Trial implements AsyncDisposable {
  readonly planted: Planted;
  readonly session: LspSession;

  private constructor(more: Partial<LspSessionOptions>) {
    this.session = lspSession("s", {
      command: Deno.execPath(),
      args: ["run", "--no-config", FAKE],
      backoff: NO_BACKOFF,
      ...more,
    });
    const intensity = { restarts: 1_000, within: "1m" } as const;
    this.planted = new Planted([supervisor("g", [this.session], { intensity })]);
  }

  static async start(more: Partial<LspSessionOptions> = {}): Promise<Trial> {
    const trial = new Trial(more);
    await trial.planted.system.start();
    return trial;
  }

  client(listens = true): Client {
    return new Client(this.session.transports(this.planted.system.ref(PATH) as Any), listens);
  }

  async connected(): Promise<Client> {
    const client = this.client();
    await client.connect();
    return client;
  }

  /** What was sent by now has been framed. */
  async idle(): Promise<void> {
    while (this.planted.system.ref(PATH).queued > 0) await new Promise((go) => setTimeout(go));
    await new Promise((go) => setTimeout(go));
  }

  /** Kills the process, and waits for the next. */
  async killed(): Promise<void> {
    const { pid, generation } = this.planted.all("spawned").at(-1)!;
    Deno.kill(pid, "SIGKILL");
    await this.planted.event("ready", (event) => event.path === PATH && event.generation > generation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.planted[Symbol.asyncDispose]();
  }
}
