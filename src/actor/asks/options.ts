/**
 * An ask as its two sides see it: the options and the answer of its caller, the reply of its actor.
 */

import { DELIVERY_KEYS, type DeliveryOptions } from "../mailbox/delivery.ts";
import { defaultMs } from "../../options/presets.ts";
import type { DurationInput } from "../../options/units.ts";

/** The default timeout of `ask`, in milliseconds: that of `gen_server:call` in Erlang/OTP. */
export const DEFAULT_ASK_TIMEOUT_MS: number = defaultMs("ask", "timeout");

/** The default of `maxTotalTimeout`, in milliseconds. */
export const DEFAULT_MAX_TOTAL_TIMEOUT_MS: number = defaultMs("ask", "maxTotalTimeout");

/** Options of `ask`. */
export interface AskOptions extends DeliveryOptions {
  /**
   * How long to wait for the reply: milliseconds, or a text such as `"10s"`; `Infinity` for no limit. Default
   * 5,000 ms.
   */
  readonly timeout?: DurationInput | undefined;
  /**
   * Whether progress starts `timeout` again: that of the request itself, which is asked for then, and that which a
   * language server reports of its own accord, such as indexing; while work that it says it has begun is not done, the
   * timeout does not run. An actor of yours calls {@linkcode Reply.reportProgress}. Default `false`.
   */
  readonly resetTimeoutOnProgress?: boolean | undefined;
  /** How long to wait in all, whatever progress there is; with `resetTimeoutOnProgress`. Default 10 minutes. */
  readonly maxTotalTimeout?: DurationInput | undefined;
  /** Gives the ask up when it aborts: the ask rejects with its reason. */
  readonly signal?: AbortSignal;
  /**
   * The reply that this ask is made for, in an actor that passes its messages on: if that times out, its error names what
   * was dropped here, too.
   */
  readonly inAnswerTo?: Reply<unknown> | undefined;
  /** See {@linkcode DetailedAskOptions}. */
  readonly detailed?: false | undefined;
}

/** The option of an `ask` that is answered with many frames, an async iterable. */
export interface IdleOption {
  /**
   * How long the reader waits for each frame behind the first, for which `timeout` counts; the loop ends with an
   * `AskTimeoutError` then, and the rest of the reply is let go. No limit unless set.
   */
  readonly idle?: DurationInput | undefined;
}

/** The keys of the options of `ask`. */
export const ASK_KEYS: readonly (keyof AskOptions | keyof IdleOption)[] = [
  "timeout",
  "resetTimeoutOnProgress",
  "maxTotalTimeout",
  "idle",
  "signal",
  "inAnswerTo",
  "detailed",
  ...DELIVERY_KEYS,
];

/** Options of an `ask` whose answer names the incarnation. */
export interface DetailedAskOptions extends Omit<AskOptions, "detailed"> {
  /** Fulfils the promise with an {@linkcode Answer} instead of the value. */
  readonly detailed: true;
}

/** A reply with the incarnation that sent it. */
export interface Answer<Value> {
  /** The value that the actor answered. */
  readonly value: Value;
  /** The incarnation that had the message, counted from 1. */
  readonly generation: number;
}

/** Answers an ask other than by the return value. It settles once; later calls become dead letters. */
export interface Reply<Value> {
  /** Whether the caller still waits. */
  readonly isOpen: boolean;
  /** Answers; a promise answers when it settles. Until then the reply is pending, and the caller's timeout runs. */
  resolve(value: Value | PromiseLike<Value>): void;
  /** Rejects the caller's promise with `error`. */
  reject(error: Error): void;
  /**
   * Called once when the caller gives up (timeout, abort) while the reply is pending, so that the work on it can stop. Not
   * called after the reply was settled, nor when the incarnation ends, nor for a caller that gave up before this was set:
   * `isOpen` is `false` then. An error that it throws ends the incarnation.
   */
  onGivenUp?: (() => void) | undefined;
  /**
   * Starts the timeout of the caller again; there only where that has `resetTimeoutOnProgress`. With `isUnderWay` it does
   * not run until the next call: work has begun whose end will be reported.
   */
  readonly reportProgress?: ((isUnderWay?: boolean) => void) | undefined;
}
