/**
 * The connection of one client to one server: the part of the official SDK's `Transport` that the gateway uses, on both
 * of its sides.
 */

import type { McpMessage } from "./messages.ts";

/** One side of a connection. */
export interface PeerTransport {
  /** Begins to read; the three callbacks are set before. */
  start(): Promise<void>;
  /**
   * Sends a message; a promise: more should wait until it is fulfilled. `relatedRequestId`: over HTTP, the request whose
   * stream it goes into.
   */
  send(message: McpMessage, options?: { readonly relatedRequestId?: string | number }): void | Promise<void>;
  /** Bytes that wait for the other end to read them, where that is known. */
  readonly unread?: number | undefined;
  /** Ends the connection. */
  close(): Promise<void>;
  /** Ends it for the reason `why`, without what waits. */
  cut?(why: string): Promise<void>;
  /** Takes each message; where it gives a promise, the transport may wait for it before it reads on. */
  // deno-lint-ignore no-explicit-any -- the SDK's own messages have closer types, which fit both ways
  onmessage?: ((message: any, extra?: any) => void | Promise<void>) | undefined;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
}
