/**
 * What becomes of a message of a pool that failed in a copy. Pure.
 */

import { ActorStoppedError, type DeliveryOptions, IncarnationEndedError } from "@outrider/outrider";
import { DEFAULT_ATTEMPTS } from "@outrider/outrider/actor";
import { isWanted, type PoolCopy, type PoolMessage } from "./copy.ts";

/** A message goes back to the line so often when the copy that has it ends before it handled it; then it fails. */
export const MAX_MOVES = 3;

/** The reason that ends an ask to a copy when its message may go to another one. */
export const RECALLED: Error = new Error("Cannot wait for this copy: another one may be free");

/** The delivery options of the sender, else of the pool. */
export function resolveDelivery(
  own: DeliveryOptions | undefined,
  pool: DeliveryOptions | undefined,
): DeliveryOptions | undefined {
  if (own === undefined || pool === undefined) return own ?? pool;
  return { onDeath: own.onDeath ?? pool.onDeath, attempts: own.attempts ?? pool.attempts };
}

/** The end of the copy that had the message, if that made it fail. */
export function deathOfCopy(error: Error, { path }: PoolCopy): IncarnationEndedError | undefined {
  return error instanceof IncarnationEndedError && error.path === path ? error : undefined;
}

/** A failed message: its error, or `undefined` if it goes back to the queue; and its counts from now on. */
export interface MessageFailure extends Pick<PoolMessage, "attempts" | "moves"> {
  readonly error: Error | undefined;
}

/** Decides the fate of `item`, which failed with `error`. */
export function decideAfterFailure(item: PoolMessage, error: Error): MessageFailure {
  const { copy, delivery, moves } = item;
  const death = deathOfCopy(error, copy!);
  if (death !== undefined) {
    const had = item.attempts + 1;
    const { onDeath, attempts = DEFAULT_ATTEMPTS } = delivery ?? {};
    if (onDeath === "replay" && had < attempts && isWanted(item)) {
      return { attempts: had, moves, error: undefined };
    }
    // The last of several ends says how many there were.
    const { path, generation, exit } = death;
    return {
      attempts: had,
      moves,
      error: had > 1 ? new IncarnationEndedError(path, generation, exit, had) : error,
    };
  }
  if (!isUnhandled(error, copy!)) return { ...item, error };
  if (moves < MAX_MOVES) return { ...item, moves: moves + 1, error: undefined };
  const why = `it ended before it handled the message, which ${MAX_MOVES} others had done before`;
  return { ...item, error: new ActorStoppedError(copy!.path, why, { cause: copy!.cause }) };
}

/** Whether a message that failed like that was never taken by the copy: its place was closed, or we took it back. */
function isUnhandled(error: Error, { path }: PoolCopy): boolean {
  return error === RECALLED || (error instanceof ActorStoppedError && error.path === path);
}
