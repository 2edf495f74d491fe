/**
 * Results that ask for more, from revision 2026-07-28 on: what the server would have asked of the client stands in the
 * result, and the request is made again with the answers.
 */

import { JsonRpcError, type JsonValue } from "@outrider/outrider";
import { sleep } from "@outrider/outrider/actor";
import type { JsonRpcCall, JsonRpcHandler, JsonRpcPeer } from "@outrider/outrider/protocol";
import { fields, type JsonObject } from "../session/fields.ts";

/** Rounds of one request; a server that still asks then has its request refused. As the SDK has it. */
const MAX_INPUT_ROUNDS = 10;
/** Milliseconds before a request is made again that the server has asked nothing for. As the SDK has it. */
const PACE_MS = 250;
const INTERNAL_ERROR = -32_603;
const METHOD_NOT_FOUND = -32_601;

/** Whether a result asks for more. */
export function isInputRequired(result: JsonValue): boolean {
  return fields(result).resultType === "input_required";
}

/** Answers what `first` asks for by `handlers`, until there is a result that asks for nothing. @throws {JsonRpcError} */
export async function fulfil(
  first: JsonValue,
  { call, server, handlers, isWanted }: {
    readonly call: JsonRpcCall;
    readonly server: JsonRpcPeer;
    readonly handlers: Readonly<Record<string, JsonRpcHandler>>;
    /** Whether the caller still waits. */
    readonly isWanted: () => boolean;
  },
): Promise<JsonValue> {
  let result = fields(first);
  for (let round = 0; round < MAX_INPUT_ROUNDS; round++) {
    const { inputRequests, requestState } = result;
    const asked = Object.entries(fields(inputRequests));
    if (asked.length === 0) await sleep(server.clock, PACE_MS, server.signal);
    const answers = await Promise.all(asked.map(async ([key, request]) => {
      const { method, params } = fields(request);
      return [key, await answerOf(String(method), params, server, handlers)] as const;
    }));
    if (!isWanted()) return result as JsonValue;
    const params: JsonObject = {
      ...fields(call.params),
      ...answers.length > 0 && { inputResponses: Object.fromEntries(answers) },
      ...requestState !== undefined && { requestState },
    };
    const next = await server.request(call.method, params);
    if (!isInputRequired(next)) return next;
    result = fields(next);
  }
  throw new JsonRpcError(INTERNAL_ERROR, `the server still asks for input after ${MAX_INPUT_ROUNDS} rounds`);
}

async function answerOf(
  method: string,
  params: unknown,
  peer: JsonRpcPeer,
  handlers: Readonly<Record<string, JsonRpcHandler>>,
): Promise<unknown> {
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
  if (handler === undefined) {
    throw new JsonRpcError(METHOD_NOT_FOUND, `the server asks for '${method}', which has no handler`);
  }
  return await handler({ method, params: params as JsonValue | undefined, signal: peer.signal, peer });
}
