/**
 * For authors of protocols: codecs, which make frames of messages and messages of frames, and reply correlations, which tell
 * which reply belongs to which request.
 *
 * @example A codec of your own, made from one of the package's
 * ```ts
 * import { type Codec, launch, sidecar } from "@outrider/outrider";
 * import { codecs } from "@outrider/outrider/protocol";
 *
 * const numbers: Codec<number, number> = {
 *   name: "numbers",
 *   encode: (message) => codecs.lines.encode(String(message)),
 *   decoder: (sink, options) =>
 *     codecs.lines.decoder({
 *     message: (line) => sink.message(Number(line)),
 *     malformed: (fault) => sink.malformed(fault),
 *   }, options),
 * };
 * const echo = sidecar("echo", {
 *   command: "cat",
 *   protocol: { name: "numbers", codec: numbers, pairing: "in-order" },
 * });
 * await using app = await launch(echo);
 * console.log(await app.ref(echo).ask(41) + 1); // 42
 * ```
 *
 * @module
 */

export type { WritableData } from "../process/pipes/stdin.ts";
export { codecs } from "../process/codecs/codecs.ts";
export { lengthInLine } from "../process/codecs/length_in_line.ts";
export type { LengthInLineOptions, LineHeader } from "../process/codecs/length_in_line.ts";
export type { CodecName } from "../options/fields/protocol.ts";
export { DEFAULT_MAX_FRAME, sampleOf, sampleOfBytes } from "../process/framing/framing.ts";
export type { Decoder, FrameSink, Malformed, MalformedKind } from "../process/framing/framing.ts";
export { UnencodableMessageError } from "../process/pipes/pipe_errors.ts";
export {
  SidecarDeafError,
  SidecarError,
  SidecarHungError,
  SidecarOutputCutError,
  SidecarOverLimitError,
  SidecarProbeError,
  SidecarUnhealthyError,
} from "../sidecar/sidecar_errors.ts";
export {
  SidecarMuteError,
  SidecarNoRepliesError,
  SidecarTooManyAsksError,
} from "../sidecar/messages/message_errors.ts";
export type { SidecarErrorCode } from "../sidecar/sidecar_errors.ts";
export type { AwaitedLine } from "../sidecar/health/awaited_line.ts";
export type { LoggedStream } from "../process/output_log.ts";
export type { LinePattern } from "../sidecar/health/line_pattern.ts";
export type { HttpTarget, ProbeHandler, ProbeKind } from "../sidecar/health/probe_options.ts";
export type { ProbeFailure } from "../sidecar/health/probe_loop.ts";
export type { LimitExcess } from "../sidecar/health/limit_watch.ts";
export { LSP, MCP } from "../sidecar/json_rpc/dialects.ts";
export type {
  JsonRpcDialect,
  JsonRpcId,
  JsonRpcLogLine,
  JsonRpcNotification,
  JsonRpcProgress,
} from "../sidecar/json_rpc/dialects.ts";
export { HANDSHAKE_MS } from "../sidecar/json_rpc/json_rpc.ts";
export type { JsonRpcCall, JsonRpcHandler, JsonRpcPeer, JsonRpcRequest } from "../sidecar/json_rpc/types.ts";
export type { SchemaIssue, SchemaResult, SchemaRole } from "../sidecar/messages/message_schemas.ts";
export type { ConversationOptions } from "../sidecar/options.ts";
export { untilMark } from "../sidecar/replies/mark.ts";
export type { MarkedUntil } from "../sidecar/replies/mark.ts";
export { resolveProtocol } from "../sidecar/protocol.ts";
export { linesToAnyNewline } from "../sidecar/replies/lines_to_any_newline.ts";
export type {
  FrameOf,
  JsonRpcPairing,
  PairingWay,
  ProtocolTap,
  ProtocolTypes,
  ReplyCorrelation,
  ReplyOf,
  SendOptions,
  SidecarConnection,
} from "../sidecar/protocol.ts";
export { LAST_WORDS_BYTES } from "../sidecar/incarnation/reader.ts";
export { LostReplies } from "../sidecar/json_rpc/lost_replies.ts";
export { PendingRequests } from "../sidecar/replies/pending_requests.ts";
export type { PendingRequest } from "../sidecar/replies/pending_requests.ts";
export type { FramePosition, ReplyStream } from "../sidecar/replies/reply_stream.ts";
export { jsonOrText } from "../sidecar/messages/shown_value.ts";
