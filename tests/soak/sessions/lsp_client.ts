/**
 * A client on `vscode-jsonrpc` with VS Code's server for JSON: it edits two texts, and what it is told of them is what
 * they are, or were since it asked.
 *
 * @module
 */
import {
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
  ResponseError,
} from "npm:vscode-jsonrpc@10.0.0/node";
import type { LspTransports } from "@outrider/outrider/actors/lsp";
import { count } from "../figures.ts";
import { LspText } from "./lsp_text.ts";
import { countCall, onTrouble, type SoakReport } from "./outcomes.ts";
import type { SoakClient } from "./session.ts";

/** LSP's codes. */
const CONTENT_MODIFIED = -32_801;
const REQUEST_CANCELLED = -32_800;

type Symbols = readonly { readonly name: string }[];

/** See the module. */
export class LspSoakClient implements SoakClient {
  readonly #connection: MessageConnection;
  readonly #report: SoakReport;
  readonly #next: () => number;
  readonly #texts: readonly LspText[];
  #isClosing = false;

  /** Connects, and opens the texts. */
  static async connect(ends: LspTransports, report: SoakReport, next: () => number): Promise<LspSoakClient> {
    const made = new LspSoakClient(ends, report, next);
    const connection = made.#connection;
    connection.listen();
    await connection.sendRequest("initialize", { processId: Deno.pid, rootUri: null, capabilities: {} });
    await connection.sendNotification("initialized", {});
    for (const text of made.#texts) await connection.sendNotification("textDocument/didOpen", text.open());
    return made;
  }

  private constructor({ reader, writer }: LspTransports, report: SoakReport, next: () => number) {
    const { outcomes, random, onBroken } = report;
    const connection = createMessageConnection(reader, writer);
    connection.onError(([error]) => onTrouble(error, report));
    connection.onClose(() =>
      this.#isClosing || onBroken("lost", "the client is told that the session is over")
    );
    connection.onNotification("textDocument/publishDiagnostics", ({ diagnostics }) => {
      count(outcomes.met, "diagnostics");
      if (diagnostics.length > 0) onBroken("wrong", `a faultless text has ${JSON.stringify(diagnostics)}`);
    });
    this.#connection = connection;
    this.#report = report;
    this.#next = next;
    this.#texts = ["a", "b"].map((name) => new LspText(`file:///${name}.json`, random));
  }

  async callOnce(): Promise<boolean> {
    const { random, outcomes } = this.#report;
    const text = this.#texts[Math.floor(random() * this.#texts.length)]!;
    for (let edits = Math.floor(random() * 3); edits > 0; edits--) {
      count(outcomes.met, "changes");
      void this.#notify("textDocument/didChange", text.change());
    }
    if (random() < 0.02) {
      count(outcomes.met, "closed and opened again");
      void this.#notify("textDocument/didClose", text.close());
      void this.#notify("textDocument/didOpen", text.open());
    }
    return await this.#call(text, random() < 0.2);
  }

  async callEach(): Promise<readonly string[]> {
    const failed = [];
    for (const text of this.#texts) if (await this.#call(text, false)) failed.push(text.uri);
    return failed;
  }

  /** By `shutdown` and `exit`, or at once. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#report.random() < 0.5) {
      try {
        await this.#connection.sendRequest("shutdown");
      } catch (error) {
        if (reasonOf(error) === undefined) throw error;
      }
      await this.#connection.sendNotification("exit");
    }
    this.#connection.dispose();
  }

  /** One that can't be sent is told by the request after it. */
  #notify(method: string, params: object): Promise<void> {
    return this.#connection.sendNotification(method, params).catch((error) => {
      if (!this.#isClosing) this.#report.onBroken("wrong", `${method} is not sent: ${error}`);
    });
  }

  async #call(text: LspText, isTakenBack: boolean): Promise<boolean> {
    const since = text.states.length - 1;
    const source = new CancellationTokenSource();
    const timer = isTakenBack ? setTimeout(() => source.cancel(), this.#report.random() * 10) : undefined;
    const isCut = await countCall({
      kind: isTakenBack ? "taken back" : "symbols",
      n: this.#next(),
      make: async () => {
        const params = { textDocument: { uri: text.uri } };
        try {
          const found = await this.#connection.sendRequest<Symbols>(
            "textDocument/documentSymbol",
            params,
            source.token,
          );
          const names = found.map(({ name }) => name).join();
          return text.states.indexOf(names, since) >= 0;
        } catch (error) {
          if (!isTakenBack || !(error instanceof ResponseError) || error.code !== REQUEST_CANCELLED) {
            throw error;
          }
          return "cancelled";
        }
      },
      reasonOf,
      isLeft: (error) =>
        this.#isClosing && error instanceof ResponseError &&
        error.code === ErrorCodes.PendingResponseRejected,
    }, this.#report);
    clearTimeout(timer);
    return isCut;
  }
}

/** The reason that the error of a request tells which has lost its server. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof ResponseError) || error.code !== CONTENT_MODIFIED) return undefined;
  const { reason } = (error.data ?? {}) as { readonly reason?: unknown };
  return typeof reason === "string" ? reason : undefined;
}
