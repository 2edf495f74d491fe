/**
 * Ways to let other work go first: that of this turn of the event loop, or of all until the next one.
 */

/** Enough for the start or the end of an actor that waits for nothing. */
const MICROTASKS = 32;

/**
 * Has `setImmediate`, which calls `fn` in the next turn of the event loop. It is the global function: an import of
 * `node:timers` loads twenty modules of Deno's at the start of every program, as the first look at the function does; and
 * the types of Deno 2.6 do not know the global.
 */
export const eventLoop: { setImmediate(fn: () => void): void } = globalThis as never;

/**
 * Resolves some microtasks later, when work that waits for nothing is done: only what is left is worth a timer. Deno loads
 * its timers with the first one, which takes a quarter of the time of an empty program.
 */
export async function afterMicrotasks(): Promise<undefined> {
  for (let i = 0; i < MICROTASKS; i++) await undefined;
}
