/**
 * The error of a JSON-RPC answer.
 *
 * @module
 */

/** What a sidecar answered instead of a result, or what a handler wants it to be answered. */
export class JsonRpcError extends Error {
  /** By JSON-RPC's table: -32601 is an unknown method, -32602 wrong params, -32800 (LSP) a cancelled request. */
  readonly code: number;
  /** What came with it. */
  readonly data: unknown;

  /** `code` is a whole number. */
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = "JsonRpcError";
    this.code = code;
    this.data = data;
  }
}

/** JSON-RPC's own codes. */
export const METHOD_NOT_FOUND = -32_601;
/** See {@linkcode METHOD_NOT_FOUND}. */
export const INTERNAL_ERROR = -32_603;
/** Of those that are left to implementations: too many requests at once. */
export const BUSY = -32_000;
