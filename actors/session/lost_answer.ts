/**
 * Which request of a client was answered by a frame that was dropped, as far as its beginning says so. Pure; used by the
 * correlation of sessions, where ids are the client's: numbers and texts.
 */

import type { JsonRpcId, Malformed } from "@outrider/outrider/protocol";

const METHOD = /^[^{]*\{[^{[]*"method"\s*:/;
/** Its id is whole JSON: one with escapes is left out, as the line may be none. */
const REPLY =
  /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?(?:"id"\s*:\s*("[^"\\\p{Cc}]*"|0|-?[1-9]\d*)\s*,\s*)?"(?:result|error)"/u;
const HEADERS = /^content-(?:length|type):/i;

/** The reply that was lost with `fault`, with the id of its request, if it begins with that; `undefined`: none was. */
export function lostAnswer({ kind, sample }: Malformed): { readonly id?: JsonRpcId } | undefined {
  if (kind === "truncated" || METHOD.test(sample)) return undefined;
  const reply = REPLY.exec(sample);
  const id = reply?.[1];
  if (id !== undefined) return { id: JSON.parse(id) as JsonRpcId };
  // The sample of a frame behind headers that is over the cap is these.
  return kind === "over_cap" && (reply !== null || HEADERS.test(sample)) ? {} : undefined;
}
