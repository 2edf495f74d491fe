/**
 * Reads values that a user's code made: what it threw, sent or returned.
 *
 * Used wherever such a value is looked at outside the code that made it. Nothing here throws, whatever the value does
 * when it is looked at: a getter that throws, a proxy (a revoked one, too), a `toString` of its own, a cause that is
 * its own cause.
 */

/** Errors that are followed from one to its cause; a chain that is longer, or a ring, is cut there. */
export const MAX_CAUSES = 64;

/** `value instanceof Error`; `false` also for a proxy that refuses to say. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** `value[name]`; `undefined` where there is no such field, and where it can't be read. */
export function readField(value: unknown, name: string): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}

/** The message of an error; a description if it is not a string. */
export function errorMessage(error: unknown): string {
  const message = readField(error, "message");
  if (typeof message === "string") return message;
  return message === undefined ? "an error without a message that can be read" : textOfValue(message);
}

/** The message of `error` behind another one, which says already that something can't go on. */
export function innerMessage(error: unknown): string {
  return errorMessage(error).replace(/^Cannot go on: /, "");
}

/** `String(value)`; for an object that has no such text, its kind. */
export function textOfValue(value: unknown): string {
  for (const text of [() => String(value), () => Object.prototype.toString.call(value)]) {
    try {
      return text();
    } catch {
      // Its own toString, Symbol.toPrimitive or Symbol.toStringTag throws, or it is a revoked proxy.
    }
  }
  return `a value of type ${typeof value} that can't be read`;
}

/** `error`, its cause, the cause of that and so on, as far as they are errors; at most {@linkcode MAX_CAUSES}. */
export function* causesOf(error: unknown): IterableIterator<Error> {
  let at = error;
  for (let left = MAX_CAUSES; left > 0 && isError(at); left--) {
    yield at;
    at = readField(at, "cause");
  }
}

/** Whether `value` is a promise, or anything else with a `then`. It throws what reading that throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { readonly then?: unknown }).then === "function";
}

/** Reports a rejection of a callback's result, as the callback may be an async function. */
export function onRejection(result: unknown, onRejected: (thrown: unknown) => void): void {
  try {
    if (isThenable(result)) new Promise((resolve) => resolve(result)).catch(onRejected);
  } catch (thrown) {
    onRejected(thrown);
  }
}
