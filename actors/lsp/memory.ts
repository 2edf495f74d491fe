/**
 * What a client of a language server has said that each new process of it must hear again: the handshake, the
 * configuration, the folders of the workspace, the open documents; and what the client is told when a process has ended,
 * so that nothing of it stays behind: registrations, progress, diagnostics.
 */

import type { JsonRpcPeer } from "@outrider/outrider/protocol";
import { fields, type JsonObject, lostOf } from "../session/fields.ts";
import {
  type JsonRpcMessage,
  SessionLossError,
  type SessionMemory,
  type SessionNews,
} from "../session/types.ts";
import { Documents } from "./documents/documents.ts";
import { sayGoodbye } from "./goodbye.ts";

/** LSP's ContentModified: clients take it as no answer, and ask again when they need one. */
const CONTENT_MODIFIED = -32_801;

/** The URIs of diagnostics that are remembered, to take them back; further ones stay until the server takes them back. */
const MAX_DIAGNOSED = 10_000;

/** The generation of what is said to none. */
const NO_PROCESS = -1;

/** Notifications that a new process hears in its handshake, by what they have come to. */
const IN_HANDSHAKE: readonly unknown[] = [
  "initialized",
  "workspace/didChangeConfiguration",
  "workspace/didChangeWorkspaceFolders",
  "textDocument/didOpen",
  "textDocument/didChange",
  "textDocument/didClose",
];

/** See the module. */
export class LspMemory implements SessionMemory {
  readonly #documents = new Documents();
  readonly #hidesPid: boolean;
  #initialize: { readonly params: JsonObject; readonly capabilities: JsonObject } | undefined;
  #isInitialized = false;
  /** The generation that heard `initialized` last. */
  #initializedIn = 0;
  #configuration: JsonObject | undefined;
  #folders: readonly JsonObject[] | undefined;
  /** Changes that are in the folders, though no process has them. */
  readonly #contained = new WeakSet<object>();
  /** What the process that runs has registered, by id; begun, by token; and said, by URI. */
  readonly #registered = new Map<string, unknown>();
  readonly #begun = new Set<unknown>();
  readonly #diagnosed = new Set<string>();

  /** `hidesPid`: the server can't see the client's process, so it is not told its id. */
  constructor({ hidesPid }: { readonly hidesPid: boolean }) {
    this.#hidesPid = hidesPid;
  }

  prepare(): Promise<void> {
    return this.#documents.load();
  }

  written(message: JsonRpcMessage, generation: number): JsonRpcMessage | undefined {
    const params = fields(message.params);
    switch (message.method) {
      case "initialize":
        return { ...message, params: this.#fit(params) };
      case "initialized":
        if (this.#initializedIn === generation) return undefined;
        this.#isInitialized = true;
        this.#initializedIn = generation;
        break;
      case "workspace/didChangeConfiguration":
        this.#configuration = params;
        break;
      case "workspace/didChangeWorkspaceFolders":
        if (this.#contained.delete(message)) return undefined;
        this.#changeFolders(fields(params.event));
        break;
      // The server ends by it, and the next process begins anew.
      case "exit":
        this.clear();
        break;
      default:
        return this.#documents.written(message) ? message : undefined;
    }
    return message;
  }

  /** The params of `initialize` as the server may have them. */
  #fit(params: JsonObject): JsonObject {
    return { ...inUtf16(params), ...this.#hidesPid && { processId: null } };
  }

  #changeFolders({ added, removed }: JsonObject): void {
    // Added ones as well: one that was never written comes again.
    const gone = new Set([...list(removed), ...list(added)].map(({ uri }) => uri));
    const before = this.#folders ?? list(this.#initialize?.params.workspaceFolders);
    this.#folders = [...before.filter(({ uri }) => !gone.has(uri)), ...list(added)];
  }

  ends({ method }: JsonRpcMessage): boolean {
    return method === "exit";
  }

  unsent(messages: readonly unknown[]): void {
    this.#documents.unsent(messages);
    for (const message of messages as readonly JsonRpcMessage[]) {
      if (message?.method === "workspace/didChangeWorkspaceFolders") this.#contained.add(message);
    }
  }

  missed(message: JsonRpcMessage): boolean {
    if (this.#initialize === undefined || !IN_HANDSHAKE.includes(message.method)) return false;
    this.written(message, NO_PROCESS);
    return true;
  }

  settled({ method, params }: JsonRpcMessage, response: JsonRpcMessage | undefined): void {
    if (method !== "initialize" || response?.result === undefined) return;
    const { capabilities } = fields(response.result);
    this.#initialize = { params: this.#fit(fields(params)), capabilities: fields(capabilities) };
  }

  heard(message: JsonRpcMessage): JsonRpcMessage {
    const params = fields(message.params);
    switch (message.method) {
      case "client/registerCapability":
        for (const one of list(params.registrations)) this.#registered.set(String(one.id), one.method ?? "");
        break;
      case "client/unregisterCapability":
        for (const one of list(params.unregisterations)) this.#registered.delete(String(one.id));
        break;
      case "$/progress":
        this.#progress(params.token, fields(params.value));
        break;
      case "textDocument/publishDiagnostics":
        this.#diagnose(String(params.uri), list(params.diagnostics).length > 0);
        break;
    }
    return message;
  }

  #progress(token: unknown, { kind }: JsonObject): void {
    if (kind === "begin") this.#begun.add(token);
    else if (kind === "end") this.#begun.delete(token);
  }

  #diagnose(uri: string, has: boolean): void {
    if (!has) this.#diagnosed.delete(uri);
    else if (this.#diagnosed.size < MAX_DIAGNOSED) this.#diagnosed.add(uri);
  }

  atDeath({ method }: JsonRpcMessage): "replay" | undefined {
    // Nothing has been agreed yet, and the next process answers as well.
    return method === "initialize" ? "replay" : undefined;
  }

  errorFor(): { readonly code: number; readonly message: string } {
    return { code: CONTENT_MODIFIED, message: "Connection closed" };
  }

  async hello(server: JsonRpcPeer, generation: number): Promise<SessionNews> {
    if (this.#initialize === undefined) return { told: [] };
    const { params, capabilities } = this.#initialize;
    const folders = this.#folders === undefined ? {} : { workspaceFolders: this.#folders };
    const now = fields(await server.request("initialize", { ...params, ...folders }));
    if (!this.#isInitialized) return { told: [] };
    this.#initializedIn = generation;
    void server.notify("initialized", {});
    if (this.#configuration !== undefined) {
      void server.notify("workspace/didChangeConfiguration", this.#configuration);
    }
    for (const document of this.#documents.toOpen()) await server.notify("textDocument/didOpen", document);
    const lost = lostOf(capabilities, fields(now.capabilities));
    return { told: [], lost: lost.length === 0 ? undefined : new SessionLossError(lost) };
  }

  ended(generation: number): readonly JsonRpcMessage[] {
    const told: JsonRpcMessage[] = [];
    if (this.#registered.size > 0) {
      const unregisterations = [...this.#registered].map(([id, method]) => ({ id, method }));
      const id = `outrider:unregister:${generation}`; // nobody waits for its answer
      told.push({ jsonrpc: "2.0", id, method: "client/unregisterCapability", params: { unregisterations } });
    }
    for (const token of this.#begun) {
      told.push({ jsonrpc: "2.0", method: "$/progress", params: { token, value: { kind: "end" } } });
    }
    for (const uri of this.#diagnosed) {
      told.push({
        jsonrpc: "2.0",
        method: "textDocument/publishDiagnostics",
        params: { uri, diagnostics: [] },
      });
    }
    this.#forgetServer();
    return told;
  }

  goodbye(server: JsonRpcPeer, timeUp: AbortSignal): Promise<void> | undefined {
    // It has not begun, or its client has ended it.
    return this.#initialize === undefined ? undefined : sayGoodbye(server, timeUp);
  }

  clear(): void {
    this.#documents.clear();
    this.#forgetServer();
    this.#initialize = this.#configuration = this.#folders = undefined;
    this.#isInitialized = false;
    this.#initializedIn = 0;
  }

  #forgetServer(): void {
    this.#registered.clear();
    this.#begun.clear();
    this.#diagnosed.clear();
  }
}

/** The elements of a list that are objects. */
function list(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

/** Params of `initialize` that let the server count in UTF-16 alone: the texts are kept in it. */
function inUtf16(params: JsonObject): JsonObject {
  const capabilities = fields(params.capabilities);
  const general = { ...fields(capabilities.general), positionEncodings: ["utf-16"] };
  return { ...params, capabilities: { ...capabilities, general } } as JsonObject;
}
