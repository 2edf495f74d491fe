/**
 * How requests to a pool fail.
 *
 * @module
 */

/** The stable codes of {@linkcode PoolError}. */
export type PoolErrorCode = "no_pool" | "not_replaced";

/** A request to a pool that came to nothing. */
export class PoolError extends Error {
  /** Stable, for programs. */
  readonly code: PoolErrorCode;
  /** The place in the tree: of the pool, or of the copy that could not be replaced. */
  readonly path: string;
  /** Of a replacement that stopped: the paths of the copies that are new by then. */
  readonly replaced: readonly string[];

  /** Made by the functions for pools. */
  constructor(
    code: PoolErrorCode,
    message: string,
    { path, cause, replaced = [] }: { path: string; cause?: unknown; replaced?: readonly string[] },
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.name = "PoolError";
    this.code = code;
    this.path = path;
    this.replaced = replaced;
  }
}
