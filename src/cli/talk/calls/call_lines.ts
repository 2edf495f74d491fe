/**
 * Lines of `pipe` for JSON-RPC: what a line of standard input calls, and the line for what came back. Pure.
 */

import { type JsonRpcDialect, type JsonRpcId, LSP, MCP } from "../../../sidecar/json_rpc/dialects.ts";
import { INTERNAL_ERROR, isJsonRpcId } from "../../../sidecar/json_rpc/types.ts";
import { CANCELLED, type ExchangedItem } from "./exchange.ts";

/** A line as it was read. */
export type LineCall =
  | { readonly method: string; readonly params?: unknown; readonly id?: JsonRpcId }
  /** It takes the request of that id back. */
  | { readonly cancels: JsonRpcId }
  | { readonly fault: string };

/** A request whose process gave no answer is answered with this code, which is left to implementations. */
const NO_ANSWER = -32_000;

const DIALECTS: Readonly<Record<"lsp" | "mcp", JsonRpcDialect>> = { lsp: LSP, mcp: MCP };

/** What a line calls, as the family of servers has it. */
export function callOf(message: unknown, family: "lsp" | "mcp" | undefined): LineCall {
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    return { fault: "it is not a JSON object" };
  }
  const { method, params, ...more } = message as Readonly<Record<string, unknown>>;
  if (typeof method !== "string") {
    return { fault: 'it has no "method": requests of the server are answered by Outrider' };
  }
  if (params !== undefined && (typeof params !== "object" || params === null)) {
    return { fault: '"params" is neither an object nor an array' };
  }
  const call = { method, ...params !== undefined && { params } };
  if (more.id !== undefined) {
    return isJsonRpcId(more.id)
      ? { ...call, id: more.id }
      : { fault: '"id" is neither a text, a number nor null' };
  }
  const cancels = family && DIALECTS[family].cancelled(call as Parameters<JsonRpcDialect["cancelled"]>[0]);
  return cancels === undefined ? call : { cancels };
}

/** The message that is printed for an item; `undefined`: none. `id` is that of its request. */
export function messageOf(
  item: ExchangedItem,
  id: JsonRpcId | undefined,
  family: "lsp" | "mcp" | undefined,
): unknown {
  if ("notification" in item) return { jsonrpc: "2.0", ...item.notification };
  if (id === undefined) return undefined;
  if (!("failure" in item)) {
    if (!("error" in item)) return { jsonrpc: "2.0", id, result: item.result ?? null };
    const { code, ...said } = item.error;
    return { jsonrpc: "2.0", id, error: { code: Number.isInteger(code) ? code : INTERNAL_ERROR, ...said } };
  }
  const { code, message } = item.failure;
  if (code !== CANCELLED) {
    return { jsonrpc: "2.0", id, error: { code: NO_ANSWER, message, data: { code } } };
  }
  const cancelledCode = family && DIALECTS[family].cancelledCode;
  if (cancelledCode === undefined) return undefined;
  return { jsonrpc: "2.0", id, error: { code: cancelledCode, message: "Request cancelled" } };
}
