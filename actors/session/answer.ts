/** Answers of servers as clients take them: one that is none to a client would never be taken for the answer. */

import { fields } from "./fields.ts";
import type { JsonRpcMessage, SessionRequest } from "./types.ts";

const INTERNAL_ERROR = -32_603;

/** The response with the client's own id, and with one of result and error. */
export function regular(response: JsonRpcMessage, request: SessionRequest): JsonRpcMessage {
  const { result, error } = response;
  const id = request.message.id!;
  const isRegular = result === undefined ? isProper(error) : error === undefined;
  if (isRegular && response.id === id && response.jsonrpc === "2.0") return response;
  if (error) return { jsonrpc: "2.0", id, error: properError(error) };
  if (result !== undefined) return { jsonrpc: "2.0", id, result };
  const message = "the server has answered with neither a result nor an error";
  return { jsonrpc: "2.0", id, error: { code: INTERNAL_ERROR, message } };
}

function isProper(error: unknown): boolean {
  const { code, message } = fields(error);
  return Number.isInteger(code) && typeof message === "string";
}

/** An error as JSON-RPC has it: clients take no answer with another for one, and would wait on. */
export function properError(
  error: unknown,
): { readonly code: number; readonly message: string; readonly data?: unknown } {
  const { code, message, ...more } = fields(error);
  return {
    ...more,
    code: Number.isInteger(code) ? code as number : INTERNAL_ERROR,
    message: typeof message === "string" ? message : JSON.stringify(error),
  };
}
