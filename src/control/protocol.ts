/**
 * The protocol of a control socket: one JSON object a line, both ways.
 *
 * A request has an `id` that its reply carries; replies come as they are done, not in the order of the requests.
 * Each side validates input (`messages.ts`), and buffers no more than the limits here.
 */

import type { ChildStatus, TreePhase } from "../supervision/status.ts";
import type { SupervisionErrorCode } from "../supervision/supervision_errors.ts";

export type { TreePhase } from "../supervision/status.ts";

/** The longest request, in bytes, without its newline; a longer one ends the connection. */
export const MAX_REQUEST_BYTES = 16_384;
/** The longest reply that a client takes, in bytes: enough for the status of 30,000 children. */
export const MAX_REPLY_BYTES = 16_777_216;
/** Connections at a time; one more receives `busy` and is closed. */
export const MAX_CLIENTS = 16;
/** Requests that wait for a start or a stop, over all connections; one more receives `busy`. */
export const MAX_PENDING = 64;
/** Milliseconds after which a connection that asks nothing and waits for nothing is closed. */
export const CLIENT_IDLE_MS = 30_000;
/** Milliseconds that a client may take to read a reply before its connection is closed. */
export const REPLY_WITHIN_MS = 5_000;

/** A request to a running tree. */
export type ControlRequest =
  /** The tree as it stands. */
  | { readonly method: "status" }
  /** Starts the child at the path `child`; one that runs, or waits for a restart, is stopped first. */
  | { readonly method: "restart"; readonly child: string }
  /** Stops the child at the path `child`; it stays stopped until it is restarted by hand or with its group. */
  | { readonly method: "terminate"; readonly child: string }
  /** Stops the whole tree, as SIGTERM does. */
  | { readonly method: "stop" };

/** The stable codes of refused requests, which docs/errors.md explains. Those of supervisors are passed on unchanged. */
export type ControlRefusal =
  | SupervisionErrorCode
  | "bad_request"
  | "too_long"
  | "busy"
  | "temporary"
  | "start_failed"
  | "internal";

/** A child as it stands, with the record of its events; those below it are reported behind it. */
export interface ChildReport extends Omit<ChildStatus, "id" | "restarts" | "children"> {
  /** How often it was started again. */
  readonly restarts?: number | undefined;
}

/** The result of `status`. */
export interface TreeReport {
  /** The tree's name. */
  readonly name: string;
  /** The runtime's clock, in milliseconds since 1970: other times are to be compared with it. */
  readonly now: number;
  /** When the tree began to start, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Whether anything runs, or will without a further request. */
  readonly active: boolean;
  /** Where the tree as a whole stands; a runtime of an older version does not say. */
  readonly phase?: TreePhase | undefined;
  /** All children, each followed by those below it, in start order. */
  readonly children: readonly ChildReport[];
}

/** A request's number, chosen by the client. */
export type RequestId = number | string;

/** One line of a client. */
export type RequestLine = ControlRequest & { readonly id: RequestId };

/** One line of the runtime; `id` is `null` where the request could not be identified. */
export type ReplyLine = Readonly<
  | { id: RequestId; result: unknown }
  | { id: RequestId | null; error: { readonly code: string; readonly message: string } }
>;
