/**
 * JSON-RPC 2.0 with a sidecar, in both directions: requests, notifications and batches of ours, and requests of the
 * sidecar's own, answered by handlers.
 *
 * An ask takes a `JsonRpcCall`; the answer is its result, or a `JsonRpcError`. A tell takes a
 * notification. Notifications from the sidecar go to the subscribers.
 *
 * JSON-RPC does not define cancellation and progress; a `JsonRpcDialect` does.
 */

import type { JsonRpcCall, JsonRpcOptions } from "./types.ts";
import type { JsonRpcNotification } from "./dialects.ts";
import type { Protocol } from "../protocol.ts";
import { defaultMs } from "../../options/presets.ts";
import { checkOptions } from "../../options/check.ts";
import { jsonRpcOptions } from "../../options/fields/code_sidecar.ts";

/** Milliseconds that the start of a server with a handshake may take, unless set otherwise. */
export const HANDSHAKE_MS: number = defaultMs("start", "handshake");

/**
 * JSON-RPC 2.0, for `sidecar(id, { protocol: jsonrpc(…) })`.
 *
 * @example
 * ```ts
 * import { jsonrpc, launch, sidecar } from "@outrider/outrider";
 *
 * // `cat` answers each request with the request itself, which asks us the same.
 * const echo = sidecar("echo", {
 *   command: "cat",
 *   protocol: jsonrpc({ handlers: { add: ({ params }) => (params as number[]).reduce((a, b) => a + b) } }),
 * });
 * await using app = await launch(echo);
 * console.log(await app.ref("echo").ask({ method: "add", params: [1, 2] })); // 3
 * ```
 */
export function jsonrpc(
  options: JsonRpcOptions = {},
  // deno-lint-ignore no-explicit-any -- what comes back depends on the method; the caller names it
): Protocol<JsonRpcCall | readonly JsonRpcCall[], any, JsonRpcNotification> {
  const checked = checkOptions<JsonRpcOptions>("Cannot make a protocol of JSON-RPC", jsonRpcOptions, options);
  return {
    name: "jsonrpc",
    codec: checked.framing === "headers" ? "content-length" : "ndjson",
    pairing: { jsonrpc: checked },
    hasHandshake: checked.handshake !== undefined,
  };
}
