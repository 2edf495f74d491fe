/** `outrider mcp` as a process of its own, and a client of it on its pipes. */

import type { McpMessage, MessageParams } from "../../../src/gateway/messages.ts";
import { checkout, command, type Flags } from "../outrider.ts";

/** A child that is the server of `tests/gateway/server.ts`. */
export function rawServer(id: string, more: Readonly<Record<string, unknown>> = {}, ...args: string[]) {
  const run = [
    "run",
    "--quiet",
    "--no-config",
    "--no-lock",
    "--allow-read",
    `${checkout}tests/gateway/server.ts`,
  ];
  return {
    id,
    command: Deno.execPath(),
    args: [...run, ...args],
    env: { DENO_NO_UPDATE_CHECK: "1" },
    inheritEnv: ["PATH", "HOME", "DENO_DIR"],
    protocol: "mcp",
    ...more,
  };
}

/** A folder with a manifest of these children; removed at the end. */
export class ManifestFolder implements AsyncDisposable {
  readonly path: string = Deno.makeTempDirSync();
  readonly file: string = `${this.path}/outrider.json`;

  constructor(children: readonly object[], more: object = {}) {
    Deno.writeTextFileSync(this.file, JSON.stringify({ name: "app", ...more, children }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** The gateway and its client. */
export class GatewayProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stderr: Promise<string>;
  readonly #reading: Promise<void>;
  readonly #answers = new Map<string | number, (message: McpMessage) => void>();
  readonly #waiting = new Set<() => void>();
  /** Its notifications and requests. */
  readonly told: McpMessage[] = [];
  #lastId = 0;
  #isOver = false;

  constructor(args: readonly string[], flags: Flags = {}) {
    this.#process = command(["mcp", ...args], flags, { stdin: "piped" }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#stderr = new Response(this.#process.stderr).text();
    this.#reading = this.#read();
  }

  /** Sends a line. */
  say(message: object): void {
    const line = `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`;
    this.#input.write(new TextEncoder().encode(line)).catch(() => {});
  }

  /** Sends a request, and resolves to its answer: `result` or `error`. */
  async ask(method: string, params?: MessageParams): Promise<McpMessage> {
    const id = ++this.#lastId;
    const answer = new Promise<McpMessage>((resolve) => this.#answers.set(id, resolve));
    this.say({ id, method, params });
    const over = this.#reading.then(async () => {
      throw new Error(`There is no answer to ${method}:\n${await this.#stderr}`);
    });
    over.catch(() => {});
    return await Promise.race([answer, over]);
  }

  /** Calls a tool; its text, or its error. */
  async call(name: string, args: MessageParams = {}): Promise<string | McpMessage["error"]> {
    const { result, error } = await this.ask("tools/call", { name, arguments: args });
    return error ?? (result as { content: { text: string }[] }).content[0]!.text;
  }

  /** Makes the handshake. */
  async initialize(capabilities: MessageParams = {}): Promise<MessageParams> {
    const clientInfo = { name: "test", version: "1" };
    const { result } = await this.ask("initialize", {
      protocolVersion: "2025-11-25",
      capabilities,
      clientInfo,
    });
    this.say({ method: "notifications/initialized" });
    return result as MessageParams;
  }

  /** The first message of that method, past or to come; those before are forgotten. */
  async hear(method: string): Promise<McpMessage> {
    for (;;) {
      const at = this.told.findIndex((message) => message.method === method);
      if (at >= 0) return this.told.splice(0, at + 1).at(-1)!;
      if (this.#isOver) throw new Error(`It has not told ${method}:\n${await this.#stderr}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Sends it a signal. */
  kill(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Closes standard input; its exit code and standard error. */
  async end(): Promise<{ readonly code: number; readonly stderr: string }> {
    await this.#input.close().catch(() => {});
    const [{ code }, stderr] = await Promise.all([this.#process.status, this.#stderr, this.#reading]);
    return { code, stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(JSON.parse(line));
    }
    this.#isOver = true;
    this.#wake();
  }

  #take(message: McpMessage): void {
    if (message.method !== undefined) this.told.push(message);
    else this.#answers.get(message.id!)?.(message);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
