/**
 * The messages of a JSON-RPC conversation, as its two sides see them.
 */

import type { JsonValue } from "../../process/codecs/json.ts";
import type { JsonRpcDialect, JsonRpcId, JsonRpcNotification } from "./dialects.ts";
import type { LineLevel } from "../../process/pipes/logged_lines.ts";
import type { Timers } from "../../time/clock.ts";
import { OutriderError } from "../../outrider_error.ts";

/** The message of `ask` and `tell`; an array of them is a batch. */
export interface JsonRpcCall {
  /** Its name. */
  readonly method: string;
  /** An object or an array; left out where there is nothing to say. */
  readonly params?: unknown;
  /** Called with the progress that the sidecar reports, where the dialect defines progress. */
  readonly onProgress?: (progress: JsonValue) => void;
  /**
   * Called when the reply has come, before the ask settles with it: what subscribers got until then came before it. The
   * ask fails with what it throws.
   */
  readonly onReply?: (() => void) | undefined;
  /** In a batch that is asked: nothing is to be answered to this one. */
  readonly notification?: boolean;
}

/** The answer to a batch: one outcome for each call that is not a notification, in the order of the calls. */
export type JsonRpcBatch = PromiseSettledResult<JsonValue>[];

/** The argument of a handler of the sidecar's requests. */
export interface JsonRpcRequest {
  /** Its name. */
  readonly method: string;
  /** As the sidecar sent them. */
  readonly params: JsonValue | undefined;
  /** Aborts when the sidecar takes its request back, or ends. */
  readonly signal: AbortSignal;
  /** The sidecar that asks. */
  readonly peer: JsonRpcPeer;
}

/** Answers a request of the sidecar: its return value is the result; a `JsonRpcError` is sent as it is. */
export type JsonRpcHandler = (request: JsonRpcRequest) => unknown;

/** The sidecar, for code that bypasses its mailbox: handlers, the handshake and the shutdown request. */
export interface JsonRpcPeer {
  /** Asks, and waits for the result until the sidecar ends. @throws {JsonRpcError} */
  request(method: string, params?: unknown): Promise<JsonValue>;
  /** Sends a notification. A promise: the pipe is full until it settles; large ones in a row wait for it. */
  notify(method: string, params?: unknown): void | Promise<void>;
  /** Shows a text in the log, a line for each of its lines. Default level `info`. */
  note(text: string, level?: LineLevel): void;
  /** Aborts when the sidecar has ended. */
  readonly signal: AbortSignal;
  /** The sidecar's place in the tree. */
  readonly path: string;
  /** Which incarnation, counted from 1. */
  readonly generation: number;
  /** The tree's time. */
  readonly clock: Timers;
}

/** Options of `jsonrpc`. */
export interface JsonRpcOptions {
  /** One message a line (as MCP has it), or behind `Content-Length` headers (as LSP has it). Default `"lines"`. */
  readonly framing?: "lines" | "headers";
  /** How to cancel and report progress: `LSP`, `MCP`, or your own. Default: neither. */
  readonly dialect?: JsonRpcDialect;
  /** Handlers of the sidecar's requests, by method. Default: none; it gets "method not found". */
  readonly handlers?: Readonly<Record<string, JsonRpcHandler>>;
  /** The handshake; the sidecar is ready when it is fulfilled. */
  readonly handshake?: (peer: JsonRpcPeer) => Promise<void>;
  /** The orderly goodbye, before stdin is closed; `timeUp` aborts just before the stop sequence goes on without it. */
  readonly requestShutdown?: (peer: JsonRpcPeer, timeUp: AbortSignal) => Promise<void>;
  /** Answers a call without the sidecar, such as the result of the handshake; `undefined` asks the sidecar. */
  readonly known?: (call: JsonRpcCall, peer: JsonRpcPeer) => JsonValue | undefined;
  /** Returns why a request is not sent, such as that the sidecar lacks the method; its caller gets that error. */
  readonly refuse?: (call: JsonRpcCall, peer: JsonRpcPeer) => Error | undefined;
  /**
   * Looks at each message before it is written, and returns what is written in its place; `undefined` leaves a
   * notification out. A notification is the object that was told: it comes again if it is among `unsent`.
   */
  readonly outgoing?: (call: JsonRpcCall, peer: JsonRpcPeer) => JsonRpcCall | undefined;
  /**
   * Called with the result of each request of a caller; not of the peer's own. A value that it returns, or a promise of
   * one, is the answer in its place; `isWanted` tells whether the caller still waits.
   */
  readonly answered?: (
    result: JsonValue,
    call: JsonRpcCall,
    peer: JsonRpcPeer,
    isWanted: () => boolean,
  ) => unknown;
  /** Called at the end of a sidecar with the messages that were framed and never written: the next one gets them. */
  readonly unsent?: (messages: readonly unknown[], peer: JsonRpcPeer) => void;
  /** Called with each notification before the subscribers. */
  readonly onNotification?: (notification: JsonRpcNotification, peer: JsonRpcPeer) => void;
}

/** The error that a sidecar answered with, or that a handler answers a sidecar with. */
export class JsonRpcError extends OutriderError {
  /**
   * By JSON-RPC's table: -32601 is an unknown method, -32602 wrong params, -32800 (LSP) a cancelled request; NaN where the
   * error had no whole number as its code.
   */
  readonly code: number;
  /** Its `data`. */
  readonly data: unknown;

  /** `code` is a whole number. */
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** JSON-RPC's own codes. */
export const INVALID_REQUEST = -32_600;
/** See {@linkcode INVALID_REQUEST}. */
export const METHOD_NOT_FOUND = -32_601;
/** See {@linkcode INVALID_REQUEST}. */
export const INTERNAL_ERROR = -32_603;
/** Of those that are left to implementations: too many requests at once. */
export const BUSY = -32_000;

/** A message of the sidecar, if it is an object. */
export type IncomingMessage = Readonly<Record<string, JsonValue>>;

/** Whether it is an object, and no array. */
export function isRecord(value: unknown): value is IncomingMessage {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether it is the id of a request. */
export function isJsonRpcId(id: unknown): id is JsonRpcId {
  return typeof id === "string" || typeof id === "number" || id === null;
}

/** Whether it wants an answer. */
export function isRequest(message: IncomingMessage): boolean {
  return typeof message.method === "string" && "id" in message;
}

/** The error of an answer, whatever was sent as one. */
export function replyError(error: JsonValue | undefined): Error {
  if (!isRecord(error)) {
    return new JsonRpcError(NaN, `an error without code and message: ${JSON.stringify(error)}`);
  }
  const { code, message, data } = error;
  // A message that is not a text is shown as it came: `String` of an object asks it for its `toString`.
  const text = typeof message === "string"
    ? message
    : JSON.stringify(message) ?? "an error without a message";
  return new JsonRpcError(Number.isInteger(code) ? code as number : NaN, text, data);
}
