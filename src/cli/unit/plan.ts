/**
 * What a service manager is told of a manifest, before it is written in the words of one of them.
 */

import type { ServiceEnvironment } from "./environment.ts";

/** A command line and what holds for it. */
export interface ServicePlan {
  /** The tree's name. */
  readonly name: string;
  /** What the tree is for. */
  readonly description: string | undefined;
  /** The words of the command, programs and flags; none of them is quoted. */
  readonly command: readonly string[];
  /** The folder that it runs in: that of the manifest. */
  readonly cwd: string;
  /** What it is started with. */
  readonly environment: ServiceEnvironment;
  /** The command that fetches all modules it may need; `undefined`: it has them. */
  readonly fetch: readonly string[] | undefined;
  /** Whether it tells systemd how it is. */
  readonly notifies: boolean;
  /** Milliseconds that a stop may take, all in all. */
  readonly stopWithin: number;
}

/** Milliseconds that the manager waits beyond the stop of the tree. */
export const STOP_MARGIN_MS = 5_000;
