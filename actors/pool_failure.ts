/**
 * What becomes of a message that its copy did not answer. Pure.
 *
 * @module
 */

import {
  ActorStoppedError,
  AskAbortedError,
  DEFAULT_ATTEMPTS,
  IncarnationEndedError,
} from "@outrider/outrider";
import type { DeliveryOptions } from "@outrider/outrider";
import { isWanted } from "./pool_copy.ts";
import type { Copy, Item } from "./pool_copy.ts";

/** A message goes back to the line so often when the copy that has it ends before it handled it; then it fails. */
export const MAX_MOVES = 3;

/** Why an ask to a copy is ended whose message may go to another one. */
export const RECALLED: Error = new Error("Cannot wait for this copy: another one may be free");

/** What the sender says, else the pool. */
export function deliveryFor(
  own: DeliveryOptions | undefined,
  pool: DeliveryOptions | undefined,
): DeliveryOptions | undefined {
  if (own === undefined || pool === undefined) return own ?? pool;
  return { onDeath: own.onDeath ?? pool.onDeath, attempts: own.attempts ?? pool.attempts };
}

/** The end of the copy that had it, if that is what it failed of. */
export function deathOf(error: Error, { path }: Copy): IncarnationEndedError | undefined {
  return error instanceof IncarnationEndedError && error.path === path ? error : undefined;
}

/** A message that failed: with what, or `undefined` for one that goes back to the line; and its counts from now on. */
export interface Failure extends Pick<Item, "had" | "moves"> {
  readonly error: Error | undefined;
}

/** What becomes of `item`, which failed with `error`. */
export function failureOf(item: Item, error: Error): Failure {
  const { copy, delivery, moves } = item;
  const death = deathOf(error, copy!);
  if (death !== undefined) {
    const had = item.had + 1;
    const { onDeath, attempts = DEFAULT_ATTEMPTS } = delivery ?? {};
    if (onDeath === "replay" && had < attempts && isWanted(item)) return { had, moves, error: undefined };
    // The last of several ends says how many there were.
    const { path, generation, exit } = death;
    return { had, moves, error: had > 1 ? new IncarnationEndedError(path, generation, exit, had) : error };
  }
  if (!isUnhandled(error, copy!)) return { ...item, error };
  if (moves < MAX_MOVES) return { ...item, moves: moves + 1, error: undefined };
  const why = `it ended before it handled the message, which ${MAX_MOVES} others had done before`;
  return { ...item, error: new ActorStoppedError(copy!.path, why, { cause: copy!.cause }) };
}

/** Whether a message that failed like that was never taken by the copy: its place was closed, or we took it back. */
function isUnhandled(error: Error, { path }: Copy): boolean {
  return error instanceof AskAbortedError
    ? error.cause === RECALLED
    : error instanceof ActorStoppedError && error.path === path;
}
