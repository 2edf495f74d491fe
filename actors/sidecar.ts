/**
 * A program as an actor: the one place where actors and processes meet, written
 * against the public API alone.
 *
 * Here is how a sidecar is made; `incarnation.ts` is what then runs.
 *
 * @module
 */

import { actor, DEFAULT_BACKOFF, GOODBYE_MS, PIPE_DRAIN_MS } from "@outrider/outrider";
import type { ActorSpec } from "@outrider/outrider";
import { Sidecar } from "./incarnation.ts";
import { resolve } from "./sidecar_options.ts";
import type { SidecarOptions } from "./sidecar_options.ts";
import type { Until } from "./reply_stream.ts";

export { STOP_WITHOUT_PROTOCOL } from "./sidecar_options.ts";
export type { SidecarOptions } from "./sidecar_options.ts";
export type { ProvidedSpawn } from "./spawning.ts";
export { CLOSED_GRACE_MS } from "./input.ts";
export { LAST_WORDS_BYTES } from "./output.ts";
export { MAX_UNANSWERED } from "./account.ts";
export { HANDSHAKE_MS, jsonrpc } from "./json_rpc.ts";
export type { JsonRpcBatch, JsonRpcCall, JsonRpcHandler, JsonRpcOptions } from "./json_rpc_call.ts";
export type { JsonRpcPeer, JsonRpcRequest } from "./json_rpc_call.ts";
export { LSP, MCP } from "./json_rpc_dialect.ts";
export type { JsonRpcDialect, JsonRpcId, JsonRpcNotification } from "./json_rpc_dialect.ts";
export { JsonRpcError } from "./json_rpc_error.ts";
export { MAX_HANDLING } from "./json_rpc_service.ts";
export { MAX_UNREAD_ANSWERS } from "./protocol.ts";
export type { Line, Pairing, PairingWay, Protocol, Wiretap } from "./protocol.ts";
export { REPLY_STREAM_CAPACITY } from "./reply_stream.ts";
export type { FramePlace, Until } from "./reply_stream.ts";
export { SidecarError, SidecarExitedError, SidecarNoRepliesError } from "./errors.ts";
export {
  SidecarDeafError,
  SidecarMuteError,
  SidecarNotReadyError,
  SidecarOutputCutError,
  SidecarProtocolError,
  SidecarSchemaError,
} from "./errors.ts";
export type { Schema, SchemaIssue, SchemaResult, SchemaRole, Schemas } from "./schemas.ts";
export { SidecarOverLimitError } from "./errors.ts";
export { SidecarProbeError, SidecarTooManyAsksError, SidecarUnhealthyError } from "./errors.ts";
export type { SidecarErrorCode } from "./errors.ts";
export type { HttpTarget, Probe, ProbeHandler, ProbeKind, Probes } from "./probe_options.ts";
export { DEFAULT_PROBE } from "./probe_options.ts";
export type { ProbeTiming } from "./probe_run.ts";
export type { Thresholds } from "./probe_state.ts";
export type { Failure } from "./probe_checks.ts";
export { DEFAULT_LIMITS_FOR_MS, LIMITS_TICK_MS, MAX_LIMITS_FOR_MS } from "./limits.ts";
export type { Limits } from "./limits.ts";
export type { Excess } from "./limit_watch.ts";
export type { LinePattern } from "./probe_lines.ts";
export { DEFAULT_READY_WITHIN_MS, READY_LINE_CAP } from "./readiness.ts";
export type { Ready } from "./readiness.ts";

/**
 * A sidecar as a child of a supervisor.
 *
 * Its messages are strings (`lines`), JSON (`ndjson`) or bytes (`bytes`). `tell`
 * writes one; `ask` writes one and pairs the reply: by `id` for `ndjson`, in order for
 * `lines`. What nobody asked for goes to subscribers. The mailbox survives restarts; what the process had
 * been given fails with {@linkcode SidecarExitedError} as the cause.
 *
 * @example
 * ```ts
 * import { start, supervisor } from "@outrider/outrider";
 * import { sidecar } from "@outrider/outrider/actors/sidecar";
 *
 * const upper = sidecar("upper", { command: "cat", protocol: "lines" });
 * await using system = await start(supervisor("root", [upper]));
 * console.log(await system.ref("upper").ask("hello")); // hello
 * ```
 */
// deno-lint-ignore no-explicit-any -- see SidecarOptions
export function sidecar<Message = any, Value = any, Published = any>(
  id: string,
  options: SidecarOptions<Message, Value, Published> & { readonly until: Until },
): ActorSpec<Message, AsyncIterable<Value>, Published>;
/** A sidecar each of whose replies is one frame. */
// deno-lint-ignore no-explicit-any -- see SidecarOptions
export function sidecar<Message = any, Value = any, Published = any>(
  id: string,
  options: SidecarOptions<Message, Value, Published>,
): ActorSpec<Message, Value, Published>;
export function sidecar(id: string, options: SidecarOptions): ActorSpec<unknown, unknown, unknown> {
  const settings = resolve(options);
  const { drain, goodbye = GOODBYE_MS, stdin, term } = settings.stop;
  const greets = settings.protocol?.greets ?? false;
  const { ready, probes } = settings;
  // `ready` and the probes that a start waits for have limits of their own, which may be longer; a handshake has none.
  const isBounded = !greets &&
    (ready !== "started" || probes?.startup !== undefined || probes?.readiness !== undefined);
  return actor<unknown, unknown, unknown>(id, () => new Sidecar(settings), {
    ...options,
    startWithin: options.startWithin ?? (isBounded ? "infinity" : undefined),
    backoff: options.backoff ?? DEFAULT_BACKOFF,
    // The ladder ends by itself; this is for a process that not even SIGKILL ends.
    shutdown: drain + (greets ? goodbye : 0) + stdin + term + PIPE_DRAIN_MS + 1_000,
  });
}
