/**
 * What an answer of the sidecar says, as mature clients of JSON-RPC take it. Pure; used by the correlation.
 */

import { type IncomingMessage, type JsonRpcError, replyError } from "./types.ts";
import type { Malformed } from "../../process/framing/framing.ts";
import { jsonSample } from "./json_sample.ts";

/** The number that an id or a token of ours came back as; some servers send it back as a text. */
export function numberOf(id: unknown): number | undefined {
  if (typeof id === "number") return id;
  return typeof id === "string" && /^[1-9]\d{0,15}$/.test(id) ? Number(id) : undefined;
}

/**
 * Which reply was lost with a frame that begins with `sample`: that to the request of a number, that to `"any"` request,
 * or `"none"`. The sample of a frame behind headers that is over the cap is these.
 */
export function lostReply({ kind, sample }: Malformed): number | "any" | "none" {
  // For one that the end of the process cut off, the caller learns of that end.
  if (kind === "truncated" || METHOD.test(sample)) return "none";
  const id = REPLY_ID.exec(sample)?.[1];
  if (id !== undefined) return Number(id);
  return kind === "over_cap" && (REPLY.test(sample) || HEADERS.test(sample)) ? "any" : "none";
}

const VERSION = String.raw`^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?`;
const METHOD = /^[^{]*\{[^{[]*"method"\s*:/;
const REPLY_ID = new RegExp(String.raw`${VERSION}"id"\s*:\s*"?([1-9]\d{0,15})"?\s*,\s*"(?:result|error)"`);
const REPLY = new RegExp(String.raw`${VERSION}"(?:result|error)"`);
const HEADERS = /^content-(?:length|type):/i;

/** Whether it says anything. An error that is null, false, 0 or "" is none, as some servers send one with each result. */
export function hasOutcome({ result, error }: IncomingMessage): boolean {
  return result !== undefined || Boolean(error);
}

/**
 * What to note of an answer that no request waits for, if it may have been meant for one: not of a late one. `next` is
 * the number of the next request.
 */
export function describeUnmatched(
  message: IncomingMessage,
  next: number,
): { readonly kind: string; readonly what: string } | undefined {
  const { id, error } = message;
  if (id === null && error) {
    const { code, message: text } = replyError(error) as JsonRpcError;
    return { kind: "error_without_id", what: `an error for no request: ${code} ${text}` };
  }
  const number = numberOf(id);
  if (number !== undefined && number > 0 && number < next) return undefined;
  return { kind: "unknown_id", what: `a reply to no request: ${jsonSample(message)}` };
}
