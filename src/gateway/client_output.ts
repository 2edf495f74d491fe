/**
 * The way out to one client of the gateway, with a bound on what waits there.
 *
 * Reading from a server is paused for a client only while no reply is awaited, and over HTTP one client must not hold up
 * another; so one that does not read loses log messages and progress first, and then its connection.
 */

import type { McpMessage, MessageId } from "./messages.ts";
import type { PeerTransport } from "./transport.ts";

/** Bytes that wait for a client, beyond which it gets no log messages and no progress. */
export const MAX_UNREAD_LOGS = 4_194_304;
/** Bytes that wait for a client, beyond which it is cut off, if nothing else is said. */
export const MAX_UNREAD = 134_217_728;

/** What a client can do without. */
const SPARED = ["notifications/message", "notifications/progress"];

/** What becomes of a message of this method while so many bytes wait. Pure. */
export function fateOf(
  method: string | undefined,
  unread: number,
  maxUnread: number = MAX_UNREAD,
): "send" | "leave_out" | "cut" {
  if (unread > maxUnread) return "cut";
  return unread > MAX_UNREAD_LOGS && method !== undefined && SPARED.includes(method) ? "leave_out" : "send";
}

/** What is told of a client that does not read. */
export interface OutputListener {
  /** It does not get all messages any more. Called once. */
  onLeftOut(): void;
  /** Its connection was cut, for the reason `why`. */
  onCut(why: string): void;
}

/** The way out. */
export class ClientOutput {
  readonly #transport: PeerTransport;
  readonly #listener: OutputListener;
  readonly #maxUnread: number;
  /** Messages that were left out and that it was not told of. */
  #leftOut = 0;
  #isToldOf = false;

  constructor(transport: PeerTransport, listener: OutputListener, maxUnread: number = MAX_UNREAD) {
    this.#transport = transport;
    this.#listener = listener;
    this.#maxUnread = maxUnread;
  }

  /** Sends a message; a promise: more should wait. */
  send(message: McpMessage, relatedRequestId?: MessageId): Promise<void> | void {
    const fate = fateOf(message.method, this.#transport.unread ?? 0, this.#maxUnread);
    if (fate === "cut") return this.#cut();
    if (fate === "leave_out") return this.#leaveOut();
    if (this.#leftOut > 0) this.#tellLeftOut();
    return this.#write(message, relatedRequestId);
  }

  #write(message: McpMessage, relatedRequestId?: MessageId): Promise<void> | void {
    // Where it can't be sent, the client is gone or about to be: its transport says so.
    return this.#transport.send(message, relatedRequestId === undefined ? undefined : { relatedRequestId })
      ?.catch(() => {});
  }

  #leaveOut(): void {
    this.#leftOut++;
    if (this.#isToldOf) return;
    this.#isToldOf = true;
    this.#listener.onLeftOut();
  }

  /** Before the next message that it gets. */
  #tellLeftOut(): void {
    const data =
      `${this.#leftOut} messages of logs and progress were left out, as earlier ones were not read`;
    this.#leftOut = 0;
    const params = { level: "warning", logger: "outrider", data };
    void this.#write({ jsonrpc: "2.0", method: "notifications/message", params });
  }

  #cut(): void {
    const why = `more than ${this.#maxUnread} bytes wait that it has not read`;
    void (this.#transport.cut?.(why) ?? this.#transport.close()).catch(() => {});
    this.#listener.onCut(why);
  }
}
