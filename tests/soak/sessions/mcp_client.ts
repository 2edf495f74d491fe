/**
 * The client of MCP's official SDK on a session: each call is answered with its own answer, or fails with the connection
 * that was closed.
 *
 * @module
 */
import { Client, ProtocolError, SdkError, SdkErrorCode } from "npm:@modelcontextprotocol/client@2.4.0";
import type { McpTransport } from "@outrider/outrider/actors/mcp";
import { count } from "../figures.ts";
import { linger } from "./harms.ts";
import { countCall, onTrouble, padding, SETTLED_MS, type SoakReport } from "./outcomes.ts";
import type { SoakClient } from "./session.ts";

/** JSON-RPC's code of a call report server has ended. */
const CONNECTION_CLOSED = -32_000;
/** That of a probe. */
const METHOD_NOT_FOUND = -32_601;

type Made = boolean | "cancelled";

/** See the module. `next` numbers the calls of all clients of the session. */
export class McpSoakClient implements SoakClient {
  readonly #client: Client;
  readonly #report: SoakReport;
  readonly #next: () => number;
  #isClosing = false;

  /** Connects, in either era. */
  static async connect(
    transport: McpTransport,
    report: SoakReport,
    next: () => number,
  ): Promise<McpSoakClient> {
    const made = new McpSoakClient(report, next);
    await made.#client.connect(transport);
    const isModern = made.#isModern;
    count(report.outcomes.met, isModern ? "clients without handshake" : "clients with handshake");
    if (isModern) await made.#client.listen({ toolsListChanged: true });
    return made;
  }

  private constructor(report: SoakReport, next: () => number) {
    const { outcomes: { met }, random, onBroken } = report;
    const client = new Client({ name: "soak", version: "1.0.0" }, {
      capabilities: { sampling: {} },
      versionNegotiation: { mode: "auto" },
    });
    client.onclose = () => this.#isClosing || onBroken("lost", "the client is told that the session is over");
    client.onerror = (error) => {
      if (!this.#isClosing) onTrouble(error, report);
    };
    client.setRequestHandler("sampling/createMessage", async ({ params }) => {
      count(met, "questions of the server");
      await linger(random() * 5);
      const content = params.messages[0]!.content as { readonly type: "text"; readonly text: string };
      return { role: "assistant", model: "none", content };
    });
    client.setNotificationHandler("notifications/tools/list_changed", () => count(met, "list_changed"));
    this.#client = client;
    this.#report = report;
    this.#next = next;
  }

  get #isModern(): boolean {
    return this.#client.getNegotiatedProtocolVersion()! >= "2026-07-28";
  }

  callOnce(): Promise<boolean> {
    return this.#call(KINDS[Math.floor(this.#report.random() * KINDS.length)]!);
  }

  async callEach(): Promise<readonly string[]> {
    const failed = [];
    for (const kind of KINDS) if (await this.#call(kind)) failed.push(kind);
    return failed;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#client.close();
  }

  #call(kind: Kind): Promise<boolean> {
    const n = this.#next();
    return countCall({
      kind,
      n,
      make: () => this.#make(kind, n),
      reasonOf,
      isLeft: (error) => this.#isClosing && isClosed(error),
    }, this.#report);
  }

  async #make(kind: Kind, n: number): Promise<Made> {
    const options = { timeout: 2 * SETTLED_MS };
    switch (kind) {
      case "echo":
        return await this.#echo(`${n}${padding(this.#report.random)}`);
      case "get-sum":
        return await this.#text("get-sum", { a: n, b: 1 }) === `The sum of ${n} and 1 is ${n + 1}.`;
      case "long":
        return await this.#long();
      case "sampling":
        return (await this.#text("trigger-sampling-request", { prompt: `<${n}>`, maxTokens: 10 }))
          .includes(`<${n}>`);
      case "tools/list": {
        const { tools } = await this.#client.listTools(undefined, options);
        return tools.some(({ name }) => name === "echo");
      }
      case "ping or discover":
        await (this.#isModern ? this.#client.discover(options) : this.#client.ping(options));
        return true;
      case "taken back":
        return await this.#takenBack(n);
    }
  }

  async #echo(message: string): Promise<boolean> {
    return await this.#text("echo", { message }) === `Echo: ${message}`;
  }

  async #long(): Promise<boolean> {
    const steps = 1 + Math.floor(this.#report.random() * 3);
    let last = 0;
    let isRising = true;
    const onprogress = ({ progress }: { readonly progress: number }) => {
      count(this.#report.outcomes.met, "progress");
      isRising &&= progress > last;
      last = progress;
    };
    const given = { duration: steps * 0.005, steps };
    const text = await this.#text("trigger-long-running-operation", given, { onprogress });
    return text.includes(`Steps: ${steps}.`) && isRising && last <= steps;
  }

  async #takenBack(n: number): Promise<Made> {
    const abort = new AbortController();
    const call = this.#text("echo", { message: `${n}` }, { signal: abort.signal });
    setTimeout(() => abort.abort("no longer wanted"), this.#report.random() * 10);
    try {
      return await call === `Echo: ${n}`;
    } catch (error) {
      if (abort.signal.aborted && reasonOf(error) === undefined && !this.#isClosing) return "cancelled";
      throw error;
    }
  }

  /** The text that a tool gives. */
  async #text(name: string, given: Record<string, unknown>, more: object = {}): Promise<string> {
    const options = { timeout: 2 * SETTLED_MS, ...more };
    const { content } = await this.#client.callTool({ name, arguments: given }, options);
    return (content as readonly { readonly text?: string }[] | undefined)?.[0]?.text ?? "";
  }
}

const KINDS = [
  "echo",
  "get-sum",
  "long",
  "sampling",
  "tools/list",
  "ping or discover",
  "taken back",
] as const;
type Kind = typeof KINDS[number];

/** The reason that the error of a call tells which has lost its server. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof ProtocolError)) return undefined;
  if (error.code !== CONNECTION_CLOSED && error.code !== METHOD_NOT_FOUND) return undefined;
  const { reason } = (error.data ?? {}) as { readonly reason?: unknown };
  return typeof reason === "string" ? reason : undefined;
}

/** Whether the client itself has closed: the SDK has two errors for it. */
function isClosed(error: unknown): boolean {
  if (error instanceof SdkError) return error.code === SdkErrorCode.ConnectionClosed;
  return error instanceof Error && error.message === "Not connected";
}
