/**
 * A sidecar as a manifest has it: data, from which an actor is made.
 */

import {
  type ActorSpec,
  jsonrpc,
  type Protocol,
  sidecar,
  type SidecarOptions,
  type Until,
} from "@outrider/outrider";
import type {
  CopyEntry,
  ProtocolEntry,
  ServerEntry,
  SidecarEntry,
  UntilEntry,
} from "@outrider/outrider/manifest";
import { linesToAnyNewline, LSP, MCP, resolveProtocol, untilMark } from "@outrider/outrider/protocol";
import { goodbyeOf, handshakeOf } from "./json_rpc_steps.ts";
import { lsp } from "./lsp/actor.ts";
import { mcp } from "./mcp/server.ts";

/** The sidecar of that id that `entry` describes. */
export function sidecarOf(id: string, entry: SidecarEntry | CopyEntry): ActorSpec<never, unknown, unknown> {
  const { protocol } = entry;
  const { until: _until, protocol: _protocol, ...options } = optionsOf(entry);
  if (!isServer(protocol)) return sidecar(id, optionsOf(entry));
  if (protocol.type === "lsp") {
    const { type: _type, ...more } = protocol;
    return lsp(id, { ...options, ...more });
  }
  const { type: _type, ...more } = protocol;
  return mcp(id, { ...options, ...more });
}

/** Whether it is a server with a handshake, for which there is an actor of its own. */
export function isServer(protocol: ProtocolEntry | undefined): protocol is ServerEntry {
  return typeof protocol === "object" && (protocol.type === "lsp" || protocol.type === "mcp");
}

/** The options of the sidecar that `entry` describes, unless it is a server with a handshake. */
export function optionsOf(entry: SidecarEntry | CopyEntry): SidecarOptions {
  // Its name is said beside it, platforms are the manifest's to choose by, a log and the rest are for the tree.
  const { id: _id, platforms: _platforms, on: _on, log: _log, ...own } = { id: "", ...entry };
  const { start: _start, description: _description, protocol, until, ...options } = {
    start: true,
    description: "",
    ...own,
  };
  return {
    ...options,
    ...(protocol !== undefined && !isServer(protocol) && { protocol: protocolFor(protocol) }),
    ...(until !== undefined && { until: untilFor(until) }),
  };
}

function protocolFor(
  entry: Exclude<ProtocolEntry, ServerEntry>,
): Exclude<SidecarOptions["protocol"], undefined> {
  if (typeof entry === "string") return entry;
  if (entry.type === "jsonrpc") return jsonRpcFor(entry);
  return resolveProtocol(entry.newline === "any" ? linesToAnyNewline : entry.type, entry.pairing);
}

const DIALECTS = { lsp: LSP, mcp: MCP };

function jsonRpcFor(
  { framing, dialect, hello, goodbye }: Extract<ProtocolEntry, { type: "jsonrpc" }>,
): Protocol {
  return jsonrpc({
    framing,
    ...(dialect !== undefined && { dialect: DIALECTS[dialect] }),
    ...(hello !== undefined && { handshake: handshakeOf(hello) }),
    ...(goodbye !== undefined && { requestShutdown: goodbyeOf(goodbye) }),
  });
}

function untilFor(entry: UntilEntry): Until {
  if ("mark" in entry) return untilMark(entry.mark);
  if ("end" in entry) return (frame) => frame === entry.end ? "end" : "more";
  const { field, equals } = entry.last;
  return (frame) =>
    isObject(frame) && Object.hasOwn(frame, field) && frame[field] === equals ? "last" : "more";
}

function isObject(frame: unknown): frame is Readonly<Record<string, unknown>> {
  return typeof frame === "object" && frame !== null;
}
