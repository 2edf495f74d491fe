/**
 * A call of ours, from what was asked or told to what is written. Apart from its types: a program that talks to no sidecar
 * loads these, and not the errors of pipes.
 */

import { UnencodableMessageError } from "../../process/pipes/pipe_errors.ts";
import type { JsonRpcDialect } from "./dialects.ts";
import { isRecord, type JsonRpcCall } from "./types.ts";

/** Copies `call`, reading each field once. @throws {UnencodableMessageError} it is not a call */
export function checkCall(call: unknown): JsonRpcCall {
  if (isRecord(call)) {
    const { method, params, onProgress, onReply, notification } = call as unknown as JsonRpcCall;
    if (typeof method === "string") {
      return {
        method,
        params,
        ...onProgress !== undefined && { onProgress },
        ...onReply !== undefined && { onReply },
        ...notification !== undefined && { notification },
      };
    }
  }
  throw new UnencodableMessageError("jsonrpc", { reason: "a call is an object with a method" });
}

/** The call as it is written, but for its id. */
export function encodeCall({ method, params }: JsonRpcCall): { method: string; params?: unknown } {
  return params === undefined ? { method } : { method, params };
}

/** The request as it is written under `id`; `dialect` has a token for its progress, where that is wanted. */
export function encodeRequest(call: JsonRpcCall, id: number, dialect: JsonRpcDialect | undefined): unknown {
  const { method, params } = encodeCall(call);
  const told = dialect === undefined ? params : dialect.withToken(params, id);
  return told === undefined ? { jsonrpc: "2.0", id, method } : { jsonrpc: "2.0", id, method, params: told };
}
