/**
 * `@std/async` for a machine that reaches only the npm registry: std's own JavaScript, given std's types. File by
 * file, because the package's `async/mod.js` does not load.
 */
import { abortable as abortable_ } from "npm:deno-std@1.4.0/async/abortable.js";
import { deadline as deadline_ } from "npm:deno-std@1.4.0/async/deadline.js";
import { delay as delay_ } from "npm:deno-std@1.4.0/async/delay.js";
import { MuxAsyncIterator as Mux } from "npm:deno-std@1.4.0/async/mux_async_iterator.js";
import { pooledMap as pooledMap_ } from "npm:deno-std@1.4.0/async/pool.js";
import { retry as retry_, RetryError as RetryError_ } from "npm:deno-std@1.4.0/async/retry.js";
import { tee as tee_ } from "npm:deno-std@1.4.0/async/tee.js";

export interface DelayOptions {
  signal?: AbortSignal;
  /** Whether the timer keeps the process alive. */
  persistent?: boolean;
}

export interface DeadlineOptions {
  signal?: AbortSignal;
}

export interface RetryOptions {
  multiplier?: number;
  /** Milliseconds. */
  maxTimeout?: number;
  maxAttempts?: number;
  /** Milliseconds. */
  minTimeout?: number;
  jitter?: number;
  isRetriable?: (error: unknown) => boolean;
  signal?: AbortSignal;
}

/** Joins several async iterables into one, in the order their values arrive. */
export interface MuxAsyncIterator<T> extends AsyncIterable<T> {
  add(iterable: AsyncIterable<T>): void;
  iterate(): AsyncIterableIterator<T>;
}

export interface RetryError extends Error {
  readonly name: "RetryError";
}

type TupleOf<T, N extends number, R extends unknown[]> = R["length"] extends N ? R : TupleOf<T, N, [T, ...R]>;
/** `N` times `T`. */
export type Tuple<T, N extends number> = N extends N ? number extends N ? T[] : TupleOf<T, N, []> : never;

export const MuxAsyncIterator: new <T>() => MuxAsyncIterator<T> = Mux;
export const RetryError: new (cause: unknown, attempts: number) => RetryError = RetryError_;
export const abortable: {
  <T>(p: Promise<T>, signal: AbortSignal): Promise<T>;
  <T>(p: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T>;
} = abortable_;
export const deadline: <T>(p: Promise<T>, ms: number, options?: DeadlineOptions) => Promise<T> = deadline_;
export const delay: (ms: number, options?: DelayOptions) => Promise<void> = delay_;
export const pooledMap: <T, R>(
  poolLimit: number,
  array: Iterable<T> | AsyncIterable<T>,
  iteratorFn: (data: T) => Promise<R>,
) => AsyncIterableIterator<R> = pooledMap_;
export const retry: <T>(fn: (() => Promise<T>) | (() => T), options?: RetryOptions) => Promise<T> = retry_;
export const tee: <T, N extends number = 2>(
  iterable: AsyncIterable<T>,
  n?: N,
) => Tuple<AsyncIterable<T>, N> = tee_;
