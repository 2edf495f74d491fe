/**
 * The protocol between a Deno worker and the actor that runs it: one JSON object a line.
 *
 * Items of a stream travel on credit: no more than {@linkcode ITEM_CREDIT} are on their way or unread, so a reader who
 * takes his time holds up his own stream, and no other answer.
 */

/** Items of a stream that the worker may send ahead of its reader. */
export const ITEM_CREDIT = 64;

/** To the worker. */
export type ToWorker =
  /** Calls a handler; without an `id`, no answer is expected. `stream`: the answer is expected to have many parts. */
  | { readonly id?: number; readonly call: string; readonly args?: unknown; readonly stream?: boolean }
  /** Cancels a call. */
  | { readonly cancel: number }
  /** The reader has taken `items` more. */
  | { readonly more: number; readonly items: number };

/** An error, as far as JSON can say it. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
}

/** From the worker. */
export type FromWorker =
  /** It is ready, and does these. */
  | { readonly serves: readonly string[] }
  /** The answer, whole; no `value` for `undefined`. */
  | { readonly id: number; readonly value?: unknown }
  | { readonly id: number; readonly error: WireError }
  /** The answer is a stream: its items and its end will follow, or an error. */
  | { readonly id: number; readonly open: true }
  | { readonly id: number; readonly item?: unknown; readonly at: number }
  | { readonly id: number; readonly end: true };
