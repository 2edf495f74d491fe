/**
 * The class that every error of this package extends, so that one `instanceof` tells them from others.
 *
 * @module
 */

/**
 * An error that this package made. Tell errors apart by `code`, which stays the same between versions; the message is
 * for people. `cause` is the error behind it, where there is one.
 *
 * @example Find out why an ask failed
 * ```ts
 * import { actor, OutriderError, start, supervisor } from "@outrider/outrider";
 *
 * const silent = actor("silent", () => ({ receive: () => new Promise<never>(() => {}) }));
 * await using system = await start(supervisor("root", [silent]));
 * try {
 *   await system.ref(silent).ask("hello?", { timeout: 10 });
 * } catch (error) {
 *   if (!(error instanceof OutriderError)) throw error;
 *   console.log(error.code); // ask_timeout
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
