/**
 * The dependencies that a tree was given for its actors: in tests, fakes of the world outside.
 *
 * It is behind a context and not in it, so that an actor of a user's has nothing to do with it; who gives it and who takes
 * it share its type, as sidecars do in `process/injected.ts`.
 *
 * @module
 */

/** The way from the context of an incarnation to what its tree was given. */
export const INJECTED: unique symbol = Symbol("injected");

/** The dependencies of the tree of `context`; none for a context outside a tree (in a test). */
export function injectedOf<Injected extends object>(context: object): Partial<Injected> {
  return (context as { readonly [INJECTED]?: Partial<Injected> })[INJECTED] ?? {};
}
