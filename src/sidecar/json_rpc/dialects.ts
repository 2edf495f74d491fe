/**
 * Dialects: the parts that JSON-RPC leaves open, cancellation and progress.
 */

import type { JsonValue } from "../../process/codecs/json.ts";
import type { LineLevel } from "../../process/pipes/logged_lines.ts";

/** The id of a request. */
export type JsonRpcId = string | number | null;

/** A message that wants no answer. */
export interface JsonRpcNotification {
  /** Its name. */
  readonly method: string;
  /** As they came. */
  readonly params?: JsonValue;
}

/** A report of progress. */
export interface JsonRpcProgress {
  /** Of the request, or the sidecar's own. */
  readonly token: unknown;
  /** What is said of it. */
  readonly value: JsonValue;
  /** Whether its end will be reported, too. Default: that is not known. */
  readonly isUnderWay?: boolean;
}

/** A message for people that a server sends as a notification. */
export interface JsonRpcLogLine {
  /** The message; it may have several lines. */
  readonly text: string;
  /** How important the server says it is. */
  readonly level: LineLevel;
}

/** Cancellation, progress and log messages in one family of servers. */
export interface JsonRpcDialect {
  /** The notification that takes request `id` back. */
  cancel(id: JsonRpcId, reason: string): { readonly method: string; readonly params: JsonValue };
  /** The request that `notification` takes back; `undefined` if it is about something else. */
  cancelled(notification: JsonRpcNotification): JsonRpcId | undefined;
  /** The error code that answers a request which the sidecar has cancelled; `undefined`: no answer. */
  readonly cancelledCode: number | undefined;
  /**
   * The request by which a sidecar that need not answer what was cancelled shows that it does not hang, under
   * `whenGivenUp: { restart }`. Default: none; the cancelled request itself is to be answered.
   */
  readonly ping?: string;
  /** Adds the token under which progress is reported to the params. */
  withToken(params: unknown, token: number): unknown;
  /** Returns the token and the value, if `notification` reports progress. */
  progress(notification: JsonRpcNotification): JsonRpcProgress | undefined;
  /** Returns the log message that `notification` is, if it is one; it is shown among the lines of stderr. */
  logLine?(notification: JsonRpcNotification): JsonRpcLogLine | undefined;
}

type Fields = { readonly [name: string]: JsonValue };

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : {};
}

function idOf(value: JsonValue | undefined): JsonRpcId | undefined {
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

/** The levels of LSP's message types, by their number: error, warning, info, log, debug. */
const LSP_LEVELS: readonly LineLevel[] = ["info", "error", "warn", "info", "info", "debug"];

/** The levels of MCP that are neither `info` nor `notice`. */
const MCP_LEVELS: Readonly<Record<string, LineLevel>> = {
  debug: "debug",
  warning: "warn",
  error: "error",
  critical: "error",
  alert: "error",
  emergency: "error",
};

function lspLogLine(params: JsonValue | undefined): JsonRpcLogLine {
  const { type, message } = fields(params);
  return { text: textOf(message), level: LSP_LEVELS[Number(type)] ?? "info" };
}

function mcpLogLine(params: JsonValue | undefined): JsonRpcLogLine {
  const { level, logger, data } = fields(params);
  const text = textOf(data);
  return {
    text: typeof logger === "string" && logger !== "" ? `${logger}: ${text}` : text,
    level: Object.hasOwn(MCP_LEVELS, String(level)) ? MCP_LEVELS[String(level)]! : "info",
  };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

/**
 * The Language Server Protocol 3.17: `$/cancelRequest`, `$/progress`, `workDoneToken`, `window/logMessage`,
 * `window/showMessage`.
 */
export const LSP: JsonRpcDialect = {
  cancel: (id) => ({ method: "$/cancelRequest", params: { id } }),
  cancelled: ({ method, params }) => method === "$/cancelRequest" ? idOf(fields(params).id) : undefined,
  cancelledCode: -32_800,
  withToken: (params, workDoneToken) => ({ ...fields(params), workDoneToken }),
  progress({ method, params }) {
    if (method !== "$/progress") return undefined;
    const { token, value = null } = fields(params);
    const { kind } = fields(value);
    return { token, value, isUnderWay: kind === "begin" || kind === "report" };
  },
  logLine: ({ method, params }) =>
    method === "window/logMessage" || method === "window/showMessage" ? lspLogLine(params) : undefined,
};

/**
 * The Model Context Protocol, 2025-06-18: `notifications/cancelled`, `notifications/progress`, `_meta.progressToken`,
 * `notifications/message`.
 */
export const MCP: JsonRpcDialect = {
  cancel: (requestId, reason) => ({ method: "notifications/cancelled", params: { requestId, reason } }),
  cancelled: ({ method, params }) =>
    method === "notifications/cancelled" ? idOf(fields(params).requestId) : undefined,
  cancelledCode: undefined,
  ping: "ping",
  withToken: (params, progressToken) => ({
    ...fields(params),
    _meta: { ...fields(fields(params)._meta), progressToken },
  }),
  progress({ method, params }) {
    if (method !== "notifications/progress") return undefined;
    const { progressToken, ...value } = fields(params);
    return { token: progressToken, value };
  },
  logLine: ({ method, params }) => method === "notifications/message" ? mcpLogLine(params) : undefined,
};
