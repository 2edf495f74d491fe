/**
 * What goes to and fro in a JSON-RPC conversation, as its two sides see it.
 *
 * @module
 */

import type { JsonValue } from "@outrider/outrider";
import type { JsonRpcDialect, JsonRpcNotification } from "./json_rpc_dialect.ts";

/** What `ask` and `tell` take; an array of them is a batch. */
export interface JsonRpcCall {
  /** Its name. */
  readonly method: string;
  /** An object or an array; left out where there is nothing to say. */
  readonly params?: unknown;
  /** Told of the progress that the sidecar reports, where the dialect knows progress. */
  readonly onProgress?: (progress: JsonValue) => void;
  /** In a batch that is asked: nothing is to be answered to this one. */
  readonly notification?: boolean;
}

/** What a batch is answered with: one outcome for each call that is no notification, in the order of the calls. */
export type JsonRpcBatch = PromiseSettledResult<JsonValue>[];

/** What a handler of the sidecar's requests is given. */
export interface JsonRpcRequest {
  /** Its name. */
  readonly method: string;
  /** As the sidecar sent them. */
  readonly params: JsonValue | undefined;
  /** Aborts when the sidecar takes its request back, or ends. */
  readonly signal: AbortSignal;
  /** The sidecar that asks. */
  readonly peer: JsonRpcPeer;
}

/** Answers a request of the sidecar: what it returns is the result; a `JsonRpcError` is sent as it is. */
export type JsonRpcHandler = (request: JsonRpcRequest) => unknown;

/** The sidecar, for those who speak past its mailbox: handlers, the handshake and the goodbye. */
export interface JsonRpcPeer {
  /** Asks, and waits for the result until the sidecar ends. @throws {JsonRpcError} */
  request(method: string, params?: unknown): Promise<JsonValue>;
  /** Tells. */
  notify(method: string, params?: unknown): void;
  /** Aborts when the sidecar has ended. */
  readonly signal: AbortSignal;
}

/** Options of `jsonrpc`. */
export interface JsonRpcOptions {
  /** One message a line (as MCP has it), or behind `Content-Length` headers (as LSP has it). Default `"lines"`. */
  readonly framing?: "lines" | "headers";
  /** How to cancel and how progress is told: `LSP`, `MCP`, or your own. Default: neither is. */
  readonly dialect?: JsonRpcDialect;
  /** Who answers the sidecar's requests, by method. Default: nobody, and it gets "method not found". */
  readonly handlers?: Readonly<Record<string, JsonRpcHandler>>;
  /** The handshake; the sidecar is ready when it is fulfilled. */
  readonly hello?: (peer: JsonRpcPeer) => Promise<void>;
  /** The orderly goodbye, before stdin is closed. */
  readonly goodbye?: (peer: JsonRpcPeer) => Promise<void>;
  /** What is known already, such as the result of the handshake: it is answered without asking the sidecar. */
  readonly known?: (call: JsonRpcCall, peer: JsonRpcPeer) => JsonValue | undefined;
  /** Told of each notification before the subscribers. */
  readonly onNotification?: (notification: JsonRpcNotification, peer: JsonRpcPeer) => void;
}
