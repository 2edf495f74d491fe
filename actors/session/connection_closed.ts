/**
 * The error of a request that its process has not answered. Where that has ended: -32000, as the SDK of MCP has it, with
 * what is known of that end.
 */

import { IncarnationEndedError, OutriderError, SidecarExitedError } from "@outrider/outrider";
import { innerMessage } from "@outrider/outrider/actor";

/** JSON-RPC's first code for implementations; the SDK's `ConnectionClosed`. */
const CONNECTION_CLOSED = -32_000;

/** JSON-RPC's own: that of a request that did not get through, or whose answer was dropped; its process lives on. */
const INTERNAL_ERROR = -32_603;

/** What is known of the end of a process. */
export interface ConnectionClosedData {
  /** How its incarnation ended, or why none had the request. */
  readonly reason: string;
  /** Which incarnation had the request, counted from 1; absent where none had. */
  readonly generation?: number;
  /** 128 and the signal's number where a signal ended it. */
  readonly exitCode?: number;
  /** The signal that ended it, if one did. */
  readonly signal?: string;
  /** Its last lines on stderr, oldest first. */
  readonly stderr?: readonly string[];
}

/** The codes of errors about one message. */
const OF_ONE_MESSAGE: readonly unknown[] = [
  "mailbox_full",
  "message_dropped",
  "unencodable_message",
  "sidecar_protocol",
  "sidecar_too_many_asks",
];

/** An error object of JSON-RPC; `own` replaces its code and the beginning of its message. */
export function connectionClosed(
  error: Error,
  own?: { readonly code: number; readonly message: string },
): { readonly code: number; readonly message: string; readonly data: ConnectionClosedData } {
  if (error instanceof OutriderError && OF_ONE_MESSAGE.includes(error.code)) {
    return { code: INTERNAL_ERROR, message: error.message, data: closedData(error) };
  }
  const { code, message } = own ?? { code: CONNECTION_CLOSED, message: "Connection closed" };
  const ended = error instanceof IncarnationEndedError && error.cause instanceof Error ? error.cause : error;
  return { code, message: `${message}: ${innerMessage(ended)}`, data: closedData(error) };
}

function closedData(error: Error): ConnectionClosedData {
  if (!(error instanceof IncarnationEndedError)) return { reason: error.message };
  const { generation, exit, cause } = error;
  const { reason } = exit;
  if (exit.reason === "normal") {
    return { reason, generation, exitCode: exit.code ?? 0, ...exit.signal && { signal: exit.signal } };
  }
  if (cause instanceof SidecarExitedError) {
    const { exitCode, signal, stderrTail: stderr } = cause;
    return { reason, generation, exitCode, ...signal !== undefined && { signal }, stderr };
  }
  const { stderrTail: stderr } = (cause ?? {}) as { readonly stderrTail?: readonly string[] };
  return { reason, generation, ...stderr !== undefined && { stderr } };
}
