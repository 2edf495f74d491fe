/**
 * The class that every error of this package extends, so that one `instanceof` tells them from others.
 */

/**
 * An error that this package made. Tell errors apart by `code`, which stays the same between versions; the message is
 * for people. `cause` is the error behind it, where there is one.
 *
 * @example
 * ```ts
 * import { actor, OutriderError, start, supervisor } from "@outrider/outrider";
 *
 * await using system = await start(supervisor("root", [actor("ann", () => ({ receive() {} }))]));
 * try {
 *   system.ref("bob");
 * } catch (error) {
 *   if (!(error instanceof OutriderError)) throw error;
 *   console.log(error.code); // unknown_actor
 * }
 * ```
 */
export abstract class OutriderError extends Error {
  /** Stable, for programs: `docs/errors.md` lists all of them. A number only for a `JsonRpcError`. */
  abstract readonly code: string | number;

  /** Sets `name` to the name of the subclass. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
