/**
 * What a tree was given for the work of its own kinds of actors: in tests, stand-ins for the world outside.
 *
 * It is behind a context and not in it, so that an actor of a user's has nothing to do with it; who gives it and who takes
 * it share its type, as sidecars do in `process/injected.ts`.
 *
 * @module
 */

/** The way from the context of an incarnation to what its tree was given. */
export const INJECTED: unique symbol = Symbol("injected");

/** What the tree of `context` was given; of a context that is none of a tree's (in a test), nothing. */
export function injectedOf<Injected extends object>(context: object): Partial<Injected> {
  return (context as { readonly [INJECTED]?: Partial<Injected> })[INJECTED] ?? {};
}
