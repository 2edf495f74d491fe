/**
 * Why a tree could not start, or could not go on.
 *
 * @module
 */

import type { Intensity } from "./intensity.ts";

/** A child could not be started. */
export class StartError extends Error {
  /** Stable, for programs. */
  readonly code = "start_failed";
  /** Which child, such as `workers/w1`. */
  readonly path: string;

  /** `cause` is why. */
  constructor(path: string, cause: Error) {
    // A supervisor that failed because of its child has nothing to add.
    super(cause instanceof StartError ? cause.message : `Cannot start '${path}': ${cause.message}`, {
      cause,
    });
    this.name = "StartError";
    this.path = cause instanceof StartError ? cause.path : path;
  }
}

/** A supervisor had more restarts than its intensity allows. */
export class GaveUpError extends Error {
  /** Stable, for programs. */
  readonly code = "gave_up";
  /** Which supervisor. */
  readonly path: string;

  /** `cause` is the failure that was one too many. */
  constructor(path: string, { restarts, within }: Intensity, cause: Error | undefined) {
    super(
      `Cannot keep '${path}' running: more than ${restarts} restarts within ${within} ms${
        cause ? `: ${cause.message}` : ""
      }`,
      { cause },
    );
    this.name = "GaveUpError";
    this.path = path;
  }
}
