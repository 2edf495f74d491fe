/**
 * JSON-RPC messages as MCP has them, and the errors that the gateway itself answers with.
 *
 * Used by both sides of the gateway. The invariant: of a message that passes only what this folder names is read or
 * changed; all else goes through as it came.
 */

/** The id of a request. */
export type MessageId = string | number;

/** The params of a request or notification, as far as they are an object. */
export type MessageParams = Readonly<Record<string, unknown>>;

/** The error of a response. */
export interface ErrorBody {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** A request, a notification or a response. */
export interface McpMessage {
  readonly jsonrpc: "2.0";
  readonly id?: MessageId;
  readonly method?: string;
  readonly params?: MessageParams;
  readonly result?: unknown;
  readonly error?: ErrorBody;
}

/** How a request came out. */
export type ReplyBody = { readonly result: unknown } | { readonly error: ErrorBody };

/** The codes that the gateway uses; those of JSON-RPC, and two of MCP's official SDK. */
export const CODES = {
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  INTERNAL: -32603,
  /** The connection to a server is closed, or it is not there. */
  CLOSED: -32000,
  /** A server has not answered in time. */
  TIMEOUT: -32001,
  /** Of a client that offers only revisions that are not spoken. */
  VERSION: -32022,
} as const;

/** What a request fails with, as it is sent: thrown on its way to the answer, and no fault of the gateway's. */
export class RequestFailure {
  readonly body: ErrorBody;

  constructor(code: number, message: string, data?: unknown) {
    this.body = { code, message, ...data !== undefined && { data } };
  }

  get message(): string {
    return this.body.message;
  }

  /** With this body. */
  static of({ code, message, data }: ErrorBody): RequestFailure {
    return new RequestFailure(code, message, data);
  }
}

/** The error of a method that is not there. */
export function methodNotFound(method: string): ErrorBody {
  return { code: CODES.METHOD_NOT_FOUND, message: `Method not found: ${method}` };
}

/** `value` as an object, an empty one where it is not one. */
export function objectOf(value: unknown): MessageParams {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as MessageParams : {};
}

/** The field `name` of params. @throws {RequestFailure} it is not a text */
export function textParam(params: MessageParams | undefined, name: string): string {
  const value = params?.[name];
  if (typeof value === "string") return value;
  throw new RequestFailure(CODES.INVALID_PARAMS, `Invalid params: '${name}' must be a string`);
}

/** `error` as the answer to a request. */
export function errorBodyOf(error: unknown): ErrorBody {
  if (error instanceof RequestFailure) return error.body;
  return { code: CODES.INTERNAL, message: error instanceof Error ? error.message : String(error) };
}
