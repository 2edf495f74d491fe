/**
 * The former entry for sidecars, kept for a version: `sidecar`, its options and its errors are in `@outrider/outrider`,
 * the parts of protocols in `@outrider/outrider/protocol`.
 *
 * @module
 */

export * from "./protocol.ts";
export type { Codec } from "../process/codecs/codec.ts";
export type { JsonValue } from "../process/codecs/json.ts";
export { SidecarExitedError, SidecarNotReadyError, SidecarProtocolError } from "../sidecar/sidecar_errors.ts";
export { SidecarSchemaError } from "../sidecar/messages/message_errors.ts";
export type { Limits } from "../sidecar/health/limits.ts";
export type { Ready } from "../sidecar/health/line_pattern.ts";
export type { Probe, Probes } from "../sidecar/health/probe_options.ts";
export { jsonrpc } from "../sidecar/json_rpc/json_rpc.ts";
export { JsonRpcError } from "../sidecar/json_rpc/types.ts";
export type { JsonRpcOptions } from "../sidecar/json_rpc/types.ts";
export type { Schema, Schemas } from "../sidecar/messages/message_schemas.ts";
export type { SidecarOptions } from "../sidecar/options.ts";
export type { Protocol } from "../sidecar/protocol.ts";
export type { Until } from "../sidecar/replies/reply_stream.ts";
export { sidecar } from "../sidecar/sidecar.ts";
export type { SidecarSpec } from "../sidecar/sidecar.ts";
