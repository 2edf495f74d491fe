/**
 * A talk with one child, whether it is of a running tree or of a part that was started for it.
 */

import type { Exchange } from "./calls/exchange.ts";

/** Notifications to send around an ask. */
export interface NotificationsAround {
  readonly before: readonly unknown[];
  /** Sent whatever becomes of the ask. */
  readonly after: readonly unknown[];
}

/** How to ask. */
export interface AskWish {
  /** Milliseconds for the reply; `Infinity` for no limit. */
  readonly timeout?: number;
  /** Whether progress starts the timeout again. */
  readonly resetTimeoutOnProgress?: boolean;
  /** Milliseconds in all, then. */
  readonly maxTotalTimeout?: number;
  readonly around?: NotificationsAround;
}

/** The address of a child, as far as it is asked. */
export interface AskedRef {
  readonly path: string;
  ask(message: unknown, wish?: AskWish): Promise<unknown>;
}

/** A child that runs and is ready. */
export interface Conversation {
  readonly ref: AskedRef;
  /** Begins a talk in calls; `timeout` is in milliseconds, for each reply. */
  exchange(options: { readonly timeout: number }): Exchange;
  /** Aborts when the tree has ended, or a signal stops it. */
  readonly signal: AbortSignal;
  /** Whether a signal stopped it. */
  readonly isInterrupted: boolean;
  /** The last lines that the child wrote to standard error. */
  readonly tail: readonly string[];
}
