/**
 * Sidecars, and the parts that actors of other kinds are made of: protocols, pairings and their errors.
 *
 * @module
 */

export {
  SidecarDeafError,
  SidecarError,
  SidecarExitedError,
  SidecarMuteError,
  SidecarNoRepliesError,
  SidecarNotReadyError,
  SidecarOutputCutError,
  SidecarOverLimitError,
  SidecarProbeError,
  SidecarProtocolError,
  SidecarSchemaError,
  SidecarTooManyAsksError,
  SidecarUnhealthyError,
} from "./sidecar_errors.ts";
export type { SidecarErrorCode } from "./sidecar_errors.ts";
export { DEFAULT_LIMITS_FOR_MS, LIMITS_TICK_MS, MAX_LIMITS_FOR_MS } from "./health/limits.ts";
export type { Limits } from "./health/limits.ts";
export { DEFAULT_READY_WITHIN_MS, READY_LINE_CAP } from "./health/output_lines.ts";
export type { LinePattern, Ready } from "./health/output_lines.ts";
export type { ProbeFailure } from "./health/probe_checks.ts";
export type { ProbeTiming, Thresholds } from "./health/probe_loop.ts";
export { DEFAULT_PROBE } from "./health/probe_options.ts";
export type { HttpTarget, Probe, ProbeHandler, ProbeKind, Probes } from "./health/probe_options.ts";
export type { LimitExcess } from "./health/usage_monitor.ts";
export { LSP, MCP } from "./json_rpc/dialects.ts";
export type { JsonRpcDialect, JsonRpcId, JsonRpcNotification } from "./json_rpc/dialects.ts";
export { MAX_HANDLED_AT_ONCE } from "./json_rpc/handlers.ts";
export { HANDSHAKE_MS, jsonrpc } from "./json_rpc/json_rpc.ts";
export { JsonRpcError } from "./json_rpc/types.ts";
export type {
  JsonRpcBatch,
  JsonRpcCall,
  JsonRpcHandler,
  JsonRpcOptions,
  JsonRpcPeer,
  JsonRpcRequest,
} from "./json_rpc/types.ts";
export type { Schema, SchemaIssue, SchemaResult, SchemaRole, Schemas } from "./message_schemas.ts";
export { commandOf, STOP_WITHOUT_PROTOCOL } from "./options.ts";
export type { CommandOptions, ConversationOptions, SidecarOptions } from "./options.ts";
export { MAX_UNREAD_ANSWERS, resolveProtocol } from "./protocol.ts";
export type {
  PairingWay,
  Protocol,
  ProtocolTap,
  ProtocolTypes,
  ReplyCorrelation,
  ReplyOf,
  SidecarConnection,
} from "./protocol.ts";
export { LAST_WORDS_BYTES } from "./reader.ts";
export { MAX_PENDING_REQUESTS, PendingRequests } from "./replies/pending_requests.ts";
export type { PendingRequest } from "./replies/pending_requests.ts";
export type { ReplyStream } from "./replies/reply_stream.ts";
export { REPLY_STREAM_CAPACITY } from "./replies/reply_stream.ts";
export type { FramePosition, Until } from "./replies/reply_stream.ts";
export { jsonOrText } from "./shown_value.ts";
export { sidecar } from "./sidecar.ts";
export type { SidecarSpec } from "./sidecar.ts";
export type { CodecName } from "../process/codecs/codecs.ts";
export { startProcess, startsRealProcesses } from "./start_process.ts";
export type { SpawnRequest } from "./start_process.ts";
export { CLOSED_GRACE_MS } from "./writer.ts";
