/**
 * What the messages of JSON-RPC look like, and what they are made of.
 *
 * @module
 */

import { UnencodableMessageError } from "@outrider/outrider";
import type { JsonValue } from "@outrider/outrider";
import type { JsonRpcCall } from "./json_rpc_call.ts";
import { JsonRpcError } from "./json_rpc_error.ts";

/** A message of the sidecar, if it is an object. */
export type Incoming = Readonly<Record<string, JsonValue>>;

/** Whether it is an object, and no array. */
export function isObject(value: unknown): value is Incoming {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether it wants an answer. */
export function isRequest(message: Incoming): boolean {
  return typeof message.method === "string" && "id" in message;
}

/** A copy of `call`, each field of which was read once. @throws {UnencodableMessageError} it is no call */
export function checked(call: unknown): JsonRpcCall {
  if (isObject(call)) {
    const { method, params, onProgress, notification } = call as unknown as JsonRpcCall;
    if (typeof method === "string") {
      return {
        method,
        params,
        ...onProgress !== undefined && { onProgress },
        ...notification !== undefined && { notification },
      };
    }
  }
  throw new UnencodableMessageError("jsonrpc", { reason: "a call is an object with a method" });
}

/** The call as it is written, but for its id. */
export function said({ method, params }: JsonRpcCall): { method: string; params?: unknown } {
  return params === undefined ? { method } : { method, params };
}

/** The error of an answer, whatever was sent as one. */
export function errorOf(error: JsonValue | undefined): Error {
  if (!isObject(error)) {
    return new JsonRpcError(NaN, `an error without code and message: ${JSON.stringify(error)}`);
  }
  const { code, message, data } = error;
  // A message that is not a text is shown as it came: `String` of an object asks it for its `toString`.
  const text = typeof message === "string"
    ? message
    : JSON.stringify(message) ?? "an error without a message";
  return new JsonRpcError(typeof code === "number" ? code : NaN, text, data);
}
