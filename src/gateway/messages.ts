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

/** A request on its way to a server. */
export interface Forwarded {
  readonly method: string;
  readonly params: MessageParams | undefined;
  /** Whether it is to stay open: then it has no timeout, and takes no other's place. */
  readonly isOpenEnded?: boolean;
  /** Whether it is the gateway's own, which has another timeout. */
  readonly isOwn?: boolean;
  /** Takes the answer: a message whose id is not the client's. */
  readonly onReply: (reply: McpMessage) => void | Promise<void>;
  /** Takes progress, whose token is put back. */
  readonly onProgress?: ((params: MessageParams) => void | Promise<void>) | undefined;
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

/** Whether `value` is an object with fields. */
export function hasFields(value: unknown): value is MessageParams {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether `value` can be the id of a request. */
export function isMessageId(value: unknown): value is MessageId {
  return typeof value === "string" || typeof value === "number";
}

/** What is wrong with a request or notification, as a clause; `undefined`: it can be passed on. Pure. */
export function messageFault({ id, method, params }: McpMessage): string | undefined {
  if (typeof method !== "string") return "its method is not a string";
  if (id !== undefined && !isMessageId(id)) return "its id is neither a string nor a number";
  // Some write `null` for nothing.
  if (params !== undefined && params !== null && !hasFields(params)) return "its params are not an object";
  if (method === "notifications/message" && typeof params?.level !== "string") {
    return "its level is not a string";
  }
  return undefined;
}

/** How a request came out by the answer of `whose`; an error where that is not one. Pure. */
export function replyBodyOf({ result, error }: McpMessage, whose: string): ReplyBody {
  // Some write `null` for no error.
  if (error === undefined || error === null) {
    if (hasFields(result)) return { result };
    return { error: { code: CODES.INTERNAL, message: `${whose} has sent an answer without a result` } };
  }
  if (typeof error.code === "number" && typeof error.message === "string") return { error };
  const message = `${whose} has sent an answer whose error is not one of JSON-RPC`;
  return { error: { code: CODES.INTERNAL, message, data: { error } } };
}

/** The answer of the server `name`: as it came, or an error in its place. Of the hot path. */
export function soundReply(reply: McpMessage, name: string): McpMessage {
  if (reply.error === undefined && hasFields(reply.result)) return reply;
  return { jsonrpc: "2.0", ...replyBodyOf(reply, `The server '${name}'`) };
}

/** `value` as an object, an empty one where it is not one. */
export function objectOf(value: unknown): MessageParams {
  return hasFields(value) ? value : {};
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
