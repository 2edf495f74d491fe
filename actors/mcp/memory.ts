/**
 * What a client of MCP has said that each new process of its server must hear again: the handshake, the level of logs,
 * the subscriptions; and what it is told when a new process has heard it.
 *
 * Up to revision 2025-11-25 a session begins with `initialize`. From 2026-07-28 on there is none: each request says
 * what it needs in `_meta`, and what stands is the requests `subscriptions/listen` that are open.
 */

import type { JsonRpcId, JsonRpcPeer } from "@outrider/outrider/protocol";
import { fields, type JsonObject, lostOf } from "../session/fields.ts";
import { inGeneration, ofGeneration } from "../session/generation_ids.ts";
import {
  type JsonRpcMessage,
  SessionLossError,
  type SessionMemory,
  type SessionNews,
  SessionOverError,
} from "../session/types.ts";
import { McpSubscriptions } from "./subscriptions.ts";

const SUBSCRIPTION_ID = "io.modelcontextprotocol/subscriptionId";

/** The lists that can change, by the capability of the server; the filter of `subscriptions/listen` adds `ListChanged`. */
const LISTS = ["tools", "resources", "prompts"] as const;

/** See the module. */
export class McpMemory implements SessionMemory {
  #initialize: { readonly params: JsonObject; readonly result: JsonObject } | undefined;
  #isInitialized = false;
  /** The generation that heard `notifications/initialized` last. */
  #initializedIn = 0;
  readonly #subscriptions = new McpSubscriptions();
  /** The open requests `subscriptions/listen`, by id. */
  readonly #listens = new Map<JsonRpcId, { readonly filter: JsonObject; isAcknowledged: boolean }>();

  written(message: JsonRpcMessage, generation: number): JsonRpcMessage | undefined {
    const { method, id, params } = message;
    if (method === "notifications/initialized") {
      if (this.#initializedIn === generation) return undefined;
      this.#isInitialized = true;
      this.#initializedIn = generation;
    } else if (method === "notifications/progress") {
      return ofThisGeneration(message, generation);
    } else if (method === "subscriptions/listen" && !this.#listens.has(id!)) {
      this.#listens.set(id!, { filter: fields(fields(params).notifications), isAcknowledged: false });
    }
    return message;
  }

  missed({ method }: JsonRpcMessage): boolean {
    if (this.#initialize === undefined || method !== "notifications/initialized") return false;
    return this.#isInitialized = true;
  }

  isPast({ method }: JsonRpcMessage): boolean {
    return method === "notifications/progress";
  }

  settled({ method, id, params }: JsonRpcMessage, response: JsonRpcMessage | undefined): void {
    if (method === "subscriptions/listen") this.#listens.delete(id!);
    const { result } = response ?? {};
    if (result === undefined) return;
    const said = fields(params);
    if (method === "initialize") {
      this.#forget();
      this.#initialize = { params: said, result: fields(result) };
    } else this.#subscriptions.settled({ method, params });
  }

  heard(message: JsonRpcMessage, generation: number): JsonRpcMessage | readonly JsonRpcMessage[] | undefined {
    const { method, id, params } = message;
    if (id !== undefined) return withToken(message, generation);
    if (method !== "notifications/subscriptions/acknowledged") return message;
    const subscription = fields(fields(params)._meta)[SUBSCRIPTION_ID];
    const listen = this.#listens.get(subscription as JsonRpcId);
    if (listen === undefined || !listen.isAcknowledged) {
      if (listen !== undefined) listen.isAcknowledged = true;
      return message;
    }
    // Another process has taken it up: the client has missed what changed meanwhile.
    const _meta = { [SUBSCRIPTION_ID]: subscription! };
    return LISTS.filter((list) => listen.filter[`${list}ListChanged`] === true)
      .map((list) => ({ ...listChanged(list), params: { _meta } }));
  }

  atDeath({ method }: JsonRpcMessage): "fail" | "replay" | "standing" | undefined {
    switch (method) {
      case "subscriptions/listen":
        return "standing";
      // Nothing has been agreed yet, and the next process answers as well.
      case "initialize":
      case "ping":
        return "replay";
      // It may be what has killed the server: the client goes on with `initialize`.
      case "server/discover":
        return "fail";
    }
  }

  errorFor({ method }: JsonRpcMessage): { readonly code: number; readonly message: string } | undefined {
    return method === "server/discover" ? { code: -32_601, message: "Method not found" } : undefined;
  }

  async hello(server: JsonRpcPeer, generation: number): Promise<SessionNews> {
    if (this.#initialize === undefined) return { told: [] };
    const { params, result } = this.#initialize;
    const { protocolVersion, capabilities } = result;
    const now = fields(await server.request("initialize", { ...params, protocolVersion }));
    if (now.protocolVersion !== protocolVersion) {
      throw new SessionOverError(
        `Cannot go on: the server has spoken ${String(protocolVersion)}, and speaks ${
          String(now.protocolVersion)
        } since it was started again; connect anew`,
      );
    }
    if (!this.#isInitialized) return { told: [] };
    this.#initializedIn = generation;
    server.notify("notifications/initialized");
    const lost = lostOf(fields(capabilities), fields(now.capabilities));
    const refused = await this.#subscriptions.restore(server);
    const missing = [...lost, ...refused];
    return {
      told: this.#news(fields(now.capabilities), generation),
      lost: missing.length === 0 ? undefined : new SessionLossError(missing),
    };
  }

  #news(capabilities: JsonObject, generation: number): readonly JsonRpcMessage[] {
    const told: JsonRpcMessage[] = LISTS.filter((list) => fields(capabilities[list]).listChanged === true)
      .map(listChanged);
    if (capabilities.logging !== undefined && this.#subscriptions.hasWarnings) {
      const data = `the server was started again (generation ${generation}): what it had in memory is gone`;
      const params = { level: "warning", logger: "outrider", data };
      told.push({ jsonrpc: "2.0", method: "notifications/message", params });
    }
    return told;
  }

  clear(): void {
    this.#forget();
    this.#listens.clear();
  }

  #forget(): void {
    this.#initialize = undefined;
    this.#isInitialized = false;
    this.#initializedIn = 0;
    this.#subscriptions.clear();
  }
}

function listChanged(list: string): JsonRpcMessage {
  return { jsonrpc: "2.0", method: `notifications/${list}/list_changed` };
}

/** A request of the server, with a token that no other process of it has. */
function withToken(message: JsonRpcMessage, generation: number): JsonRpcMessage {
  const params = fields(message.params);
  const { progressToken: token, ...meta } = fields(params._meta);
  if (token === undefined) return message;
  const _meta = { ...meta, progressToken: ofGeneration(generation, token as JsonRpcId) };
  return { ...message, params: { ...params, _meta } };
}

/** Progress that the client reports, with the token of the server; `undefined`: that one has ended. */
function ofThisGeneration(message: JsonRpcMessage, generation: number): JsonRpcMessage | undefined {
  const params = fields(message.params);
  const progressToken = inGeneration(generation, params.progressToken);
  return progressToken === undefined ? undefined : { ...message, params: { ...params, progressToken } };
}
