/**
 * A sidecar as a manifest has it: data, from which the options of the actor are made.
 *
 * @module
 */

import type { CopyEntry, ProtocolEntry, UntilEntry } from "@outrider/outrider";
import { jsonrpc } from "./json_rpc.ts";
import { LSP, MCP } from "./json_rpc_dialect.ts";
import type { Protocol } from "./protocol.ts";
import { protocolOf } from "./protocols.ts";
import type { Until } from "./reply_stream.ts";
import type { SidecarOptions } from "./sidecar_options.ts";

/** The options of the sidecar that `entry` describes. */
export function optionsOf({ protocol, until, ...entry }: CopyEntry): SidecarOptions {
  return {
    ...entry,
    ...(protocol !== undefined && { protocol: protocolFor(protocol) }),
    ...(until !== undefined && { until: untilFor(until) }),
  };
}

function protocolFor(entry: ProtocolEntry): Exclude<SidecarOptions["protocol"], undefined> {
  if (typeof entry === "string") return entry;
  if (entry.type === "jsonrpc") return jsonRpcFor(entry);
  return protocolOf(entry.type, entry.pairing);
}

const DIALECTS = { lsp: LSP, mcp: MCP };

function jsonRpcFor({ framing, dialect }: Extract<ProtocolEntry, { type: "jsonrpc" }>): Protocol {
  return jsonrpc(dialect === undefined ? { framing } : { framing, dialect: DIALECTS[dialect] });
}

function untilFor(entry: UntilEntry): Until {
  if ("end" in entry) return (frame) => frame === entry.end ? "end" : "more";
  const { field, equals } = entry.last;
  return (frame) =>
    isObject(frame) && Object.hasOwn(frame, field) && frame[field] === equals ? "last" : "more";
}

function isObject(frame: unknown): frame is Readonly<Record<string, unknown>> {
  return typeof frame === "object" && frame !== null;
}
